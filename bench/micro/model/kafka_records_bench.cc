#include <benchmark/benchmark.h>

#include "micro/bytes.h"
#include "model/kafka_records.h"

namespace godwit::bench {
namespace {

// Arguments: records a batch, value bytes.
void sizes(benchmark::internal::Benchmark* each) { each->Args({1, 100})->Args({1000, 100})->Args({1000, 1024}); }

Slice batch_of(int64_t records, size_t value_bytes) {
  const ByteVec value = random_bytes(value_bytes);
  model::KafkaBatchBuilder builder;
  model::KafkaRecord record;
  record.timestamp_ms = 1'700'000'000'000;
  record.value = value;
  for (int64_t n = 0; n < records; ++n) builder.add(record);
  return Slice::take(builder.finish().value());
}

Slice batch_for(const benchmark::State& state) { return batch_of(state.range(0), static_cast<size_t>(state.range(1))); }

// A produce request: the batch is checked and stored as it is.
void check_batch(benchmark::State& state) {
  const Slice batch = batch_for(state);
  for (auto _ : state) {
    const auto header = model::check_kafka_batch(batch);
    if (!header) state.SkipWithError("the batch does not pass");
    benchmark::DoNotOptimize(header);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(check_batch)->Apply(sizes);

// A reader of another protocol: every record looked at.
void walk_records(benchmark::State& state) {
  const Slice batch = batch_for(state);
  for (auto _ : state) {
    auto reader = model::KafkaRecordReader::open(batch, 0);
    if (!reader) return state.SkipWithError("the batch does not open");
    model::KafkaRecord record;
    uint64_t bytes = 0;
    while (reader->next(record)) bytes += record.value->size();
    benchmark::DoNotOptimize(bytes);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(walk_records)->Apply(sizes);

}  // namespace
}  // namespace godwit::bench
