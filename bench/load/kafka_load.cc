// A Kafka load generator on librdkafka's C API with the library's defaults. Prints one JSON line.
#include "load/kafka_load.h"

#include <CLI/CLI.hpp>

#include "load/json_line.h"
#include "load/kafka_client.h"
#include "load/process_usage.h"

namespace godwit::bench {
namespace {

int run(int argc, char** argv) {
  KafkaSettings settings;
  CLI::App app("Kafka load generator");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--brokers", settings.brokers, "host:port");
  app.add_option("--topic", settings.topic);
  app.add_option("--partitions", settings.partitions)->check(CLI::Range(1, 1000));
  app.add_option("--size", settings.body_bytes, "value bytes");
  app.add_option("--count", settings.count, "messages");
  app.add_option("--seconds", settings.seconds_max, "produce for so long");
  app.add_option("--set", settings.overrides, "a librdkafka setting, name=value; may be repeated");
  app.add_subcommand("produce", "create the topic if missing and produce with acks=all");
  app.add_subcommand("fetch", "read --count messages from the beginning");
  app.add_subcommand("delete", "delete the topic");
  CLI11_PARSE(app, argc, argv);

  const std::string mode = app.get_subcommands().front()->get_name();
  if (mode == "fetch" && settings.count == 0) fail("fetch needs --count");
  if (mode == "produce" && settings.count == 0 && settings.seconds_max <= 0) fail("produce needs --count or --seconds");
  if (mode == "produce") run_produce(settings);
  if (mode == "fetch") run_fetch(settings);
  if (mode == "delete") {
    delete_topic(settings);
    JsonLine().text("mode", "delete").print();
  }
  return 0;
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) { return godwit::bench::run(argc, argv); }
