#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/limits.h"
#include "broker/api.h"

namespace godwit::protocol::amqp091 {

/// What every connection of a listener is told, and what it may do.
struct Options {
  /// Clients branch on product and version: kombu on the former for the meaning of basic.qos, several on the latter.
  std::string product = "RabbitMQ";
  std::string version = "3.13.7-godwit";
  std::string cluster_name = "godwit";
  uint16_t channel_max = 2047;
  uint32_t frame_max = 131'072;  ///< bytes with head and end
  uint16_t heartbeat_s = 60;
  uint64_t message_bytes_max = 16_MiB;
  /// Those that connections may open, with the namespace that each shows.
  std::map<std::string, std::string, std::less<>> vhosts = {{"/", "default"}};
  int64_t handshake_ms = 10'000;
  /// Mixed into the names the broker makes up. Not foreseeable by clients.
  uint64_t seed = 0;
};

/// Errors: kAccessDenied. Bound per connection, so that it can know whether the peer is on this machine.
using Authenticate = std::function<Result<broker::Principal>(std::string_view user, std::string_view password)>;

/// Appended bytes a connection may have under way before no more publishes are read: a journal sync's worth.
constexpr size_t kPublishBytesInFlightMax = 16_MiB;
/// Batches one channel fills at a time; more targets are sealed and submitted in turns.
constexpr size_t kOpenBatchesMax = 256;
/// Deliveries a consumer without a prefetch limit may be sent ahead, and the bytes of them: what keeps a socket busy.
constexpr uint32_t kDeliveryWindowMax = 2'000;
constexpr size_t kDeliveryWindowBytes = 2_MiB;
/// What an open channel takes, without messages: with its part in the tables of the connection.
constexpr size_t kChannelBytes = 4_KiB;
/// The highest number of a channel that may be opened while memory is short.
constexpr size_t kChannelsWhenShort = 16;
/// Consumers of one channel: each is looked for among all of them.
constexpr size_t kConsumersMax = 4'096;
/// What a consumer takes, without messages, and each ledger that it attaches to: here and in the queue.
constexpr size_t kConsumerBytes = 1_KiB;
constexpr size_t kAttachmentBytes = 512;
/// What a connection may hold with one more consumer while memory is short.
constexpr size_t kHeldBytesWhenShort = 512_KiB;
/// Frames up to here before tuning is done. Spec: AMQP 0-9-1, 4.2.3 says 4096; RabbitMQ grants this.
constexpr uint32_t kFrameBytesBeforeTune = 8'192;
/// A client may not tune below this. Spec: AMQP 0-9-1, frame-min-size.
constexpr uint32_t kFrameBytesMin = 4'096;
/// How long the client may take to answer a close before the connection is cut.
constexpr int64_t kCloseWaitMs = 10'000;

}  // namespace godwit::protocol::amqp091
