#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/group_records.h"

namespace godwit::engine {

/// What the log knows of one group.
struct StoredGroup {
  std::optional<GroupStored> membership;  ///< absent: nobody ever joined, there are only offsets
  std::map<TopicPartition, model::CommittedOffset> offsets;
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

  std::map<std::string, StoredGroup, std::less<>> groups_;
};

}  // namespace godwit::engine
