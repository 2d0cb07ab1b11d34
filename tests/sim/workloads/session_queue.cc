#include "sim/workloads/session_queue.h"

#include <algorithm>

#include "base/codec.h"

namespace godwit::sim {

using model::Verb;
using Action = model::SessionGroup::Action;

SessionQueue::SessionQueue(Run& run) : Workload(run, 2 + run.below(2)), locks_(programs_.size()) {
  for (size_t i = 0; i < programs_.size(); ++i)
    programs_[i].on_notice = [this, i](broker::Notice& notice) { on_notice(i, notice); };
}

void SessionQueue::restarted() {
  oracle_.restarted();
  for (auto& [body, message] : messages_) {
    message.returning = 0;
    int64_t now = run_.world.now().boot_ms;
    message.leased_until =
        message.leased_until == INT64_MAX ? now + kDeferredLeaseMs : std::max(message.leased_until, now);
  }
  // That it came back may be lost, and that it was set aside not.
  for (const auto& [offset, body] : deferred_ever_)
    if (Message& message = messages_[body]; message.where == Message::Where::kQueued)
      message.where = Message::Where::kUnsure;
}

void SessionQueue::let_go(size_t index) {
  if (!locks_[index]) return;
  for (const std::string& body : locks_[index]->held) oracle_.returned(body);
  locks_[index].reset();
}

void SessionQueue::expire_locks() {
  for (size_t i = 0; i < locks_.size(); ++i)
    if (locks_[i] && !lasts(*locks_[i])) let_go(i);
}

void SessionQueue::act(Program& p) {
  expire_locks();
  std::optional<Lock>& mine = locks_[index_of(p)];
  switch (run_.below(12)) {
    case 0:
    case 1:
    case 2: return send(p);
    case 3: return receive_deferred(p);
    case 4:
      if (run_.chance(3)) run_.world.advance(static_cast<int64_t>(run_.below(400)));
      return;
    default:
      if (!mine) return lock(p);
      if (!mine->attached) return;
      if (run_.chance(12)) return release(p, *mine);
      return run_.chance(4) ? keep_lock(p, *mine) : settle(p, *mine);
  }
}

void SessionQueue::send(Program& p) {
  std::vector<Sent> messages;
  for (uint64_t n = 1 + run_.below(4); n > 0; --n) {
    Sent& sent = messages.emplace_back(Sent{.body = run_.new_body("session")});
    sent.group = std::string(1, static_cast<char>('a' + run_.below(3)));
    messages_[sent.body].group = sent.group;
    oracle_.sent(sent.body);
  }
  publish(p, "sessions", 0, messages, [this, messages](const Result<model::Appended>& reply) {
    for (size_t i = 0; i < messages.size(); ++i) {
      if (!reply) {
        oracle_.refused(messages[i].body);
        continue;
      }
      oracle_.confirmed(messages[i].body);
      messages_[messages[i].body].offset = reply->base_offset + static_cast<int64_t>(i);
    }
  });
}

void SessionQueue::lock(Program& p) {
  size_t index = index_of(p);
  std::string group = run_.chance(2) ? "" : std::string(1, static_cast<char>('a' + run_.below(3)));
  uint32_t tag = run_.new_tag();
  locks_[index] = Lock{.tag = tag, .group = group, .until = run_.world.now().boot_ms + kLockMs};
  p.call(model::Attach{.ledger = p.ledger("sessions"),
                       .tag = ConsumerTag(tag),
                       .credit = static_cast<uint32_t>(1 + run_.below(20)),
                       .session_group = group},
         [this, index, tag](const Result<model::Attached>& reply) { locked(index, tag, reply); });
}

void SessionQueue::locked(size_t index, uint32_t tag, const Result<model::Attached>& reply) {
  std::optional<Lock>& mine = locks_[index];
  bool current = mine && mine->tag == tag;
  if (!reply) {
    if (current) mine.reset();
    if (reply.error().code != ErrorCode::kLeaseLost && reply.error().code != ErrorCode::kTimeout)
      run_.refused("lock", reply.error());
    return;
  }
  if (!current) return;
  if (!mine->group.empty() && mine->group != reply->session_group)
    run_.verdict.broken(fmt::format("session {} was locked for {}", reply->session_group, mine->group));
  mine->group = reply->session_group;
  mine->until = reply->lock_until_boot_ms;
  mine->attached = true;
  expire_locks();
  if (mine) check_alone(index);
}

void SessionQueue::check_alone(size_t index) {
  for (size_t other = 0; other < locks_.size(); ++other) {
    if (other == index || !locks_[other] || !locks_[other]->attached) continue;
    if (locks_[other]->group == locks_[index]->group)
      run_.verdict.broken(fmt::format("session {} is locked by two", locks_[index]->group));
  }
}

void SessionQueue::on_notice(size_t index, const broker::Notice& notice) {
  expire_locks();
  const std::optional<Lock>& mine = locks_[index];
  if (const auto* cancelled = std::get_if<broker::ConsumerCancelled>(&notice)) {
    if (mine && mine->tag == cancelled->tag.value)
      run_.verdict.broken(fmt::format("the lock of session {} ended before its time", mine->group));
    return;
  }
  const auto* delivery = std::get_if<broker::Delivery>(&notice);
  if (!delivery || !mine || mine->tag != delivery->tag.value) return;  // late: the broker has it back
  std::vector<std::string> bodies = bodies_of(delivery->messages.batch);
  for (const model::DeliveredRun& run : delivery->messages.runs)
    for (uint32_t i = 0; i < run.count; ++i)
      take(index, bodies.at(run.index + i), delivery->messages.offset_of(run) + i, run.failed);
}

void SessionQueue::take(size_t index, const std::string& body, Offset offset, uint32_t failed) {
  Lock& mine = *locks_[index];
  Message& message = messages_[body];
  message.offset = offset;
  offsets_.shown(target_.where(), offset, body);
  oracle_.delivered(body, run_.boot, failed);
  if (mine.group.empty()) mine.group = message.group;
  if (mine.group != message.group)
    run_.verdict.broken(fmt::format("'{}' is of session {}, not {}", short_of(body), message.group, mine.group));
  if (message.where == Message::Where::kDeferred)
    run_.verdict.broken(fmt::format("'{}' was set aside and is delivered", short_of(body)));
  message.where = Message::Where::kQueued;
  check_alone(index);
  for (const auto& [other, m] : messages_) {
    if (m.group != message.group || !m.offset || *m.offset >= offset || m.where != Message::Where::kQueued) continue;
    if (m.returning != 0 || std::ranges::find(mine.held, other) != mine.held.end()) continue;
    if (oracle_.must_be_there(other))
      run_.verdict.broken(fmt::format("'{}' overtakes '{}' of its session", short_of(body), short_of(other)));
  }
  mine.held.push_back(body);
}

void SessionQueue::settle(Program& p, Lock& lock) {
  if (lock.held.empty())
    return p.client().tell({p.ledger("sessions"), ConsumerTag(lock.tag), static_cast<uint32_t>(1 + run_.below(3))});
  constexpr Verb kVerbs[] = {Verb::kAccept, Verb::kAccept, Verb::kAccept, Verb::kRelease, Verb::kFail, Verb::kDefer};
  Verb verb = kVerbs[run_.below(std::size(kVerbs))];
  auto which = lock.held.begin() + static_cast<ptrdiff_t>(run_.below(lock.held.size()));
  std::string body = *which;
  lock.held.erase(which);
  Message& message = messages_[body];
  bool durable = !run_.chance(3);
  if (verb == Verb::kAccept)
    oracle_.settling(body, run_.boot, false);
  else
    oracle_.returned(body), message.returning = ++settles_;
  if (verb == Verb::kDefer) message.where = Message::Where::kUnsure, deferred_ever_[*message.offset] = body;
  model::Settle command{.ledger = p.ledger("sessions"),
                        .consumer = ConsumerTag(lock.tag),
                        .verb = verb,
                        .runs = {{*message.offset, 1}},
                        .credit = 1,
                        .durable_reply = durable};
  p.call(command, [this, &message, body, verb, durable, number = settles_](const Result<model::Settled>& reply) {
    if (message.returning == number) message.returning = 0;
    if (!reply) return run_.refused("settle in a session", reply.error());
    if (!durable) return;
    if (verb == Verb::kAccept) oracle_.settled(body);
    if (verb == Verb::kFail) oracle_.failed_durably(body);
    if (verb == Verb::kDefer) message.where = Message::Where::kDeferred;
  });
}

void SessionQueue::keep_lock(Program& p, Lock& lock) {
  constexpr Action kActions[] = {Action::kRenew, Action::kRenew, Action::kGetState, Action::kSetState};
  model::SessionGroup command{.ledger = p.ledger("sessions"),
                              .group = lock.group,
                              .holder = ConsumerTag(lock.tag),
                              .action = kActions[run_.below(std::size(kActions))]};
  State& state = states_[lock.group];
  if (command.action == Action::kSetState) Writer(command.state).le(++state.sent);
  uint32_t sent = state.sent;
  p.call(command, [this, &state, sent, index = index_of(p), tag = lock.tag, action = command.action,
                   acked = state.acked](const Result<model::SessionGroupDone>& reply) {
    if (!reply) return run_.refused("a session's holder", reply.error());
    if (action == Action::kSetState) state.acked = std::max(state.acked, sent);
    if (action == Action::kRenew && locks_[index] && locks_[index]->tag == tag)
      locks_[index]->until = std::max(locks_[index]->until, reply->lock_until_boot_ms);
    uint32_t is = reply->state.empty() ? 0 : Reader(reply->state).le<uint32_t>();
    if (is < acked || is > state.sent)
      run_.verdict.broken(fmt::format("a session's state is {}: {} was confirmed, {} sent", is, acked, state.sent));
  });
}

void SessionQueue::release(Program& p, const Lock& lock) {
  if (run_.chance(2))
    p.call(model::SessionGroup{.ledger = p.ledger("sessions"),
                               .group = lock.group,
                               .holder = ConsumerTag(lock.tag),
                               .action = Action::kRelease},
           [this](const Result<model::SessionGroupDone>& reply) {
             if (!reply) run_.refused("release of a session", reply.error());
           });
  else
    p.call(model::Detach{.ledger = p.ledger("sessions"), .tag = ConsumerTag(lock.tag)},
           [](const Result<model::Detached>&) {});
  let_go(index_of(p));
}

void SessionQueue::receive_deferred(Program& p) {
  model::ReceiveDeferred command{.ledger = p.ledger("sessions"), .lease_ms = kDeferredLeaseMs};
  std::map<Offset, std::string> wanted;
  for (auto& [body, message] : messages_) {
    if (message.where != Message::Where::kDeferred || wanted.size() == 3 || run_.chance(2)) continue;
    if (message.leased_until >= run_.world.now().boot_ms - kTimersMs) continue;
    wanted[*message.offset] = body;
    message.leased_until = INT64_MAX;
    command.offsets.push_back(*message.offset);
  }
  if (wanted.empty()) return;
  p.call(command, [this, &p, wanted](const Result<model::Received>& reply) {
    if (!reply) return run_.refused("receive deferred", reply.error());
    std::map<Offset, std::string> missing = wanted;
    for (const model::DeliveredBatch& delivered : reply->batches) {
      std::vector<std::string> bodies = bodies_of(delivered.batch);
      for (const model::DeliveredRun& run : delivered.runs) {
        Offset offset = delivered.offset_of(run);
        const std::string& body = bodies.at(run.index);
        offsets_.shown(target_.where(), offset, body);
        if (missing.erase(offset) == 0) run_.verdict.broken("a deferred message comes that was not asked for");
        messages_[body].leased_until = reply->lease_until_boot_ms;
        if (run_.chance(2)) accept_deferred(p, body, offset, run.attempt);
      }
    }
    for (const auto& [offset, body] : missing)
      run_.verdict.broken(fmt::format("'{}' was set aside and is not to be had", short_of(body)));
  });
}

/// Its lease may be over, and somebody may have it, unless the answer says otherwise.
void SessionQueue::accept_deferred(Program& p, const std::string& body, Offset offset, uint32_t attempt) {
  oracle_.may_leave(body);
  messages_[body].where = Message::Where::kUnsure;
  model::Settle command{
      .ledger = p.ledger("sessions"), .runs = {{offset, 1}}, .attempts = {attempt}, .durable_reply = true};
  p.call(command, [this, body](const Result<model::Settled>& reply) {
    if (reply) return oracle_.settled(body);
    if (reply.error().code != ErrorCode::kLeaseLost) run_.refused("settle of a deferred message", reply.error());
  });
}

void SessionQueue::drain_deferred(SimClient& client) {
  const model::QueueInfo* info = client.catalog().queue(model::Name{.text = "sessions"});
  if (!info) return run_.verdict.broken("queue sessions is gone");
  LedgerId id{info->id, {info->topic, 0}};
  model::ReceiveDeferred command{.ledger = id, .lease_ms = 60'000};
  for (const auto& [offset, body] : deferred_ever_) command.offsets.push_back(offset);
  run_.world.advance(1000);  // every lease is over
  auto received = run_.must(client, std::move(command), "receive deferred");
  if (!received) return;
  for (const model::DeliveredBatch& delivered : received->batches) {
    std::vector<std::string> bodies = bodies_of(delivered.batch);
    for (const model::DeliveredRun& run : delivered.runs) {
      oracle_.delivered(bodies.at(run.index), run_.boot, run.failed);
      oracle_.settled(bodies.at(run.index));
      messages_[bodies.at(run.index)].where = Message::Where::kUnsure;
      model::Settle accept{.ledger = id, .runs = {{delivered.offset_of(run), 1}}, .attempts = {run.attempt}};
      run_.must(client, std::move(accept), "settle");
    }
  }
  for (const auto& [body, message] : messages_)
    if (message.where == Message::Where::kDeferred && oracle_.must_be_there(body))
      run_.verdict.broken(fmt::format("'{}' was set aside and is not to be had", short_of(body)));
}

void SessionQueue::drain(SimClient& client) {
  drain_deferred(client);
  drain_ledger(run_, client, target_, offsets_);
  oracle_.check_drained(nullptr);
}

}  // namespace godwit::sim
