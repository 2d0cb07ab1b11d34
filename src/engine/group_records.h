#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "model/group.h"

/// What a shard's log says of consumer groups. A stored record is its kType (40 to 59 of a shard's record types), its
/// version and its fields(); no number is ever reused, and a new kind goes to the end of the variant.
namespace godwit::engine {

/// A member as a stable group knows it. Every protocol it offered is kept, so that a restart changes no later choice.
struct StoredMember {
  std::string id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string client_host;
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = 0;
  std::vector<model::GroupProtocol> protocols;
  ByteVec assignment;
  std::optional<std::vector<std::string>> topics;  ///< it subscribes to, sorted; absent: it may read anything

  bool operator==(const StoredMember&) const = default;
  template <class F>
  void fields(F& f) {
    f(id)(instance_id)(client_id)(client_host)(session_timeout_ms)(rebalance_timeout_ms)(protocols)(assignment);
    f.since(2)(topics);
  }
};

/// A generation became stable, or lost its last member: the group's membership as a whole.
struct GroupStored {
  static constexpr uint8_t kType = 40;
  std::string group;
  int32_t generation = 0;
  std::string protocol_type;
  std::string protocol;
  std::string leader;
  std::vector<StoredMember> members;
  int64_t changed_ms = 0;  ///< wall time; without members: since when it is empty

  bool operator==(const GroupStored&) const = default;
  template <class F>
  void fields(F& f) {
    f(group)(generation)(protocol_type)(protocol)(leader)(members)(changed_ms);
  }
};

using TopicPartition = std::pair<std::string, uint32_t>;

struct OffsetsStored {
  static constexpr uint8_t kType = 41;
  std::string group;
  std::vector<model::CommittedOffset> offsets;

  bool operator==(const OffsetsStored&) const = default;
  template <class F>
  void fields(F& f) {
    f(group)(offsets);
  }
};
struct OffsetsRemoved {
  static constexpr uint8_t kType = 42;
  std::string group;
  std::vector<TopicPartition> partitions;

  bool operator==(const OffsetsRemoved&) const = default;
  template <class F>
  void fields(F& f) {
    f(group)(partitions);
  }
};
/// From its first subscription on the group reads a topic, committed or not, until none of its members subscribes to it
/// any more. A group without members keeps what it has committed positions in.
struct SubscriptionChanged {
  static constexpr uint8_t kType = 44;
  std::string group;
  std::vector<std::string> added;
  std::vector<std::string> dropped;
  int64_t changed_ms = 0;  ///< wall time

  bool operator==(const SubscriptionChanged&) const = default;
  template <class F>
  void fields(F& f) {
    f(group)(added)(dropped)(changed_ms);
  }
};
/// Its offsets and subscriptions are removed before it.
struct GroupRemoved {
  static constexpr uint8_t kType = 43;
  std::string group;

  bool operator==(const GroupRemoved&) const = default;
  template <class F>
  void fields(F& f) {
    f(group);
  }
};

using GroupRecord = std::variant<GroupStored, OffsetsStored, OffsetsRemoved, GroupRemoved, SubscriptionChanged>;

/// At most what it takes in a record.
inline size_t recorded_bytes(const std::string& topic) { return 4 + topic.size(); }
inline size_t recorded_bytes(const TopicPartition& partition) { return 8 + partition.first.size(); }
inline size_t recorded_bytes(const model::CommittedOffset& offset) {
  return 32 + offset.topic.size() + offset.metadata.size();
}

/// Of every type so far.
constexpr uint8_t kGroupRecordVersion = 2;

}  // namespace godwit::engine
