#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/group_records.h"

namespace godwit::engine {

/// What the log knows of one group.
struct StoredGroup {
  std::optional<GroupStored> membership;  ///< absent: no generation was ever stable
  std::map<TopicPartition, model::CommittedOffset> offsets;
  std::set<std::string, std::less<>> topics;  ///< that it reads since it subscribed to them
  size_t topics_bytes = 0;                    ///< that their names take in records
  int64_t subscribed_ms = 0;                  ///< wall time of the last change of `topics`

  bool empty() const { return !membership && offsets.empty() && topics.empty(); }
  /// Whether a position in the topic is committed.
  bool has_position_in(std::string_view topic) const;
  /// Whether the group reads the partition: it has a position there, or subscribes to its topic.
  bool reads(const std::string& topic, uint32_t partition) const {
    return offsets.contains({topic, partition}) || topics.contains(topic);
  }
};

/// The durable part of a shard's groups: follows from the records alone.
class GroupStore {
 public:
  void apply(const GroupRecord& record);
  const StoredGroup* find(std::string_view group) const;
  const std::map<std::string, StoredGroup, std::less<>>& groups() const { return groups_; }
  /// Records that build this state when they are applied to an empty store.
  std::vector<GroupRecord> snapshot() const;

 private:
  void apply_one(const GroupStored& record) { groups_[record.group].membership = record; }
  void apply_one(const OffsetsStored& record);
  void apply_one(const OffsetsRemoved& record);
  void apply_one(const GroupRemoved& record);
  void apply_one(const SubscriptionChanged& record);

  std::map<std::string, StoredGroup, std::less<>> groups_;
};

}  // namespace godwit::engine
