#include "engine/group_leave.h"

#include "engine/group_rebalance.h"

namespace godwit::engine {
namespace {

std::optional<ErrorCode> leave_one(GroupTurn& turn, ConsumerGroup& group, const model::LeaveGroup::Member& leaver) {
  if (!leaver.instance_id && group.pending.erase(leaver.member_id) > 0) return std::nullopt;
  std::string member_id = leaver.member_id;
  if (leaver.instance_id && member_id.empty())
    if (auto instance = group.instances.find(*leaver.instance_id); instance != group.instances.end())
      member_id = instance->second;
  auto member = group.check(member_id, leaver.instance_id);
  if (!member) return member.error().code;
  expel(turn, group, member_id, ErrorCode::kUnknownMember);
  return std::nullopt;
}

}  // namespace

void leave(GroupTurn& turn, ConsumerGroup& group, const model::LeaveGroup& command, RequestToken token) {
  model::LeftGroup reply;
  for (const model::LeaveGroup::Member& leaver : command.members)
    reply.errors.push_back(leave_one(turn, group, leaver));
  bool left = false;
  for (const auto& error : reply.errors) left = left || !error;
  if (left) after_expulsion(turn, group);
  turn.answer(token, std::move(reply));
}

}  // namespace godwit::engine
