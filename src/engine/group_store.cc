#include "engine/group_store.h"

namespace godwit::engine {

bool StoredGroup::has_position_in(std::string_view topic) const {
  auto at = offsets.lower_bound({std::string(topic), 0});
  return at != offsets.end() && at->first.first == topic;
}

void GroupStore::apply(const GroupRecord& record) {
  std::visit([this](const auto& r) { apply_one(r); }, record);
}

void GroupStore::apply_one(const OffsetsStored& record) {
  StoredGroup& group = groups_[record.group];
  for (const model::CommittedOffset& offset : record.offsets)
    group.offsets.insert_or_assign({offset.topic, offset.partition}, offset);
}

void GroupStore::apply_one(const OffsetsRemoved& record) {
  auto group = groups_.find(record.group);
  if (group == groups_.end()) return;
  for (const TopicPartition& partition : record.partitions) group->second.offsets.erase(partition);
  if (group->second.empty()) groups_.erase(group);
}

void GroupStore::apply_one(const SubscriptionChanged& record) {
  StoredGroup& group = groups_[record.group];
  for (const std::string& topic : record.added)
    if (group.topics.insert(topic).second) group.topics_bytes += recorded_bytes(topic);
  for (const std::string& topic : record.dropped)
    if (group.topics.erase(topic) > 0) group.topics_bytes -= recorded_bytes(topic);
  group.subscribed_ms = record.changed_ms;
  if (group.empty()) groups_.erase(record.group);
}

void GroupStore::apply_one(const GroupRemoved& record) { groups_.erase(record.group); }

const StoredGroup* GroupStore::find(std::string_view group) const {
  auto at = groups_.find(group);
  return at == groups_.end() ? nullptr : &at->second;
}

std::vector<GroupRecord> GroupStore::snapshot() const {
  std::vector<GroupRecord> records;
  for (const auto& [id, group] : groups_) {
    if (group.membership) records.emplace_back(*group.membership);
    if (!group.topics.empty())
      records.emplace_back(SubscriptionChanged{
          .group = id, .added = {group.topics.begin(), group.topics.end()}, .changed_ms = group.subscribed_ms});
    if (group.offsets.empty()) continue;
    OffsetsStored stored{.group = id, .offsets = {}};
    for (const auto& [partition, offset] : group.offsets) stored.offsets.push_back(offset);
    records.emplace_back(std::move(stored));
  }
  return records;
}

}  // namespace godwit::engine
