#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "protocol/amqp091/connection.h"
#include "protocol/amqp091/wire/channel_methods.h"
#include "protocol/amqp091/wire/confirm_methods.h"
#include "support/fake_host.h"

namespace godwit::protocol::amqp091 {
namespace {

/// One connection over a broker that answers everything at once: what is measured is the session alone.
class Bench {
 public:
  Bench() : connection_(host_, options_, [](auto, auto) { return broker::Principal{}; }) {
    model::TopicInfo& topic = host_.names.add_topic("jobs");
    ledger_ = {host_.names.add_queue("jobs", topic.id).id, {topic.id, 0}};
    ByteVec bytes(std::begin(kProtocolHeader), std::end(kProtocolHeader));
    ConnectionStartOk start;
    start.mechanism = "PLAIN";
    start.response = {std::string_view("\0guest\0guest", 12)};
    write_method(0, start, bytes);
    write_method(0, ConnectionTuneOk{2047, 131'072, 0}, bytes);
    write_method(0, ConnectionOpen{.vhost = "/"}, bytes);
    write_method(1, ChannelOpen{}, bytes);
    receive(bytes);
  }
  void receive(ByteView bytes) {
    connection_.on_bytes(bytes);
    answer();
  }
  /// What the peer would take.
  size_t drain() {
    size_t bytes = 0;
    for (const Slice& part : host_.written.take()) bytes += part.size();
    return bytes;
  }
  void answer() {
    while (!host_.submitted.empty()) {
      auto [id, command] = std::move(host_.submitted.front());
      host_.submitted.pop_front();
      if (auto* attach = std::get_if<model::Attach>(&command)) {
        consumer_ = attach->tag;
        connection_.on_reply(id, model::Attached{});
      } else if (std::holds_alternative<model::Append>(command)) {
        connection_.on_reply(id, model::Appended{});
      } else if (std::holds_alternative<model::Settle>(command)) {
        connection_.on_reply(id, model::Settled{});
      }
    }
  }

  Options options_;
  test::FakeHost host_;
  Connection connection_;
  LedgerId ledger_;
  ConsumerTag consumer_;
};

ByteVec publishes(size_t count, size_t body_bytes) {
  constexpr uint8_t kPersistent[] = {0x10, 0x00, 2};
  ByteVec bytes;
  std::string body(body_bytes, 'x');
  for (size_t i = 0; i < count; ++i) {
    write_method(1, BasicPublish{.routing_key = "jobs"}, bytes);
    write_content(1, kPersistent, as_bytes(body), 131'072, bytes);
  }
  return bytes;
}

/// Messages of range(0) bytes with confirms, range(1) of them in one reading.
void publish(benchmark::State& state) {
  Bench bench;
  ByteVec select;
  write_method(1, ConfirmSelect{}, select);
  bench.receive(select);
  auto count = static_cast<size_t>(state.range(1));
  ByteVec bytes = publishes(count, static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    bench.receive(bytes);
    benchmark::DoNotOptimize(bench.drain());
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}
BENCHMARK(publish)->Args({100, 100})->Args({1024, 60})->Args({1024, 1})->Args({16'384, 4});

/// Delivers batches of 100 messages of range(0) bytes and acknowledges them together.
void deliver_and_ack(benchmark::State& state) {
  Bench bench;
  ByteVec consume;
  write_method(1, BasicQos{.prefetch_count = 300}, consume);
  write_method(1, BasicConsume{.queue = "jobs", .consumer_tag = "c"}, consume);
  bench.receive(consume);
  model::NativeBatchBuilder builder;
  std::string body(static_cast<size_t>(state.range(0)), 'x');
  for (int i = 0; i < 100; ++i)
    builder.add({.origin = model::Origin::kAmqp091,
                 .properties = as_bytes(std::string_view("\0\4jobs\x10\0\2", 9)),
                 .body = as_bytes(body)});
  model::Batch batch = builder.seal(0);
  uint64_t tag = 0;
  for (auto _ : state) {
    bench.connection_.on_notice(
        broker::Delivery{bench.consumer_, {bench.ledger_, batch, {{.index = 0, .count = 100}}}});
    batch.header.base_offset = batch.end_offset();
    tag += 100;
    ByteVec ack;
    write_method(1, BasicAck{.delivery_tag = tag, .multiple = true}, ack);
    benchmark::DoNotOptimize(bench.drain());
    bench.receive(ack);
  }
  state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(deliver_and_ack)->Arg(100)->Arg(1024)->Arg(16'384);

}  // namespace
}  // namespace godwit::protocol::amqp091
