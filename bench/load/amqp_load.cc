// A lean AMQP 0-9-1 load generator: costs little CPU itself, so that the broker is what is measured. Prints one JSON
// line.
#include <csignal>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "load/amqp_connection.h"
#include "load/amqp_consumer.h"
#include "load/amqp_publisher.h"
#include "load/json_line.h"
#include "load/process_usage.h"

namespace godwit::bench {
namespace {

struct Settings {
  Address address;
  std::string queue = "bench";
  std::string queue_type;
  PublishOptions publish;
  ConsumeOptions consume;
  uint64_t count = 0;
};

void add_rates(JsonLine& line, std::string_view mode, uint64_t messages, double seconds) {
  line.text("mode", mode).count("messages", messages).number("seconds", seconds);
  line.number("msgs_per_s", seconds > 0 ? static_cast<double>(messages) / seconds : 0);
  line.number("client_cpu_s", process_cpu_s());
}

// One producer and one consumer on one new queue, which is deleted in the end. With a rate it measures latency.
void run_both(Settings settings) {
  AmqpConnection publishing(settings.address);
  AmqpConnection consuming(settings.address);
  publishing.declare_queue(settings.queue, settings.queue_type);
  publishing.select_confirms();

  constexpr int64_t kSettleNs = 300'000'000;  // the consumer is attached before the first message is due
  const int64_t start_ns = now_ns() + kSettleNs;
  std::atomic<uint64_t> target = std::numeric_limits<uint64_t>::max();
  ConsumeOutcome consumed;
  std::thread consumer([&] { consumed = consume(consuming, settings.consume, target, start_ns); });
  std::this_thread::sleep_for(std::chrono::nanoseconds(kSettleNs));

  const int64_t begin_ns = now_ns();
  const PublishOutcome published = publish(publishing, settings.publish, start_ns);
  target = published.messages;
  consumer.join();
  const double seconds = static_cast<double>(consumed.last_ns - begin_ns) / 1e9;
  publishing.delete_queue(settings.queue);
  publishing.close();

  JsonLine line;
  add_rates(line, settings.publish.rate_per_s > 0 ? "latency" : "throughput", published.messages, seconds);
  const auto messages = static_cast<double>(published.messages);
  line.number("publish_seconds", published.seconds).number("publish_cpu_us", published.cpu_s * 1e6 / messages);
  line.number("consume_cpu_us", consumed.cpu_s * 1e6 / messages);
  if (settings.publish.rate_per_s > 0) {
    line.raw("confirm_us", published.confirm_ns.to_json_us()).raw("deliver_us", consumed.deliver_ns.to_json_us());
  }
  line.print();
}

void run_fill(const Settings& settings) {
  AmqpConnection connection(settings.address);
  connection.declare_queue(settings.queue, settings.queue_type);
  connection.select_confirms();
  const PublishOutcome published = publish(connection, settings.publish, now_ns());
  connection.close();
  JsonLine line;
  add_rates(line, "fill", published.messages, published.seconds);
  line.print();
}

void run_drain(const Settings& settings) {
  AmqpConnection connection(settings.address);
  const uint64_t waiting = connection.declare_queue(settings.queue, settings.queue_type);
  const std::atomic<uint64_t> target = settings.count > 0 ? settings.count : waiting;
  const ConsumeOutcome consumed = consume(connection, settings.consume, target, 0);
  JsonLine line;
  add_rates(line, "drain", consumed.messages, static_cast<double>(consumed.last_ns - consumed.first_ns) / 1e9);
  line.count("waiting_before", waiting).print();
}

// Opens `count` connections, says so, and holds them until standard input ends.
void run_idle_connections(const Settings& settings) {
  std::vector<std::unique_ptr<AmqpConnection>> connections;
  for (uint64_t n = 0; n < settings.count; ++n) {
    connections.push_back(std::make_unique<AmqpConnection>(settings.address));
  }
  JsonLine().text("mode", "idle-connections").count("connections", connections.size()).print();
  while (std::getchar() != EOF) continue;
  for (const auto& connection : connections) connection->close();
}

void run_declare_queues(const Settings& settings) {
  const int64_t begin_ns = now_ns();
  AmqpConnection connection(settings.address);
  for (uint64_t n = 0; n < settings.count; ++n) {
    connection.declare_queue(fmt::format("{}-{}", settings.queue, n), settings.queue_type);
  }
  connection.close();
  const double seconds = static_cast<double>(now_ns() - begin_ns) / 1e9;
  JsonLine().text("mode", "declare-queues").count("queues", settings.count).number("seconds", seconds).print();
}

void run_delete(const Settings& settings) {
  AmqpConnection connection(settings.address);
  connection.delete_queue(settings.queue);
  connection.close();
  JsonLine().text("mode", "delete").print();
}

int run(int argc, char** argv) {
  Settings settings;
  CLI::App app("AMQP 0-9-1 load generator");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--host", settings.address.host);
  app.add_option("--port", settings.address.port);
  app.add_option("--queue", settings.queue, "queue name");
  app.add_option("--queue-type", settings.queue_type, "x-queue-type argument; none when empty");
  app.add_option("--size", settings.publish.body_bytes, "body bytes")->check(CLI::Range(0, 131'000));
  app.add_option("--count", settings.count, "messages, connections or queues");
  app.add_option("--seconds", settings.publish.seconds_max, "publish for so long");
  app.add_option("--rate", settings.publish.rate_per_s, "messages a second; 0: as fast as confirms allow");
  app.add_option("--unconfirmed", settings.publish.unconfirmed_max)->check(CLI::Range(1, 1'000'000));
  app.add_option("--prefetch", settings.consume.prefetch);
  app.add_option("--ack-every", settings.consume.ack_every)->check(CLI::Range(1, 65'535));
  app.add_subcommand("throughput", "one producer, one consumer, a queue of their own");
  app.add_subcommand("latency", "the same at --rate, with percentiles");
  app.add_subcommand("fill", "publish --count messages");
  app.add_subcommand("drain", "consume --count messages, or what is waiting");
  app.add_subcommand("idle-connections", "hold --count connections until standard input ends");
  app.add_subcommand("declare-queues", "declare --count durable queues");
  app.add_subcommand("delete", "delete the queue");
  CLI11_PARSE(app, argc, argv);

  settings.publish.queue = settings.consume.queue = settings.queue;
  settings.publish.count_max = settings.count;
  settings.consume.rate_per_s = settings.publish.rate_per_s;
  const std::string mode = app.get_subcommands().front()->get_name();
  const bool unlimited = settings.count == 0 && settings.publish.seconds_max <= 0;
  if (unlimited && mode != "drain" && mode != "delete") fail(mode + " needs --count or --seconds");
  if (mode == "latency" && settings.publish.rate_per_s <= 0) fail("latency needs --rate");

  if (mode == "throughput" || mode == "latency") run_both(settings);
  if (mode == "fill") run_fill(settings);
  if (mode == "drain") run_drain(settings);
  if (mode == "idle-connections") run_idle_connections(settings);
  if (mode == "declare-queues") run_declare_queues(settings);
  if (mode == "delete") run_delete(settings);
  return 0;
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) { return godwit::bench::run(argc, argv); }
