#include <benchmark/benchmark.h>

#include "micro/bytes.h"
#include "model/native_message.h"

namespace godwit::bench {
namespace {

// Arguments: messages a batch, body bytes. Properties are the 20 bytes that a small AMQP header takes.
void sizes(benchmark::internal::Benchmark* each) {
  for (const int64_t body : {100, 1024}) {
    for (const int64_t messages : {1, 16, 256}) each->Args({messages, body});
  }
}

model::NativeMessage message_of(const ByteVec& properties, const ByteVec& body) {
  model::NativeMessage message;
  message.origin = model::Origin::kAmqp091;
  message.properties = properties;
  message.body = body;
  return message;
}

model::Batch batch_of(int64_t messages, const model::NativeMessage& message) {
  model::NativeBatchBuilder builder;
  for (int64_t n = 0; n < messages; ++n) builder.add(message);
  return builder.seal(1'700'000'000'000);
}

// The path of a publish: messages into one batch, sealed with its CRC.
void build_batch(benchmark::State& state) {
  const ByteVec properties = random_bytes(20);
  const ByteVec body = random_bytes(static_cast<size_t>(state.range(1)));
  const model::NativeMessage message = message_of(properties, body);
  for (auto _ : state) benchmark::DoNotOptimize(batch_of(state.range(0), message));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(build_batch)->Apply(sizes);

// The path of a delivery: every message of a batch looked at.
void walk_batch(benchmark::State& state) {
  const ByteVec properties = random_bytes(20);
  const ByteVec body = random_bytes(static_cast<size_t>(state.range(1)));
  const model::Batch batch = batch_of(state.range(0), message_of(properties, body));
  for (auto _ : state) {
    model::NativeBatchReader reader(batch.payload);
    model::NativeMessage message;
    uint64_t bytes = 0;
    while (reader.next(message)) bytes += message.body.size();
    benchmark::DoNotOptimize(bytes);
    if (reader.corrupt()) state.SkipWithError("the batch is corrupt");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(walk_batch)->Apply(sizes);

// Recovery and disk reads: header and payload checked against their CRCs.
void read_stored_batch(benchmark::State& state) {
  const ByteVec properties = random_bytes(20);
  const ByteVec body = random_bytes(static_cast<size_t>(state.range(1)));
  const model::Batch batch = batch_of(state.range(0), message_of(properties, body));
  ByteVec stored;
  Writer writer(stored);
  model::write_batch_header(writer, batch.header);
  writer.bytes(batch.payload);
  const Slice bytes = Slice::take(std::move(stored));
  for (auto _ : state) {
    const Result<model::Batch> read = model::read_batch(bytes);
    if (!read) state.SkipWithError("the batch does not read back");
    benchmark::DoNotOptimize(read);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(read_stored_batch)->Apply(sizes);

}  // namespace
}  // namespace godwit::bench
