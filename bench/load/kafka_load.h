#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace godwit::bench {

struct KafkaSettings {
  std::string brokers = "127.0.0.1:9092";
  std::string topic = "bench";
  size_t body_bytes = 1024;
  uint64_t count = 0;      ///< messages to produce or fetch
  double seconds_max = 0;  ///< produce only: stop after so long
  int partitions = 1;
  std::vector<std::string> overrides;  ///< librdkafka settings, `name=value`
};

/// Produces with acks=all to a topic that exists and prints a JSON line once every message is acknowledged.
void run_produce(const KafkaSettings& settings);

/// Reads every partition from its beginning until `count` messages have come, and prints a JSON line.
void run_fetch(const KafkaSettings& settings);

}  // namespace godwit::bench
