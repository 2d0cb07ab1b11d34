#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "model/message.h"

namespace godwit::model {

/// Which properties of a content header are present; the value is the bit of the flags word.
enum Amqp091Property : uint16_t {
  kContentType = 1 << 15,
  kContentEncoding = 1 << 14,
  kHeaders = 1 << 13,
  kDeliveryMode = 1 << 12,
  kPriorityProperty = 1 << 11,
  kCorrelationId = 1 << 10,
  kReplyTo = 1 << 9,
  kExpiration = 1 << 8,
  kMessageId = 1 << 7,
  kTimestamp = 1 << 6,
  kType = 1 << 5,
  kUserId = 1 << 4,
  kAppId = 1 << 3,
  kClusterId = 1 << 2,
};

/// The property flags and values of a content header of class basic, as views into its bytes.
/// Spec: AMQP 0-9-1, 4.2.6.1.
struct Amqp091Content {
  uint16_t flags = 0;
  std::string_view content_type;
  std::string_view content_encoding;
  ByteView headers;  ///< the table's entries, without its length
  uint8_t delivery_mode = 0;
  uint8_t priority = 0;
  std::string_view correlation_id;
  std::string_view reply_to;
  std::string_view expiration;
  std::string_view message_id;
  uint64_t timestamp = 0;  ///< seconds since 1970
  std::string_view type;
  std::string_view user_id;
  std::string_view app_id;
  std::string_view cluster_id;

  bool has(Amqp091Property property) const { return flags & property; }
  void set(Amqp091Property property) { flags = static_cast<uint16_t>(flags | property); }
  void clear(Amqp091Property property) { flags = static_cast<uint16_t>(flags & ~property); }
};

/// False unless `bytes` are flags and their values from the first byte to the last, headers included.
bool parse_amqp091_content(ByteView bytes, Amqp091Content& content);

/// Appends flags and values. Texts must be at most 255 bytes.
void write_amqp091_content(const Amqp091Content& content, ByteVec& out);

}  // namespace godwit::model
