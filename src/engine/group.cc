#include "engine/group.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/group_join.h"
#include "engine/group_leave.h"
#include "engine/group_offsets.h"
#include "engine/group_sync.h"
#include "engine/group_timer.h"

namespace godwit::engine {
namespace {

using model::GroupState;

/// Positions live for days: looking every ten minutes is often enough.
constexpr int64_t kSweepMs = 10LL * 60 * 1000;

ConsumerGroup restored(const GroupStored& stored, const model::Now& now) {
  ConsumerGroup group{.id = stored.group,
                      .state = stored.members.empty() ? GroupState::kEmpty : GroupState::kStable,
                      .generation = stored.generation,
                      .protocol_type = stored.protocol_type,
                      .protocol = stored.protocol,
                      .leader = stored.leader};
  for (const StoredMember& member : stored.members) {
    GroupMember live{.info = member};
    group.heard_of(live, now);
    group.add(std::move(live));
  }
  return group;
}

std::string unknown(std::string_view group) { return fmt::format("no member has joined group '{}'", group); }

}  // namespace

void Groups::resume(const model::Now& now) {
  groups_.clear();
  wakes_.clear();
  scheduled_.clear();
  sweep_ms_ = now.boot_ms + kSweepMs;
  for (const auto& [id, stored] : store_.groups())
    if (stored.membership) settle(groups_.emplace(id, restored(*stored.membership, now)).first->second);
}

GroupTurn Groups::turn(const model::Now& now) {
  if (sweep_ms_ == kNever) sweep_ms_ = now.boot_ms + kSweepMs;
  return {.settings = settings_, .store = store_, .now = now, .out = {}};
}

ConsumerGroup* Groups::find(std::string_view group) {
  auto at = groups_.find(group);
  return at == groups_.end() ? nullptr : &at->second;
}

ConsumerGroup& Groups::find_or_add(const std::string& group) {
  auto [at, added] = groups_.try_emplace(group);
  if (added) at->second.id = group;
  return at->second;
}

void Groups::settle(ConsumerGroup& group) {
  auto at = scheduled_.find(group.id);
  int64_t before = at == scheduled_.end() ? kNever : at->second;
  if (before != group.wake_ms) {
    if (before != kNever) wakes_.erase({before, group.id}), scheduled_.erase(at);
    if (group.wake_ms != kNever) {
      wakes_.emplace(group.wake_ms, group.id);
      scheduled_.emplace(group.id, group.wake_ms);
    }
  }
  drop_if_bare(group);
}

/// A group without members, awaited ones or anything stored is as good as none.
void Groups::drop_if_bare(ConsumerGroup& group) {
  if (group.state != GroupState::kEmpty || !group.pending.empty() || store_.find(group.id)) return;
  if (auto at = scheduled_.find(group.id); at != scheduled_.end()) {
    wakes_.erase({at->second, group.id});
    scheduled_.erase(at);
  }
  groups_.erase(groups_.find(group.id));
}

GroupOutcome Groups::handle(const model::JoinGroup& command, const GroupContext& context) {
  GroupTurn turn = this->turn(context.now);
  if (command.session_timeout_ms < settings_.session_timeout_min_ms ||
      command.session_timeout_ms > settings_.session_timeout_max_ms) {
    turn.refuse(context.token, ErrorCode::kInvalidArgument,
                fmt::format("session timeout {} ms: {} to {} are possible", command.session_timeout_ms,
                            settings_.session_timeout_min_ms, settings_.session_timeout_max_ms));
    return std::move(turn.out);
  }
  if (!command.member_id.empty() && !find(command.group)) {
    turn.refuse(context.token, ErrorCode::kUnknownMember, unknown(command.group));
    return std::move(turn.out);
  }
  ConsumerGroup& group = find_or_add(command.group);
  join(turn, group, command, context);
  settle(group);
  return std::move(turn.out);
}

GroupOutcome Groups::handle(const model::SyncGroup& command, const GroupContext& context) {
  GroupTurn turn = this->turn(context.now);
  if (ConsumerGroup* group = find(command.group)) {
    sync(turn, *group, command, context.token);
    settle(*group);
  } else {
    turn.refuse(context.token, ErrorCode::kUnknownMember, unknown(command.group));
  }
  return std::move(turn.out);
}

GroupOutcome Groups::handle(const model::HeartbeatGroup& command, const GroupContext& context) {
  GroupTurn turn = this->turn(context.now);
  if (ConsumerGroup* group = find(command.group)) {
    heartbeat(turn, *group, command, context.token);
    settle(*group);
  } else {
    turn.refuse(context.token, ErrorCode::kUnknownMember, unknown(command.group));
  }
  return std::move(turn.out);
}

GroupOutcome Groups::handle(const model::LeaveGroup& command, const GroupContext& context) {
  GroupTurn turn = this->turn(context.now);
  if (ConsumerGroup* group = find(command.group)) {
    leave(turn, *group, command, context.token);
    settle(*group);
  } else {
    model::LeftGroup reply;
    reply.errors.assign(command.members.size(), ErrorCode::kUnknownMember);
    turn.answer(context.token, std::move(reply));
  }
  return std::move(turn.out);
}

GroupOutcome Groups::on_timer(const model::Now& now) {
  GroupTurn turn = this->turn(now);
  while (!wakes_.empty() && wakes_.begin()->first <= now.boot_ms) {
    ConsumerGroup& group = *find(wakes_.begin()->second);
    expire(turn, group);
    settle(group);
  }
  if (sweep_ms_ <= now.boot_ms) {
    sweep_ms_ = now.boot_ms + kSweepMs;
    expire_unused(turn);
  }
  return std::move(turn.out);
}

void Groups::expire_unused(GroupTurn& turn) {
  std::vector<std::string> unused;
  for (const auto& [id, stored] : store_.groups()) {
    const ConsumerGroup* group = find(id);
    if (!group || (group->state == GroupState::kEmpty && group->pending.empty())) unused.push_back(id);
  }
  for (const std::string& id : unused) {
    expire_offsets(turn, id);
    if (ConsumerGroup* group = find(id)) drop_if_bare(*group);
  }
}

int64_t Groups::next_deadline() const {
  int64_t wake_ms = wakes_.empty() ? kNever : wakes_.begin()->first;
  return store_.groups().empty() ? wake_ms : std::min(wake_ms, sweep_ms_);
}

}  // namespace godwit::engine
