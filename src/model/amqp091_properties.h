#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/message.h"

/// The stored properties of a message that arrived by AMQP 0-9-1:
///
///   u8 length + exchange | u8 length + routing key | property flags and values as the content header carried them
namespace godwit::model {

struct Amqp091Stored {
  std::string_view exchange;
  std::string_view routing_key;
  ByteView content;  ///< flags and values, see amqp091_content.h
};

/// False when the bytes are too short for their lengths. `content` is not looked into.
bool split_amqp091_properties(ByteView properties, Amqp091Stored& stored);
void join_amqp091_properties(std::string_view exchange, std::string_view routing_key, ByteVec& out);

/// Headers that stand for what the hub has a field for: x-partition-key (key), x-group-id (group), x-deduplication-id
/// (dedup_id), x-message-id and x-correlation-id (ids no short string can hold), x-reply-to-group-id.
namespace amqp091_headers {
constexpr std::string_view kPartitionKey = "x-partition-key";
constexpr std::string_view kGroup = "x-group-id";
constexpr std::string_view kDedup = "x-deduplication-id";
constexpr std::string_view kMessageId = "x-message-id";
constexpr std::string_view kCorrelationId = "x-correlation-id";
constexpr std::string_view kReplyToGroup = "x-reply-to-group-id";
constexpr std::string_view kDeliveryTime = "x-opt-delivery-time";
constexpr std::string_view kDeliveryCount = "x-delivery-count";
constexpr std::string_view kStreamOffset = "x-stream-offset";
}  // namespace amqp091_headers

/// Stored properties to the hub. Leaves alone what the engine's message header tells better: expiry, due time, key,
/// group and dedup id. False when the bytes are malformed.
bool decode_amqp091_properties(ByteView properties, Message& into);

/// The hub to the stored form, for messages of another origin. `now_ms` is wall time: an absolute expiry becomes the
/// milliseconds that are left. Of headers with one name the last is kept, as AMQP tables are maps.
void encode_amqp091_properties(const Message& message, int64_t now_ms, ByteVec& out);

/// x-death and the x-first-death-*, x-last-death-* headers of a message's way; empty for no deaths.
ValueMap amqp091_death_headers(const std::vector<Death>& deaths);

/// `properties` with `headers` put in, replacing those of the same name. False when `properties` are malformed.
bool add_amqp091_headers(ByteView properties, const ValueMap& headers, ByteVec& out);

/// `properties` as `patch` says: exchange, routing key, expiration, death headers. False as above.
bool patch_amqp091_properties(ByteView properties, const Patch& patch, ByteVec& out);

}  // namespace godwit::model
