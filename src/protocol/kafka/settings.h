#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace godwit::protocol::kafka {

/// What the Kafka listener is told at start; the same for all its connections.
struct Settings {
  std::string advertised_host = "127.0.0.1";
  int32_t advertised_port = 9092;
  std::string cluster_id = "godwit";
  int32_t node_id = 1;
  int32_t leader_epoch = 0;              ///< of every partition: one higher with each start of the broker
  std::string anonymous_user = "guest";  ///< who a connection is before SASL; empty: it must authenticate first
  bool auto_create_topics = true;        ///< when a client asks for the metadata of a topic that is not there
  int32_t default_partitions = 1;
  uint64_t message_bytes_max = 1'048'588;         ///< one batch, where a topic has no max.message.bytes of its own
  size_t request_bytes_max = 104'857'600;         ///< one frame; raised when message_bytes_max asks for more
  uint32_t fetch_bytes_max = 57'671'680;          ///< one answer, whatever the client asks for
  int64_t retention_ms = 7LL * 24 * 3600 * 1000;  ///< of new topics

  /// A frame must hold the largest batch and what a request says around it.
  size_t frame_bytes_max() const {
    size_t for_batch = static_cast<size_t>(message_bytes_max) + 65'536;
    return for_batch > request_bytes_max ? for_batch : request_bytes_max;
  }
};

}  // namespace godwit::protocol::kafka
