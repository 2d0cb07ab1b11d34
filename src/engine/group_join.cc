#include "engine/group_join.h"

#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "engine/group_rebalance.h"
#include "engine/group_subscription.h"

namespace godwit::engine {
namespace {

using model::GroupState;

/// A new member cannot send heartbeats before its first join is answered; it is given up after this long.
constexpr int64_t kNewMemberJoinTimeoutMs = 5LL * 60 * 1000;

std::string make_member_id(const model::JoinGroup& command, const std::array<uint8_t, 16>& random) {
  std::string id = command.instance_id.value_or(command.client_id) + "-";
  for (size_t i = 0; i < random.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
    id += fmt::format("{:02x}", random[i]);
  }
  return id;
}

bool has_room(const ConsumerGroup& group, const model::JoinGroup& command, size_t members_max) {
  auto member = group.members.find(command.member_id);
  bool known = member != group.members.end() || (command.instance_id && group.instances.contains(*command.instance_id));
  if (known && group.state != GroupState::kPreparingRebalance) return true;
  if (known && member != group.members.end() && member->second.join) return true;
  // Ids that were given out have their place, until they join or are given up.
  size_t expected = known ? 0 : group.pending.size() - group.pending.count(command.member_id);
  if (group.state != GroupState::kPreparingRebalance) return group.members.size() + expected < members_max;
  // Only as many as fit may wait: those who come last find no place.
  size_t waiting = expected;
  for (const auto& [member_id, other] : group.members) waiting += other.join.has_value();
  return waiting < members_max;
}

void park(GroupTurn& turn, GroupMember& member, RequestToken token) {
  if (member.join)
    turn.refuse(*member.join, ErrorCode::kRebalanceInProgress, "the member has sent another request to join");
  member.join = token;
}

void expect_first_answer(const GroupTurn& turn, ConsumerGroup& group, GroupMember& member) {
  member.deadline_ms = turn.now.boot_ms + kNewMemberJoinTimeoutMs;
  group.wake_at(member.deadline_ms);
}

void add_member(GroupTurn& turn, ConsumerGroup& group, std::string member_id, const model::JoinGroup& command,
                RequestToken token) {
  GroupMember member;
  member.info.id = std::move(member_id);
  member.info.instance_id = command.instance_id;
  member.update(command);
  begin_reading(turn, group, member);
  member.join = token;
  member.is_new = true;
  expect_first_answer(turn, group, member);
  if (group.members.empty()) group.protocol_type = command.protocol_type;
  if (group.initial_delay) group.initial_delay->extended = true;
  group.add(std::move(member));
  rebalance(turn, group);
}

/// A static member came back under a new id: the old id is fenced, its place in the group kept.
void replace_static(GroupTurn& turn, ConsumerGroup& group, std::string member_id, const model::JoinGroup& command,
                    RequestToken token) {
  std::string& holder = group.instances.at(*command.instance_id);
  auto place = group.members.extract(holder);
  GroupMember& member = place.mapped();
  std::string fenced = fmt::format("instance '{}' has joined again", *command.instance_id);
  if (member.join) turn.refuse(*std::exchange(member.join, {}), ErrorCode::kFenced, fenced);
  if (member.sync) turn.refuse(*std::exchange(member.sync, {}), ErrorCode::kFenced, fenced);
  bool leads = group.leader == holder;
  place.key() = member.info.id = holder = member_id;
  if (leads) group.leader = member_id;
  member.update(command);
  begin_reading(turn, group, member);
  group.members.insert(std::move(place));
  if (member.is_new)
    expect_first_answer(turn, group, member);
  else
    group.heard_of(member, turn.now);

  if (group.state == GroupState::kStable && group.choose_protocol() == group.protocol) {
    // Nothing changes for the others, and its assignment is still there to be fetched.
    store(turn, group);
    model::JoinedGroup reply = joined(group, member);
    reply.skip_assignment = leads;
    return turn.answer(token, std::move(reply));
  }
  member.join = token;
  rebalance(turn, group);
}

void join_new(GroupTurn& turn, ConsumerGroup& group, const model::JoinGroup& command, const GroupContext& context) {
  std::string member_id = make_member_id(command, context.random);
  CHECK(!group.members.contains(member_id) && !group.pending.contains(member_id), "a member id came twice");
  if (command.instance_id && group.instances.contains(*command.instance_id))
    return replace_static(turn, group, std::move(member_id), command, context.token);
  if (command.instance_id || !command.requires_known_member)
    return add_member(turn, group, std::move(member_id), command, context.token);
  int64_t deadline_ms = turn.now.boot_ms + command.session_timeout_ms;
  group.pending.emplace(member_id, deadline_ms);
  group.wake_at(deadline_ms);
  turn.answer(context.token,
              model::JoinedGroup{.member_id = std::move(member_id), .error = ErrorCode::kMemberIdRequired});
}

void rejoin(GroupTurn& turn, ConsumerGroup& group, GroupMember& member, const model::JoinGroup& command,
            RequestToken token) {
  bool same = member.info.protocols == command.protocols;
  bool leads = group.leader == member.info.id;
  // Its answer may have been lost; a leader that asks again when all is stable wants a new assignment.
  if (same && (group.state == GroupState::kCompletingRebalance || (group.state == GroupState::kStable && !leads))) {
    group.heard_of(member, turn.now);
    return turn.answer(token, joined(group, member));
  }
  member.update(command);
  begin_reading(turn, group, member);
  park(turn, member, token);
  rebalance(turn, group);
}

}  // namespace

void join(GroupTurn& turn, ConsumerGroup& group, const model::JoinGroup& command, const GroupContext& context) {
  if (!has_room(group, command, turn.settings.members_max))
    return turn.refuse(context.token, ErrorCode::kOverLimit,
                       fmt::format("group '{}' has {} members", group.id, turn.settings.members_max));
  if (group.bytes_with(command) > turn.settings.bytes_max)
    return turn.refuse(context.token, ErrorCode::kOverLimit,
                       fmt::format("what the members of group '{}' say of themselves takes more than {} bytes",
                                   group.id, turn.settings.bytes_max));
  if (!group.supports(command.protocol_type, command.protocols))
    return turn.refuse(context.token, ErrorCode::kInconsistentProtocol,
                       fmt::format("the members of group '{}' share no protocol with this one", group.id));
  if (command.topics && !has_room_to_read(turn, group, *command.topics))
    return turn.refuse(context.token, ErrorCode::kOverLimit,
                       fmt::format("the names of the topics that group '{}' reads take more than {} bytes", group.id,
                                   turn.settings.bytes_max));
  if (command.member_id.empty()) return join_new(turn, group, command, context);
  if (auto pending = group.pending.find(command.member_id); pending != group.pending.end()) {
    group.pending.erase(pending);
    return add_member(turn, group, command.member_id, command, context.token);
  }
  auto member = group.check(command.member_id, command.instance_id);
  if (!member) return turn.refuse(context.token, std::move(member.error()));
  rejoin(turn, group, **member, command, context.token);
}

}  // namespace godwit::engine
