#include "engine/group_sync.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "engine/group_rebalance.h"
#include "engine/group_subscription.h"

namespace godwit::engine {
namespace {

using model::GroupState;

/// The member that speaks, of the present generation.
Result<GroupMember*> check_speaker(ConsumerGroup& group, std::string_view member_id,
                                   const std::optional<std::string>& instance_id, int32_t generation) {
  auto member = group.check(member_id, instance_id);
  if (member && generation != group.generation)
    return fail(ErrorCode::kIllegalGeneration,
                fmt::format("group '{}' is in generation {}", group.id, group.generation));
  return member;
}

/// Hands the member its assignment.
void answer_sync(GroupTurn& turn, ConsumerGroup& group, GroupMember& member, RequestToken token) {
  member.owes_sync = false;
  group.heard_of(member, turn.now);
  turn.answer(token, model::SyncedGroup{.protocol_type = group.protocol_type,
                                        .protocol = group.protocol,
                                        .assignment = member.info.assignment});
}

void forget_deadline_when_all_synced(ConsumerGroup& group) {
  bool owed = std::ranges::any_of(group.members, [](const auto& member) { return member.second.owes_sync; });
  if (!owed) group.sync_deadline_ms = kNever;
}

/// The leader's assignments end the rebalance. Members that it left out have nothing to do.
void become_stable(GroupTurn& turn, ConsumerGroup& group, const model::SyncGroup& command) {
  for (auto& [member_id, member] : group.members) member.info.assignment.clear();
  for (const auto& [member_id, assignment] : command.assignments)
    if (GroupMember* member = group.find(member_id)) member->info.assignment = assignment;
  group.state = GroupState::kStable;
  store(turn, group);
  stop_reading(turn, group);
  for (auto& [member_id, member] : group.members)
    if (member.sync) answer_sync(turn, group, member, *std::exchange(member.sync, {}));
}

void sync_while_completing(GroupTurn& turn, ConsumerGroup& group, GroupMember& member, const model::SyncGroup& command,
                           RequestToken token) {
  if (member.sync)
    turn.refuse(*member.sync, ErrorCode::kRebalanceInProgress, "the member has sent another request to sync");
  member.sync = token;
  member.owes_sync = false;
  if (group.leader == member.info.id) become_stable(turn, group, command);
}

size_t assigned_bytes(const model::SyncGroup& command) {
  size_t bytes = 0;
  for (const auto& [member_id, assignment] : command.assignments) bytes += assignment.size();
  return bytes;
}

}  // namespace

void sync(GroupTurn& turn, ConsumerGroup& group, const model::SyncGroup& command, RequestToken token) {
  auto member = check_speaker(group, command.member_id, command.instance_id, command.generation);
  if (!member) return turn.refuse(token, std::move(member.error()));
  if (command.protocol_type.value_or(group.protocol_type) != group.protocol_type ||
      command.protocol.value_or(group.protocol) != group.protocol)
    return turn.refuse(token, ErrorCode::kInconsistentProtocol,
                       fmt::format("group '{}' has chosen '{}'", group.id, group.protocol));
  if (assigned_bytes(command) > turn.settings.bytes_max)
    return turn.refuse(token, ErrorCode::kOverLimit,
                       fmt::format("what the members of group '{}' are assigned takes more than {} bytes", group.id,
                                   turn.settings.bytes_max));
  switch (group.state) {
    case GroupState::kPreparingRebalance:
      return turn.refuse(token, ErrorCode::kRebalanceInProgress, fmt::format("group '{}' rebalances", group.id));
    case GroupState::kCompletingRebalance: sync_while_completing(turn, group, **member, command, token); break;
    case GroupState::kStable: answer_sync(turn, group, **member, token); break;
    case GroupState::kEmpty:
    case GroupState::kDead: CHECK(false, "group '{}' has a member and is empty", group.id);
  }
  forget_deadline_when_all_synced(group);
}

void heartbeat(GroupTurn& turn, ConsumerGroup& group, const model::HeartbeatGroup& command, RequestToken token) {
  auto member = check_speaker(group, command.member_id, command.instance_id, command.generation);
  if (!member) return turn.refuse(token, std::move(member.error()));
  group.heard_of(**member, turn.now);
  if (group.state == GroupState::kPreparingRebalance)
    return turn.refuse(token, ErrorCode::kRebalanceInProgress, fmt::format("group '{}' rebalances", group.id));
  turn.answer(token, model::GroupAlive{});
}

}  // namespace godwit::engine
