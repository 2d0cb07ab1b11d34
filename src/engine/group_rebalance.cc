#include "engine/group_rebalance.h"

#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace godwit::engine {
namespace {

using model::GroupState;

void refuse_syncs(GroupTurn& turn, ConsumerGroup& group) {
  for (auto& [member_id, member] : group.members) {
    member.info.assignment.clear();
    member.owes_sync = false;
    if (!member.sync) continue;
    turn.refuse(*std::exchange(member.sync, {}), ErrorCode::kRebalanceInProgress, "the group rebalances again");
    group.heard_of(member, turn.now);
  }
}

void start_rebalance(GroupTurn& turn, ConsumerGroup& group) {
  bool first = group.state == GroupState::kEmpty;
  if (group.state == GroupState::kCompletingRebalance) refuse_syncs(turn, group);
  group.sync_deadline_ms = kNever;
  group.state = GroupState::kPreparingRebalance;
  int32_t delay_ms = turn.settings.initial_rebalance_delay_ms;
  if (!first || delay_ms <= 0) return complete_join_if_ready(turn, group);
  group.initial_delay = {.remaining_ms = std::max(group.rebalance_timeout_ms() - delay_ms, 0)};
  group.join_deadline_ms = turn.now.boot_ms + delay_ms;
  group.wake_at(group.join_deadline_ms);
}

/// Those who did not come in time go; static members keep their place until their session ends.
void drop_missing(ConsumerGroup& group) {
  std::vector<std::string> missing;
  for (const auto& [member_id, member] : group.members)
    if (!member.join && !member.info.instance_id) missing.push_back(member_id);
  for (const std::string& member_id : missing) group.remove(member_id);
}

void become_empty(GroupTurn& turn, ConsumerGroup& group) {
  group.state = GroupState::kEmpty;
  group.protocol.clear();
  group.leader.clear();
  if (turn.store.find(group.id)) store(turn, group);
}

void begin_generation(GroupTurn& turn, ConsumerGroup& group) {
  group.state = GroupState::kCompletingRebalance;
  group.protocol = group.choose_protocol();
  group.sync_deadline_ms = turn.now.boot_ms + group.rebalance_timeout_ms();
  group.wake_at(group.sync_deadline_ms);
  for (auto& [member_id, member] : group.members) {
    member.is_new = false;
    member.owes_sync = true;
    group.heard_of(member, turn.now);
    if (member.join) turn.answer(*std::exchange(member.join, {}), joined(group, member));
  }
}

}  // namespace

void rebalance(GroupTurn& turn, ConsumerGroup& group) {
  if (group.state == GroupState::kPreparingRebalance)
    complete_join_if_ready(turn, group);
  else
    start_rebalance(turn, group);
}

void complete_join_if_ready(GroupTurn& turn, ConsumerGroup& group) {
  if (group.state != GroupState::kPreparingRebalance || group.initial_delay) return;
  if (group.all_joined()) return complete_join(turn, group);
  if (group.join_deadline_ms != kNever) return;
  group.join_deadline_ms = turn.now.boot_ms + group.rebalance_timeout_ms();
  group.wake_at(group.join_deadline_ms);
}

void complete_join(GroupTurn& turn, ConsumerGroup& group) {
  group.initial_delay.reset();
  group.join_deadline_ms = kNever;
  drop_missing(group);
  if (!group.elect_leader() && !group.members.empty()) {
    // Only static members that did not rejoin are left: their sessions decide.
    group.join_deadline_ms = turn.now.boot_ms + group.rebalance_timeout_ms();
    group.wake_at(group.join_deadline_ms);
    return;
  }
  group.generation = group.generation == std::numeric_limits<int32_t>::max() ? 1 : group.generation + 1;
  if (group.members.empty())
    become_empty(turn, group);
  else
    begin_generation(turn, group);
}

void expel(GroupTurn& turn, ConsumerGroup& group, std::string_view member_id, ErrorCode code) {
  GroupMember& member = *group.find(member_id);
  std::string message = fmt::format("member '{}' is no longer in group '{}'", member_id, group.id);
  if (member.join) turn.refuse(*std::exchange(member.join, {}), code, message);
  if (member.sync) turn.refuse(*std::exchange(member.sync, {}), code, message);
  group.remove(member_id);
}

void after_expulsion(GroupTurn& turn, ConsumerGroup& group) {
  if (group.state != GroupState::kEmpty) rebalance(turn, group);
}

void store(GroupTurn& turn, const ConsumerGroup& group) {
  GroupStored record{.group = group.id,
                     .generation = group.generation,
                     .protocol_type = group.protocol_type,
                     .protocol = group.protocol,
                     .leader = group.leader,
                     .members = {},
                     .changed_ms = turn.now.wall_ms};
  record.members.reserve(group.members.size());
  for (const auto& [member_id, member] : group.members) record.members.push_back(member.info);
  turn.emit(std::move(record));
}

model::JoinedGroup joined(const ConsumerGroup& group, const GroupMember& member) {
  model::JoinedGroup reply{.member_id = member.info.id,
                           .leader = group.leader,
                           .generation = group.generation,
                           .protocol_type = group.protocol_type,
                           .protocol = group.protocol};
  if (member.info.id == group.leader) reply.members = group.member_infos(false);
  return reply;
}

}  // namespace godwit::engine
