#include <algorithm>

#include <fmt/format.h>

#include "broker/queues.h"
#include "broker/worker.h"

// Groups that a consumer locks for itself: while the lock lasts, only it gets the group's messages. When the lock is
// over, whoever ends it, so is the consumer, and what it had of the group is back in its place.
namespace godwit::broker {

using model::OffsetRun;

std::unexpected<Error> not_locked(const std::string& group) {
  return fail(ErrorCode::kLeaseLost, fmt::format("session '{}' is not locked by this consumer", group));
}

bool Queues::has_locked(QueueRuntime& q, SessionId session, const std::string& group) const {
  bool found = false;
  q.ledger->consumers().for_each(
      [&](const engine::Consumer& c) { found |= c.key.session == session && c.session_group == group; });
  return found && locked_until(q, group) > worker_.now().boot_ms;
}

int64_t Queues::locked_until(const QueueRuntime& q, const std::string& group) const {
  const engine::MessageGroups::Session* session = q.ledger->session(group);
  return session ? session->locked_until_boot_ms : 0;
}

std::optional<std::string> Queues::lock_session(QueueRuntime& q, const std::string& wanted, int64_t until,
                                                Error& error) {
  std::optional<std::string> group = wanted.empty() ? q.ledger->next_free_session() : std::optional(wanted);
  if (!group) return std::nullopt;
  int64_t locked = locked_until(q, *group);
  if (locked > worker_.now().boot_ms && worker_.options().plant != testing::Plant::kSharedSession) {
    error = {ErrorCode::kLeaseLost, fmt::format("session '{}' is locked by another consumer", *group)};
    return std::nullopt;
  }
  if (locked > 0) end_session(q, *group);  // its timer is about to say so
  q.partition->owner->shard.emit(engine::SessionChanged{q.id, *group, until, std::nullopt});
  arm(q, until);
  return group;
}

void Queues::end_session(QueueRuntime& q, const std::string& group) {
  q.partition->owner->shard.emit(engine::SessionChanged{.ledger = q.id, .group = group});
  std::vector<OffsetRun> back = q.ledger->leased_of_group(group);
  std::vector<engine::Consumer*> holders;
  q.ledger->consumers().for_each([&](engine::Consumer& c) {
    if (c.session_group == group) holders.push_back(&c);
  });
  for (engine::Consumer* holder : holders) {
    holder->held.for_each(
        [&](Offset first, Offset end) { back.push_back({first, static_cast<uint32_t>(end - first)}); });
    holder->held.clear();
    if (holder->active) worker_.notify(holder->key.session, ConsumerCancelled{q.id, holder->key.tag});
    q.ledger->consumers().remove(holder->key);
  }
  std::erase_if(q.receivers, [&](const QueueRuntime::Waiter& w) {
    if (w.call.session_group != group) return false;
    worker_.reply(w.session, w.request, not_locked(group));
    return true;
  });
  if (!back.empty()) give_back(q, std::move(back), false, 0);
  consumers_changed(q);
}

void Queues::run(Envelope& e, model::SessionGroup& c) {
  using Action = model::SessionGroup::Action;
  QueueRuntime* q = find(c.ledger);
  if (!q) return worker_.reply(e.session, e.request, no_queue(c.ledger));
  engine::Consumer* holder = q->ledger->consumers().find({e.session, c.holder});
  if (!holder || holder->session_group != c.group || locked_until(*q, c.group) <= worker_.now().boot_ms)
    return worker_.reply(e.session, e.request, not_locked(c.group));
  if (c.state.size() > worker_.stage().record_bytes_max())
    return worker_.reply(e.session, e.request,
                         fail(ErrorCode::kTooLarge, fmt::format("a session's state of {} bytes", c.state.size())));
  const engine::MessageGroups::Session& facts = *q->ledger->session(c.group);
  model::SessionGroupDone done{facts.locked_until_boot_ms, facts.state};
  engine::SessionChanged change{q->id, c.group, done.lock_until_boot_ms, std::nullopt};
  switch (c.action) {
    case Action::kRenew: change.locked_until_boot_ms = worker_.now().boot_ms + q->info->settings.lease_ms; break;
    case Action::kRelease: change.locked_until_boot_ms = 0; break;
    case Action::kGetState: break;
    case Action::kSetState: change.state = c.state; break;
  }
  done.lock_until_boot_ms = change.locked_until_boot_ms;
  if (change.state) done.state = *change.state;
  if (c.action == Action::kRelease) {
    end_session(*q, c.group);
  } else if (c.action != Action::kGetState) {
    q->partition->owner->shard.emit(change);
    arm(*q, change.locked_until_boot_ms);
  }
  worker_.reply(e.session, e.request, std::move(done), q->partition->owner->last_lsn);
}

}  // namespace godwit::broker
