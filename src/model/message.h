#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace godwit::model {

/// The protocol a message arrived through: it tells in which encoding its properties are stored.
enum class Origin : uint8_t { kNative = 0, kAmqp091 = 1, kKafka = 2, kSqs = 3, kPubsub = 4, kAmqp10 = 5 };

struct Value;
using ValueList = std::vector<Value>;
using ValueMap = std::vector<std::pair<std::string, Value>>;  ///< in wire order; a name may repeat

struct Symbol {
  std::string text;
  bool operator==(const Symbol&) const = default;
  template <class F>
  void fields(F& f) {
    f(text);
  }
};
struct TimestampMs {
  int64_t ms = 0;
  bool operator==(const TimestampMs&) const = default;
  template <class F>
  void fields(F& f) {
    f(ms);
  }
};
struct Uuid {
  std::array<uint8_t, 16> bytes{};
  bool operator==(const Uuid&) const = default;
  template <class F>
  void fields(F& f) {
    f(bytes);
  }
};
/// A decimal number as AMQP 0-9-1 carries it: unscaled * 10^-scale.
struct Decimal {
  uint8_t scale = 0;
  int32_t unscaled = 0;
  bool operator==(const Decimal&) const = default;
  template <class F>
  void fields(F& f) {
    f(scale)(unscaled);
  }
};

/// A typed header value. A value keeps the type it arrived with; nothing guesses a type from text.
struct Value {
  using Variant =
      std::variant<std::monostate, bool, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t,
                   float, double, Decimal, TimestampMs, Uuid, ByteVec, std::string, Symbol, ValueList, ValueMap>;
  Variant v;

  Value() = default;
  template <class T>
    requires(!std::is_same_v<std::decay_t<T>, Value> && std::is_constructible_v<Variant, T &&>)
  explicit Value(T&& value) : v(std::forward<T>(value)) {}
  bool operator==(const Value&) const = default;
  template <class F>
  void fields(F& f) {
    f(v);
  }
};

/// The hub of all protocols (docs/protocols/mapping.md): two converters a protocol instead of one a pair.
/// What a protocol has no place for is absent, not empty. Views into the stored batch: valid while the batch is held.
struct Message {
  Origin origin = Origin::kNative;
  ByteView body;

  std::optional<ByteView> key;       ///< Kafka's record key
  std::optional<std::string> group;  ///< ordering or session key
  std::optional<std::string> dedup_id;
  std::optional<Value> message_id;      ///< string, Uuid, uint64 or bytes
  std::optional<Value> correlation_id;  ///< likewise
  std::optional<std::string> content_type;
  std::optional<std::string> content_encoding;
  std::optional<std::string> subject;  ///< AMQP routing key, Service Bus label
  std::optional<std::string> to;       ///< AMQP exchange the message was published to
  std::optional<std::string> reply_to;
  std::optional<std::string> reply_to_group;
  std::optional<std::string> type;
  std::optional<std::string> app_id;
  std::optional<std::string> user_id;
  std::optional<int64_t> created_ms;     ///< the producer's timestamp, Unix milliseconds
  std::optional<int64_t> expires_at_ms;  ///< absolute: ttl added to the time of append
  std::optional<int64_t> deliver_at_ms;
  std::optional<uint8_t> priority;
  bool durable = true;
  ValueMap headers;
};

/// One stop of a message on its way through dead-letter queues, newest first in a Patch.
struct Death {
  std::string queue;
  std::string reason;  ///< "rejected", "expired", "maxlen", "delivery_limit"
  std::string exchange;
  std::vector<std::string> routing_keys;
  uint64_t count = 1;
  int64_t time_ms = 0;
  std::optional<std::string> original_expiration;

  template <class F>
  void fields(F& f) {
    f(queue)(reason)(exchange)(routing_keys)(count)(time_ms)(original_expiration);
  }
};

/// What the broker adds to a message on its way without touching what the producer stored: travels in front of the
/// stored properties of a copy, and wins over them when the message is read.
struct Patch {
  std::vector<Death> deaths;
  std::optional<std::string> exchange;     ///< replaces `to`
  std::optional<std::string> routing_key;  ///< replaces `subject`
  bool drop_expiration = false;
  std::optional<std::string>
      source_topic;  ///< provenance of a dead letter: topic, partition and offset it was copied from
  uint32_t source_partition = 0;
  int64_t source_offset = 0;

  template <class F>
  void fields(F& f) {
    f(deaths)(exchange)(routing_key)(drop_expiration)(source_topic)(source_partition)(source_offset);
  }
};

}  // namespace godwit::model
