#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"

namespace godwit::server {

/// Where a listener listens: a number, 0 for any free one, or nothing: closed.
struct Port {
  std::optional<uint16_t> number;
  bool operator==(const Port&) const = default;
};

/// A size; written with or without a unit: 65536, 64KiB, 1GiB.
struct ByteSize {
  uint64_t bytes = 0;
  bool operator==(const ByteSize&) const = default;
};

/// Every setting of a server with its default. Names, meaning and ranges: settings.cc, docs/guide/configuration.md.
struct Config {
  std::vector<std::string> bind = {"127.0.0.1", "::1"};

  Port amqp_port{5672};
  std::vector<std::string> amqp_vhosts = {"/"};
  uint64_t amqp_heartbeat_s = 60;
  uint64_t amqp_channel_max = 2047;
  ByteSize amqp_frame_max{128_KiB};
  ByteSize amqp_message_bytes_max{16_MiB};

  Port kafka_port{9092};
  std::string kafka_advertised_host;
  uint64_t kafka_advertised_port = 0;
  bool kafka_auto_create_topics = true;
  uint64_t kafka_default_partitions = 1;
  ByteSize kafka_message_bytes_max{1'048'588};
  uint64_t kafka_retention_ms = 7ULL * 24 * 3600 * 1000;

  Port http_port{8080};
  uint64_t http_metrics_queues_max = 100;

  Port sqs_port;
  Port pubsub_port;
  Port management_port;
  Port servicebus_admin_port;

  bool server_guest_from_anywhere = false;
  uint64_t server_workers = 0;
  uint64_t server_connections_max = 10'000;
  uint64_t server_handshake_timeout_ms = 10'000;
  uint64_t server_stop_timeout_ms = 10'000;

  std::string storage_directory = "data";
  std::string storage_durability = "fsync";
  ByteSize storage_journal_bytes_max{256_MiB};
  ByteSize storage_segment_bytes_max{64_MiB};
  ByteSize storage_disk_reserve_bytes{256_MiB};
  uint64_t storage_lazy_flush_ms = 20;

  ByteSize memory_limit{256_MiB};

  std::string log_level = "info";
  std::string log_format = "text";
};

}  // namespace godwit::server
