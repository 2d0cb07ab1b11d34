#include "sim/workloads/leased_queues.h"

namespace godwit::sim {

using model::Verb;

LeasedQueues::LeasedQueues(Run& run) : Workload(run, 2 + run.below(2)) {
  for (const char* name : {"leased", "fifo", "leased-dead"}) oracles_.emplace_back(name, run.verdict);
  queues_.push_back({.target = {.oracle = &oracles_[0], .queue = "leased", .dead = &oracles_[2]}});
  queues_.push_back({.target = {.oracle = &oracles_[1], .queue = "fifo"}, .grouped = true});
}

void LeasedQueues::set_up(SimClient& client) {
  declare(client, "leased-dead", {});
  declare(client, "leased",
          {.dead_letter = model::DeadLetter{.routing_key = "leased-dead"}, .delivery_limit = 2, .lease_ms = 1000});
  declare(client, "fifo", {.ordering = model::Ordering::kGroups, .lease_ms = 1000});
}

void LeasedQueues::restarted() {
  for (QueueOracle& oracle : oracles_) oracle.restarted();
  // A lease of no group may have been given before it was durable.
  for (auto& [body, message] : queues_[0].messages) message = {.offset = message.offset};
}

void LeasedQueues::act(Program& p) {
  Queue& queue = queues_[run_.below(queues_.size())];
  switch (run_.below(8)) {
    case 0:
    case 1: return send(p, queue);
    case 2:
    case 3: return receive(p, queue);
    case 4: return renew(p, queue);
    case 5:
      if (run_.chance(4)) run_.world.advance(static_cast<int64_t>(run_.below(1500)));
      return;
    default: return settle(p, queue);
  }
}

void LeasedQueues::send(Program& p, Queue& queue) {
  std::vector<Sent> messages;
  for (uint64_t n = 1 + run_.below(4); n > 0; --n) {
    Sent& sent = messages.emplace_back(Sent{.body = run_.new_body(queue.target.queue)});
    if (queue.grouped && !run_.chance(6)) sent.group = std::string(1, static_cast<char>('a' + run_.below(3)));
    queue.messages[sent.body].group = sent.group;
    queue.target.oracle->sent(sent.body);
    if (!queue.target.dead) continue;
    queue.target.oracle->may_leave(sent.body);
    queue.target.dead->sent(sent.body);
  }
  publish(p, queue.target.queue, 0, messages, [&queue, messages](const Result<model::Appended>& reply) {
    for (size_t i = 0; i < messages.size(); ++i) {
      if (!reply) {
        queue.target.oracle->refused(messages[i].body);
        continue;
      }
      queue.target.oracle->confirmed(messages[i].body);
      queue.messages[messages[i].body].offset = reply->base_offset + static_cast<int64_t>(i);
    }
  });
}

void LeasedQueues::receive(Program& p, Queue& queue) {
  model::Receive command{.ledger = p.ledger(queue.target.queue),
                         .messages_max = static_cast<uint32_t>(1 + run_.below(4)),
                         .lease_ms = static_cast<int64_t>(300 + run_.below(2000))};
  if (run_.chance(3)) command.wait_until_boot_ms = run_.world.now().boot_ms + static_cast<int64_t>(run_.below(300));
  p.call(command, [this, &queue](const Result<model::Received>& reply) {
    if (!reply) return run_.refused("receive", reply.error());
    received(queue, *reply);
  });
}

bool LeasedQueues::holds(const Queue& queue, const Message& message) const {
  if (!message.lease || message.lease->leaving || message.lease->until <= run_.world.now().boot_ms) return false;
  return queue.grouped || message.lease->boot == run_.boot;
}

void LeasedQueues::received(Queue& queue, const model::Received& reply) {
  std::set<std::string> together;
  auto each = [&](auto&& f) {
    for (const model::DeliveredBatch& delivered : reply.batches) {
      std::vector<std::string> bodies = bodies_of(delivered.batch);
      for (const model::DeliveredRun& run : delivered.runs)
        for (uint32_t i = 0; i < run.count; ++i)
          f(bodies.at(run.index + i), delivered.offset_of(run) + i, run, run.attempt + i);
    }
  };
  each([&](const std::string& body, Offset, const model::DeliveredRun&, uint32_t) { together.insert(body); });
  each([&](const std::string& body, Offset offset, const model::DeliveredRun& run, uint32_t attempt) {
    take(queue, body, offset, run, attempt, reply.lease_until_boot_ms, together);
  });
}

void LeasedQueues::take(Queue& queue, const std::string& body, Offset offset, const model::DeliveredRun& run,
                        uint32_t attempt, int64_t until, const std::set<std::string>& together) {
  auto known = queue.messages.find(body);
  if (known == queue.messages.end())
    return run_.verdict.broken(fmt::format("{} message '{}' is not its own", queue.target.queue, short_of(body)));
  Message& message = known->second;
  message.offset = offset;
  offsets_.shown(queue.target.where(), offset, body);
  bool over = until <= run_.world.now().boot_ms;  // before the answer arrived: somebody else may have it by now
  if (!over && holds(queue, message))
    run_.verdict.broken(fmt::format("{} message '{}' is leased twice", queue.target.queue, short_of(body)));
  // Answers to two sessions come in any order: one whose leases are over may be older than what is known.
  if (!over && run.acquired < message.received)
    run_.verdict.broken(fmt::format("{} message '{}' was received {} times and says {}", queue.target.queue,
                                    short_of(body), message.received, run.acquired));
  if (queue.grouped && !over) check_group(queue, body, together);
  if (over) return;
  queue.target.oracle->returned(body);
  queue.target.oracle->delivered(body, run_.boot, run.failed);
  queue.target.oracle->returned(body);
  message.received = run.acquired + 1;
  message.lease = Lease{attempt, until, run_.boot};
}

void LeasedQueues::check_group(Queue& queue, const std::string& body, const std::set<std::string>& together) {
  const Message& mine = queue.messages.at(body);
  if (mine.group.empty()) return;
  for (const auto& [other, message] : queue.messages) {
    if (message.group != mine.group || together.contains(other) || !message.offset) continue;
    if (holds(queue, message))
      run_.verdict.broken(
          fmt::format("'{}' is received while '{}' of its group is held", short_of(body), short_of(other)));
    if (*message.offset < *mine.offset && queue.target.oracle->must_be_there(other))
      run_.verdict.broken(fmt::format("'{}' overtakes '{}' of its group", short_of(body), short_of(other)));
  }
}

const std::string* LeasedQueues::any_held(Queue& queue) {
  std::vector<const std::string*> held;
  for (const auto& [body, message] : queue.messages)
    if (holds(queue, message)) held.push_back(&body);
  return held.empty() ? nullptr : held[run_.below(held.size())];
}

void LeasedQueues::settle(Program& p, Queue& queue) {
  const std::string* body = any_held(queue);
  if (!body) return;
  Message& message = queue.messages.at(*body);
  constexpr Verb kVerbs[] = {Verb::kAccept, Verb::kAccept, Verb::kRelease, Verb::kFail, Verb::kReject};
  Verb verb = kVerbs[run_.below(std::size(kVerbs))];
  bool done = verb == Verb::kAccept || verb == Verb::kReject;
  bool durable = !run_.chance(3);
  message.lease->leaving = true;
  if (done) queue.target.oracle->settling(*body, run_.boot, verb == Verb::kReject && queue.target.dead);
  model::Settle command{.ledger = p.ledger(queue.target.queue),
                        .verb = verb,
                        .runs = {{*message.offset, 1}},
                        .attempts = {message.lease->attempt},
                        .durable_reply = durable};
  if (run_.chance(4)) {  // named twice, it is settled once
    command.runs.push_back(command.runs.front());
    command.attempts.push_back(command.attempts.front());
  }
  p.call(command, [this, &queue, body = *body, done, durable,
                   until = message.lease->until](const Result<model::Settled>& reply) {
    if (reply && reply->settled != 1) run_.verdict.broken("one message was settled, and more were counted");
    if (reply && done && durable) queue.target.oracle->settled(body);
    if (reply) return;
    if (done) queue.target.oracle->unsettled(body, queue.target.dead != nullptr);
    if (reply.error().code != ErrorCode::kLeaseLost) return run_.refused("settle", reply.error());
    if (until > run_.world.now().boot_ms)
      run_.verdict.broken(fmt::format("the lease of '{}' was lost before its time", short_of(body)));
  });
}

void LeasedQueues::renew(Program& p, Queue& queue) {
  const std::string* body = any_held(queue);
  if (!body || queue.messages.at(*body).lease->renewing) return;
  Message& message = queue.messages.at(*body);
  message.lease->renewing = true;
  model::Renew command{.ledger = p.ledger(queue.target.queue),
                       .runs = {{*message.offset, 1}},
                       .attempts = {message.lease->attempt},
                       .lease_ms = static_cast<int64_t>(500 + run_.below(2000))};
  // A shorter lease than it had may begin before its answer is here.
  uint32_t attempt = message.lease->attempt;
  message.lease->until = std::min(message.lease->until, run_.world.now().boot_ms + command.lease_ms);
  p.call(command, [this, &message, body = *body, attempt](const Result<model::Renewed>& reply) {
    if (message.lease && message.lease->attempt == attempt) {
      message.lease->renewing = false;
      if (reply) message.lease->until = reply->until_boot_ms;
    }
    if (!reply && reply.error().code != ErrorCode::kLeaseLost) run_.refused("renew", reply.error());
  });
}

void LeasedQueues::drain(SimClient& client) {
  run_.world.advance(3000);  // every lease is over
  for (Queue& queue : queues_) drain_ledger(run_, client, queue.target, offsets_);
  run_.world.advance(1000);
  Target dead{.oracle = &oracles_[2], .queue = "leased-dead"};
  drain_ledger(run_, client, dead, offsets_);
  for (Queue& queue : queues_) queue.target.oracle->check_drained(queue.target.dead);
  oracles_[2].check_drained(nullptr);
}

}  // namespace godwit::sim
