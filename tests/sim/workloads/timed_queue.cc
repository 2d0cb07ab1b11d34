#include "sim/workloads/timed_queue.h"

#include "sim/faults.h"

namespace godwit::sim {

TimedQueue::TimedQueue(Run& run) : Workload(run, 2) {
  for (Program& p : programs_) {
    Consuming& mine = consuming_.emplace_back(run, p, offsets_);
    p.on_notice = [this, &mine](broker::Notice& notice) {
      auto* delivery = std::get_if<broker::Delivery>(&notice);
      if (!delivery) return;
      check_times(*delivery);
      mine.on_delivery(*delivery);
    };
  }
}

void TimedQueue::set_up(SimClient& client) {
  declare(client, "timed-dead", {});
  declare(client, "timed", {.message_ttl_ms = 900, .dead_letter = model::DeadLetter{.routing_key = "timed-dead"}});
}

void TimedQueue::restarted() {
  oracle_.restarted();
  dead_oracle_.restarted();
  for (Consuming& consuming : consuming_) consuming.restarted();
}

void TimedQueue::act(Program& p) {
  Consuming& mine = consuming_[index_of(p)];
  switch (run_.below(8)) {
    case 0:
    case 1:
    case 2: return send(p);
    case 3: return mine.consume(run_.chance(4) ? dead_ : target_);
    case 4: return run_.chance(3) ? run_.world.advance(static_cast<int64_t>(run_.below(500))) : mine.settle();
    case 5:
      if (run_.chance(3)) mine.stop();
      return;
    default: return mine.settle();
  }
}

void TimedQueue::send(Program& p) {
  int64_t now = run_.world.now().wall_ms;
  Sent sent{.body = run_.new_body("timed")};
  if (run_.chance(3)) sent.expires_at_ms = now + static_cast<int64_t>(run_.below(600));
  if (run_.chance(3)) sent.deliver_at_ms = now + static_cast<int64_t>(run_.below(800));
  times_[sent.body] = {sent.expires_at_ms, sent.deliver_at_ms};
  oracle_.sent(sent.body);
  oracle_.may_leave(sent.body);
  dead_oracle_.sent(sent.body);
  publish(p, "timed", 0, {sent}, [this, body = sent.body](const Result<model::Appended>& reply) {
    reply ? oracle_.confirmed(body) : oracle_.refused(body);
  });
}

void TimedQueue::check_times(const broker::Delivery& delivery) {
  const model::QueueInfo* info = programs_[0].client().catalog().queue(model::Name{.text = "timed"});
  if (!info || delivery.messages.ledger.queue != info->id) return;
  int64_t now = run_.world.now().wall_ms;
  std::vector<std::string> bodies = bodies_of(delivery.messages.batch);
  for (const model::DeliveredRun& run : delivery.messages.runs) {
    for (uint32_t i = 0; i < run.count; ++i) {
      const std::string& body = bodies.at(run.index + i);
      const Times& times = times_[body];
      // Whose time was over when it was stored is for who waits for it.
      bool had_time = times.expires_at_ms && *times.expires_at_ms > delivery.messages.batch.header.append_ms;
      if (had_time && *times.expires_at_ms <= now)
        run_.verdict.broken(fmt::format("'{}' is delivered after it expired", short_of(body)));
      if (times.deliver_at_ms && *times.deliver_at_ms > now)
        run_.verdict.broken(fmt::format("'{}' is delivered before its time", short_of(body)));
    }
  }
}

void TimedQueue::drain(SimClient& client) {
  run_.world.advance(1000);
  drain_ledger(run_, client, target_, offsets_);
  run_.world.advance(1000);
  drain_ledger(run_, client, dead_, offsets_);
  oracle_.check_drained(&dead_oracle_);
  dead_oracle_.check_drained(nullptr);
}

LimitedQueues::LimitedQueues(Run& run) : Workload(run, 2) {
  for (const char* name : {"dropping", "refusing", "dropped"}) oracles_.emplace_back(name, run.verdict);
  for (QueueOracle& oracle : oracles_) targets_.push_back({.oracle = &oracle, .queue = oracle.name()});
  targets_[0].dead = &oracles_[2];
}

void LimitedQueues::set_up(SimClient& client) {
  up_since_ = run_.world.now().boot_ms;
  declare(client, "dropped", {});
  declare(client, "dropping", {.length_max = kLengthMax, .dead_letter = model::DeadLetter{.routing_key = "dropped"}});
  declare(client, "refusing", {.length_max = kLengthMax, .overflow = model::Overflow::kRejectPublish});
}

void LimitedQueues::restarted() {
  for (QueueOracle& oracle : oracles_) oracle.restarted();
  newest_.clear();  // what was settled on delivery may not be on record
  late_ = late_ || run_.faults->disturbs_reads();
}

void LimitedQueues::forget(Program& p, bool) {
  if (&p != &programs_[0]) return;  // the only one that receives
  for (auto& [target, messages] : taking_) taken_unheard_[target] += std::exchange(messages, 0);
}

void LimitedQueues::act(Program& p) {
  Target& target = targets_[run_.below(2)];
  switch (run_.below(6)) {
    case 0:
    case 1:
    case 2: return send(p, target);
    case 3: return describe(p, target);
    default: return receive(programs_[0], target);
  }
}

void LimitedQueues::send(Program& p, Target& target) {
  std::vector<Sent> messages;
  for (uint64_t n = 1 + run_.below(5); n > 0; --n) messages.push_back({.body = run_.new_body(target.queue)});
  for (const Sent& sent : messages) {
    target.oracle->sent(sent.body);
    if (!target.dead) continue;
    target.oracle->may_leave(sent.body);
    target.dead->sent(sent.body);
  }
  publish(p, target.queue, 0, messages, [&target, messages](const Result<model::Appended>& reply) {
    size_t stored = reply ? messages.size() - reply->refused : 0;
    for (size_t i = 0; i < messages.size(); ++i)
      i < stored ? target.oracle->confirmed(messages[i].body) : target.oracle->refused(messages[i].body);
  });
}

void LimitedQueues::receive(Program& p, Target& target) {
  model::Receive command{.ledger = p.ledger(target.queue),
                         .messages_max = static_cast<uint32_t>(1 + run_.below(5)),
                         .settle_on_delivery = true};
  taking_[&target] += command.messages_max;
  p.call(command, [this, &target, most = command.messages_max](const Result<model::Received>& reply) {
    taking_[&target] -= most;
    if (!reply) return run_.refused("receive", reply.error());
    for (const model::DeliveredBatch& delivered : reply->batches) {
      std::vector<std::string> bodies = bodies_of(delivered.batch);
      for (const model::DeliveredRun& run : delivered.runs) {
        for (uint32_t i = 0; i < run.count; ++i) {
          Offset offset = delivered.offset_of(run) + i;
          offsets_.shown(target.where(), offset, bodies.at(run.index + i));
          target.oracle->delivered(bodies.at(run.index + i), run_.boot, run.failed);
          target.oracle->settling(bodies.at(run.index + i), run_.boot, false);
          Offset& newest = newest_.try_emplace(&target, Offset(-1)).first->second;
          if (offset <= newest && !late_ && !run_.faults->disturbs_reads())
            run_.verdict.broken(fmt::format("{}: offset {} follows {}", target.queue, offset.value, newest.value));
          newest = offset;
        }
      }
    }
  });
}

void LimitedQueues::describe(Program& p, Target& target) {
  p.call(model::DescribeLedger{p.ledger(target.queue)}, [this, &target](const Result<model::LedgerDescribed>& reply) {
    if (!reply) return run_.refused("describe", reply.error());
    bool settled_in = run_.world.now().boot_ms > up_since_ && !run_.faults->disturbs_reads();
    // What a restart brings back to a queue that refuses is not dropped.
    if (reply->ready > kLengthMax && settled_in && (target.dead || run_.boot == 1))
      run_.verdict.broken(fmt::format("{} holds {} of at most {} messages", target.queue, reply->ready, kLengthMax));
  });
}

void LimitedQueues::drain(SimClient& client) {
  for (Target& target : targets_) drain_ledger(run_, client, target, offsets_);
  for (Target& target : targets_) target.oracle->check_drained(target.dead, taken_unheard_[&target]);
}

}  // namespace godwit::sim
