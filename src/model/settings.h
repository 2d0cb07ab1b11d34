#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "model/message.h"

namespace godwit::model {

/// A name within a namespace: of a topic, a queue, an exchange or a group. AMQP's vhost `/`, SQS's account and every
/// Kafka connection see the namespace "default".
struct Name {
  std::string space = "default";
  std::string text;

  auto operator<=>(const Name&) const = default;
  template <class F>
  void fields(F& f) {
    f(space)(text);
  }
};

/// Errors: kInvalidArgument for empty names, over kNameBytesMax, not UTF-8, or with control characters.
bool valid_name(std::string_view text);

/// What decides how long a message is kept.
enum class Retention : uint8_t {
  kSettled = 0,  ///< until every queue has settled it and every live group has committed past it
  kTime = 1,     ///< retention_ms and retention_bytes, whatever queues hold
  kCompact = 2,  ///< the newest message of each key; nothing is compacted yet, so all of them
};

struct TopicSettings {
  Retention retention = Retention::kSettled;
  int64_t retention_ms = 7LL * 24 * 3600 * 1000;  ///< of kTime and kCompact; -1 is for ever
  int64_t retention_bytes = -1;                   ///< likewise, a partition; -1 is unbounded
  int64_t settled_ms = 0;                         ///< of kSettled: kept this long after that
  uint64_t message_bytes_max = 1'048'588;         ///< one batch as its producer sent it
  bool stamp_append_time = false;                 ///< readers see the time of append instead of the producer's
  bool is_volatile = false;                       ///< nothing is written; gone after a restart
  std::map<std::string, std::string> config;      ///< further settings by their protocol's own name, kept verbatim

  bool operator==(const TopicSettings&) const = default;
  template <class F>
  void fields(F& f) {
    f(retention)(retention_ms)(retention_bytes)(settled_ms)(message_bytes_max)(stamp_append_time)(is_volatile)(config);
  }
};

struct TopicInfo {
  TopicId id;
  Name name;
  uint32_t partitions = 1;
  TopicSettings settings;

  bool operator==(const TopicInfo&) const = default;
  template <class F>
  void fields(F& f) {
    f(id)(name)(partitions)(settings);
  }
};

enum class Overflow : uint8_t { kDropHead = 0, kRejectPublish = 1, kRejectPublishDeadLetter = 2 };
/// How a queue orders what it hands out.
enum class Ordering : uint8_t {
  kNone = 0,      ///< offset order, any number in flight
  kGroups = 1,    ///< messages of one group one at a time (SQS FIFO, Pub/Sub ordering keys)
  kSessions = 2,  ///< a consumer locks a group and is its only reader (Service Bus)
};
/// Where a new queue begins.
enum class Start : uint8_t { kFirstRetained = 0, kEnd = 1 };

struct DeadLetter {
  std::string exchange;                    ///< empty is the default exchange: `routing_key` names a queue
  std::optional<std::string> routing_key;  ///< absent: the message's own

  bool operator==(const DeadLetter&) const = default;
  template <class F>
  void fields(F& f) {
    f(exchange)(routing_key);
  }
};

struct QueueSettings {
  bool durable = true;
  bool exclusive = false;    ///< belongs to one session and dies with it
  bool auto_delete = false;  ///< deleted when its last consumer leaves
  Ordering ordering = Ordering::kNone;
  std::optional<int64_t> message_ttl_ms;
  std::optional<int64_t> expires_ms;  ///< the queue itself, unused for this long
  std::optional<uint64_t> length_max;
  std::optional<uint64_t> bytes_max;
  Overflow overflow = Overflow::kDropHead;
  std::optional<DeadLetter> dead_letter;
  std::optional<uint32_t> delivery_limit;  ///< failed deliveries after which a message is dead-lettered
  uint8_t priorities = 0;                  ///< lanes 0..priorities; 0 is one lane
  bool single_active_consumer = false;
  int64_t lease_ms = 30'000;                  ///< of detached leases
  int64_t dedup_window_ms = 0;                ///< 0: no deduplication by id
  std::map<std::string, std::string> config;  ///< further arguments by their protocol's own name

  bool operator==(const QueueSettings&) const = default;
  template <class F>
  void fields(F& f) {
    f(durable)(exclusive)(auto_delete)(ordering)(message_ttl_ms)(expires_ms)(length_max)(bytes_max)(overflow);
    f(dead_letter)(delivery_limit)(priorities)(single_active_consumer)(lease_ms)(dedup_window_ms)(config);
  }
};

struct QueueInfo {
  QueueId id;
  Name name;
  TopicId topic;
  bool own = true;  ///< may be published and bound to; false: a subscription
  Start start = Start::kFirstRetained;
  QueueSettings settings;
  uint64_t exclusive_session = 0;  ///< SessionId of the owner; volatile queues only

  bool operator==(const QueueInfo&) const = default;
  template <class F>
  void fields(F& f) {
    f(id)(name)(topic)(own)(start)(settings)(exclusive_session);
  }
};

/// Exchange types are names, so that kinds can be added without a format change: "direct", "fanout", "topic",
/// "headers".
struct ExchangeInfo {
  Name name;
  std::string type;
  bool durable = true;
  bool auto_delete = false;
  bool internal = false;
  std::optional<std::string> alternate;
  ValueMap arguments;

  bool operator==(const ExchangeInfo&) const = default;
  template <class F>
  void fields(F& f) {
    f(name)(type)(durable)(auto_delete)(internal)(alternate)(arguments);
  }
};

enum class BindingTarget : uint8_t { kQueue = 0, kExchange = 1 };

struct Binding {
  Name source;  ///< exchange
  BindingTarget target_kind = BindingTarget::kQueue;
  std::string target;  ///< in the same namespace
  std::string routing_key;
  ValueMap arguments;

  bool operator==(const Binding&) const = default;
  template <class F>
  void fields(F& f) {
    f(source)(target_kind)(target)(routing_key)(arguments);
  }
};

}  // namespace godwit::model
