#include "engine/group_timer.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/group_rebalance.h"

namespace godwit::engine {
namespace {

using model::GroupState;

template <class Due>
std::vector<std::string> ids_of(const ConsumerGroup& group, Due&& due) {
  std::vector<std::string> ids;
  for (const auto& [member_id, member] : group.members)
    if (due(member)) ids.push_back(member_id);
  return ids;
}

void expel_all(GroupTurn& turn, ConsumerGroup& group, const std::vector<std::string>& ids) {
  for (const std::string& member_id : ids) expel(turn, group, member_id, ErrorCode::kUnknownMember);
}

/// Members not heard of for their session timeout, and ids whose owners never came back.
void expire_sessions(GroupTurn& turn, ConsumerGroup& group) {
  size_t dropped = std::erase_if(group.pending, [&](const auto& id) { return id.second <= turn.now.boot_ms; });
  auto silent = ids_of(
      group, [&](const GroupMember& member) { return member.expires() && member.deadline_ms <= turn.now.boot_ms; });
  expel_all(turn, group, silent);
  if (!silent.empty())
    after_expulsion(turn, group);
  else if (dropped > 0)
    complete_join_if_ready(turn, group);
}

/// The collecting of members has lasted long enough.
void expire_join(GroupTurn& turn, ConsumerGroup& group) {
  if (group.join_deadline_ms > turn.now.boot_ms) return;
  if (auto& delay = group.initial_delay; delay && delay->extended && delay->remaining_ms > 0) {
    int64_t extension_ms = std::min<int64_t>(turn.settings.initial_rebalance_delay_ms, delay->remaining_ms);
    *delay = {.remaining_ms = delay->remaining_ms - extension_ms, .extended = false};
    group.join_deadline_ms = turn.now.boot_ms + extension_ms;
    return;
  }
  complete_join(turn, group);
}

/// Members that joined and never asked for their assignment.
void expire_sync(GroupTurn& turn, ConsumerGroup& group) {
  if (group.sync_deadline_ms > turn.now.boot_ms) return;
  group.sync_deadline_ms = kNever;
  auto owing = ids_of(group, [](const GroupMember& member) { return member.owes_sync; });
  expel_all(turn, group, owing);
  if (!owing.empty()) after_expulsion(turn, group);
}

}  // namespace

void expire(GroupTurn& turn, ConsumerGroup& group) {
  expire_sessions(turn, group);
  expire_join(turn, group);
  expire_sync(turn, group);
  group.wake_ms = std::min(group.join_deadline_ms, group.sync_deadline_ms);
  for (const auto& [member_id, deadline_ms] : group.pending) group.wake_at(deadline_ms);
  for (const auto& [member_id, member] : group.members)
    if (member.expires()) group.wake_at(member.deadline_ms);
}

}  // namespace godwit::engine
