#include "sim/workloads/connection_queues.h"

namespace godwit::sim {

ConnectionQueues::ConnectionQueues(Run& run) : Workload(run, 2 + run.below(3)), published_(programs_.size()) {
  for (const char* name : {"q0", "q1", "dead"}) oracles_.emplace_back(name, run.verdict);
  for (QueueOracle& oracle : oracles_) targets_.push_back({.oracle = &oracle, .queue = oracle.name()});
  targets_[0].dead = &oracles_[2];
  for (Program& p : programs_) {
    Consuming& mine = consuming_.emplace_back(run, p, offsets_);
    p.on_notice = [this, &mine](broker::Notice& notice) {
      if (auto* delivery = std::get_if<broker::Delivery>(&notice)) mine.on_delivery(*delivery);
      if (std::holds_alternative<broker::ConsumerCancelled>(notice)) run_.verdict.broken("a consumer was cancelled");
    };
  }
}

void ConnectionQueues::set_up(SimClient& client) {
  for (Target& target : targets_) {
    model::QueueSettings settings;
    if (target.dead) settings.dead_letter = model::DeadLetter{.routing_key = target.dead->name()};
    declare(client, target.queue, settings);
  }
}

void ConnectionQueues::act(Program& p) {
  Consuming& mine = consuming_[index_of(p)];
  Target& target = targets_[run_.below(targets_.size())];
  switch (run_.below(10)) {
    case 0:
    case 1:
    case 2:
    case 3: return publish(p);
    case 4: return mine.consume(target);
    case 5: return run_.chance(3) ? mine.stop() : mine.consume(target);
    default: return mine.settle();
  }
}

void ConnectionQueues::publish(Program& p) {
  Target& target = targets_[run_.below(targets_.size())];
  std::vector<std::string> bodies;
  for (uint64_t n = 1 + run_.below(5); n > 0; --n) bodies.push_back(run_.new_body(target.queue));
  for (const std::string& body : bodies) target.oracle->sent(body);
  const model::QueueInfo* info = p.queue(target.queue);
  if (!info) return;
  p.call(model::Append{.partition = {info->topic, 0}, .batch = batch_of(bodies)},
         [this, &p, &target, bodies](const Result<model::Appended>& reply) {
           if (!reply) {
             for (const std::string& body : bodies) target.oracle->refused(body);
             if (reply.error().code != ErrorCode::kFull && reply.error().code != ErrorCode::kBusy)
               run_.verdict.broken(fmt::format("publish refused: {}", reply.error().message));
             return;
           }
           for (size_t i = 0; i < bodies.size(); ++i) {
             target.oracle->confirmed(bodies[i]);
             offsets_.shown(target.where(), reply->base_offset + static_cast<int64_t>(i), bodies[i]);
           }
           Offset& last = published_[index_of(p)].try_emplace(target.queue, Offset(-1)).first->second;
           if (reply->base_offset <= last) run_.verdict.broken("published messages are out of order");
           last = reply->base_offset;
         });
}

void ConnectionQueues::forget(Program& p, bool) { consuming_[index_of(p)].forget(); }

void ConnectionQueues::restarted() {
  for (QueueOracle& oracle : oracles_) oracle.restarted();
  for (Consuming& consuming : consuming_) consuming.restarted();
}

void ConnectionQueues::drain(SimClient& client) {
  for (Target& target : targets_) drain_ledger(run_, client, target, offsets_);
  for (Target& target : targets_) target.oracle->check_drained(target.dead);
}

}  // namespace godwit::sim
