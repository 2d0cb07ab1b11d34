#include "engine/group_offsets.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "engine/group_subscription.h"

namespace godwit::engine {
namespace {

using model::GroupState;

/// A group that keeps no positions is forgotten this long after its last member left.
constexpr int64_t kBareGroupKeptMs = 10LL * 60 * 1000;

Result<void> check_commit(GroupTurn& turn, ConsumerGroup* group, const model::CommitOffsets& command) {
  bool outside = command.generation < 0;
  if (!group) {
    if (outside) return {};
    return fail(ErrorCode::kIllegalGeneration, fmt::format("group '{}' has no members", command.group));
  }
  if (outside && group->state == GroupState::kEmpty) return {};
  if (outside && command.member_id.empty() && !command.instance_id)
    return fail(ErrorCode::kUnknownMember, fmt::format("group '{}' has members: only they commit", group->id));
  auto member = group->check(command.member_id, command.instance_id);
  if (!member) return std::unexpected(std::move(member.error()));
  if (command.generation != group->generation)
    return fail(ErrorCode::kIllegalGeneration,
                fmt::format("group '{}' is in generation {}", group->id, group->generation));
  group->heard_of(**member, turn.now);
  if (group->state == GroupState::kCompletingRebalance)
    return fail(ErrorCode::kRebalanceInProgress, fmt::format("group '{}' rebalances", group->id));
  return {};
}

/// Since when a position is of no use to anybody, in wall time.
int64_t unused_since(const StoredGroup& group, const model::CommittedOffset& offset) {
  bool had_members = group.membership && !group.membership->protocol_type.empty();
  return had_members ? std::max(group.membership->changed_ms, offset.commit_ms) : offset.commit_ms;
}

}  // namespace

Result<void> commit_offsets(GroupTurn& turn, ConsumerGroup* group, const model::CommitOffsets& command) {
  if (auto ok = check_commit(turn, group, command); !ok) return ok;
  if (command.offsets.empty()) return {};
  std::vector<model::CommittedOffset> offsets = command.offsets;
  for (model::CommittedOffset& offset : offsets) offset.commit_ms = turn.now.wall_ms;
  turn.emit_in_pieces(OffsetsStored{.group = command.group, .offsets = {}}, &OffsetsStored::offsets,
                      std::move(offsets));
  return {};
}

model::OffsetsFetched fetch_offsets(const GroupStore& store, const model::FetchOffsets& command) {
  model::OffsetsFetched reply;
  const StoredGroup* group = store.find(command.group);
  if (!group) return reply;
  if (!command.partitions) {
    for (const auto& [partition, offset] : group->offsets) reply.offsets.push_back(offset);
    return reply;
  }
  for (const TopicPartition& partition : *command.partitions)
    if (auto at = group->offsets.find(partition); at != group->offsets.end()) reply.offsets.push_back(at->second);
  return reply;
}

Result<void> delete_offsets(GroupTurn& turn, const ConsumerGroup* group, const model::DeleteOffsets& command) {
  const StoredGroup* stored = turn.store.find(command.group);
  if (!stored && !group) return fail(ErrorCode::kNotFound, fmt::format("there is no group '{}'", command.group));
  std::optional<Subscribed> subscribed;
  if (group) subscribed.emplace(*group);
  for (const auto& [topic, partition] : command.partitions)
    if (subscribed && subscribed->contains(topic))
      return fail(ErrorCode::kGroupNotEmpty, fmt::format("group '{}' reads topic '{}'", command.group, topic));
  std::vector<TopicPartition> removed;
  for (const TopicPartition& partition : command.partitions)
    if (stored && stored->offsets.contains(partition)) removed.push_back(partition);
  if (removed.empty()) return {};
  remove_offsets(turn, command.group, std::move(removed));
  if (!group || group->state == GroupState::kEmpty) stop_reading_uncommitted(turn, command.group);
  return {};
}

void remove_offsets(GroupTurn& turn, const std::string& group, std::vector<TopicPartition> partitions) {
  turn.emit_in_pieces(OffsetsRemoved{.group = group, .partitions = {}}, &OffsetsRemoved::partitions,
                      std::move(partitions));
}

void expire_offsets(GroupTurn& turn, const std::string& group) {
  const StoredGroup* stored = turn.store.find(group);
  int64_t left_ms = std::max(stored->membership ? stored->membership->changed_ms : 0, stored->subscribed_ms);
  bool bare_for_long = left_ms + kBareGroupKeptMs <= turn.now.wall_ms;
  if (bare_for_long) stop_reading_uncommitted(turn, group);
  stored = turn.store.find(group);
  if (!stored) return;
  if (stored->offsets.empty()) {
    if (bare_for_long) turn.emit(GroupRemoved{group});
    return;
  }
  if (turn.settings.offsets_retention_ms < 0) return;
  std::vector<TopicPartition> unused;
  for (const auto& [partition, offset] : stored->offsets)
    if (unused_since(*stored, offset) + turn.settings.offsets_retention_ms <= turn.now.wall_ms)
      unused.push_back(partition);
  if (unused.empty()) return;
  if (unused.size() == stored->offsets.size()) return remove_group(turn, group);
  remove_offsets(turn, group, std::move(unused));
  stop_reading_uncommitted(turn, group);
}

void remove_group(GroupTurn& turn, const std::string& group) {
  const StoredGroup* stored = turn.store.find(group);
  if (!stored) return;
  bool had_members = stored->membership.has_value();
  std::vector<TopicPartition> removed;
  removed.reserve(stored->offsets.size());
  for (const auto& [partition, offset] : stored->offsets) removed.push_back(partition);
  remove_offsets(turn, group, std::move(removed));
  stop_reading_uncommitted(turn, group);
  if (had_members) turn.emit(GroupRemoved{group});
}

}  // namespace godwit::engine
