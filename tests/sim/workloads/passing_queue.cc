#include "sim/workloads/passing_queue.h"

#include <algorithm>

namespace godwit::sim {
namespace {

const model::Name kName{.text = "passing"};

}  // namespace

PassingQueue::PassingQueue(Run& run) : Workload(run, 2 + run.below(2)) {
  for (Program& p : programs_) p.on_notice = [this, &p](broker::Notice& notice) { on_notice(p, notice); };
}

PassingQueue::Life& PassingQueue::life_of(const model::QueueInfo& queue) {
  Life*& life = by_id_[queue.id];
  if (!life) life = &lives_.emplace_back(LedgerId{queue.id, {queue.topic, 0}}, run_.verdict);
  return *life;
}

void PassingQueue::set_up(SimClient& client) {
  auto declared = run_.must(client, model::DeclareQueue{.name = kName}, "declare");
  if (!declared) return;
  const Life* last = lives_.empty() ? nullptr : &lives_.back();
  Life& now_there = life_of(declared->queue);
  now_there.everywhere = true;
  if (last && !last->deleting && &now_there != last) run_.verdict.broken("queue passing was lost");
  if (now_there.deleted_ms) run_.verdict.broken("queue passing was deleted and is there again");
}

void PassingQueue::restarted() {
  changing_ = false;
  for (Life& life : lives_) {
    life.oracle.restarted();
    // A delivery that was on its way when the broker went was not the purge's.
    std::erase_if(life.purged, [&](const auto& purged) { return purged.second >= now(); });
  }
}

void PassingQueue::forget(Program& p, bool) {
  forgot_ms_ = now();
  if (&p == &programs_[0]) changing_ = false;
  if (&p != &programs_[1]) return;  // the only one that receives
  for (Life& life : lives_) life.taken_unheard += std::exchange(life.taking, 0);
}

void PassingQueue::act(Program& p) {
  const model::QueueInfo* queue = p.client().catalog().queue(kName);
  if (!queue) return add(programs_[0]);
  Life& life = life_of(*queue);
  switch (run_.below(10)) {
    case 0: return run_.chance(2) ? purge(p, life) : remove(programs_[0], life);
    case 1: return consume(p, life);
    case 2:
    case 3:
    case 4: return receive(programs_[1], life);
    default: return send(p, life);
  }
}

void PassingQueue::refused(const Life& life, const char* what, const Error& error) {
  if (error.code != ErrorCode::kNotFound || (life.everywhere && !life.deleting)) run_.refused(what, error);
}

void PassingQueue::send(Program& p, Life& life) {
  std::vector<Sent> messages;
  for (uint64_t n = 1 + run_.below(4); n > 0; --n) messages.push_back({.body = run_.new_body("passing")});
  for (const Sent& sent : messages) {
    life.oracle.sent(sent.body);
    life.confirmed[sent.body] = false;
    if (life.purge_ms == now()) life.oracle.may_leave(sent.body);
  }
  p.call(model::Append{.partition = life.ledger.partition, .batch = batch_of(messages)},
         [this, &life, messages](const Result<model::Appended>& reply) {
           if (!reply && !refused_for_now(reply.error())) refused(life, "publish", reply.error());
           for (const Sent& sent : messages) {
             reply ? life.oracle.confirmed(sent.body) : life.oracle.refused(sent.body);
             life.confirmed[sent.body] = reply.has_value();
           }
         });
}

void PassingQueue::delivered(Life& life, const std::string& body, uint32_t failed) {
  if (auto purged = life.purged.find(body); purged != life.purged.end()) {
    if (purged->second < now()) run_.verdict.broken(fmt::format("'{}' was purged and is delivered", short_of(body)));
    life.purged.erase(purged);  // it was on its way
  }
  if (life.deleted_ms && *life.deleted_ms < now())
    run_.verdict.broken(fmt::format("'{}' is delivered from a queue that was deleted", short_of(body)));
  life.oracle.delivered(body, run_.boot, failed);
  life.oracle.settling(body, run_.boot, false);
}

void PassingQueue::receive(Program& p, Life& life) {
  model::Receive command{
      .ledger = life.ledger, .messages_max = static_cast<uint32_t>(1 + run_.below(4)), .settle_on_delivery = true};
  life.taking += command.messages_max;
  p.call(command, [this, &life, most = command.messages_max,
                   gone = life.deleted_ms.has_value()](const Result<model::Received>& reply) {
    life.taking -= most;
    if (!reply) return refused(life, "receive", reply.error());
    if (gone) run_.verdict.broken("a queue that was deleted answers");
    for (const model::DeliveredBatch& batch : reply->batches) {
      std::vector<std::string> bodies = bodies_of(batch.batch);
      for (const model::DeliveredRun& run : batch.runs)
        for (uint32_t i = 0; i < run.count; ++i) delivered(life, bodies.at(run.index + i), run.failed);
    }
  });
}

void PassingQueue::consume(Program& p, Life& life) {
  p.call(model::Attach{.ledger = life.ledger, .tag = ConsumerTag(run_.new_tag()), .credit = 3},
         [this, &life](const Result<model::Attached>& reply) {
           if (!reply) refused(life, "attach", reply.error());
         });
}

void PassingQueue::on_notice(Program& p, const broker::Notice& notice) {
  if (const auto* cancelled = std::get_if<broker::ConsumerCancelled>(&notice)) {
    auto life = by_id_.find(cancelled->ledger.queue);
    if (life == by_id_.end() || !life->second->deleting) run_.verdict.broken("a consumer was cancelled");
  }
  const auto* delivery = std::get_if<broker::Delivery>(&notice);
  if (!delivery) return;
  Life& life = *by_id_.at(delivery->messages.ledger.queue);
  std::vector<std::string> bodies = bodies_of(delivery->messages.batch);
  for (const model::DeliveredRun& run : delivery->messages.runs) {
    std::vector<std::string> mine(bodies.begin() + run.index, bodies.begin() + run.index + run.count);
    for (const std::string& body : mine) delivered(life, body, run.failed);
    model::Settle accept{.ledger = life.ledger,
                         .consumer = delivery->tag,
                         .runs = {{delivery->messages.offset_of(run), run.count}},
                         .durable_reply = true};
    p.call(std::move(accept), [this, &life, mine](const Result<model::Settled>& reply) {
      if (!reply) return refused(life, "settle", reply.error());
      for (const std::string& body : mine) life.oracle.settled(body);
    });
  }
}

void PassingQueue::purge(Program& p, Life& life) {
  life.purge_ms = now();
  std::vector<std::string> there;
  for (const auto& [body, confirmed] : life.confirmed) {
    life.oracle.may_leave(body);
    if (confirmed && !life.oracle.was_delivered(body)) there.push_back(body);
  }
  p.call(model::Purge{life.ledger}, [this, &life, there, sent_ms = now()](const Result<model::Purged>& reply) {
    if (!reply) return refused(life, "purge", reply.error());
    if (forgot_ms_ >= sent_ms) return;  // a connection may just have given something back
    for (const std::string& body : there)
      if (!life.oracle.was_delivered(body)) life.purged[body] = now();
  });
}

void PassingQueue::remove(Program& p, Life& life) {
  if (changing_ || life.deleting) return;
  changing_ = life.deleting = true;
  p.call(model::DeleteQueue{.name = kName}, [this, &life](const Result<model::QueueDeleted>& reply) {
    changing_ = false;
    if (!reply) return run_.refused("delete", reply.error());
    life.deleted_ms = now();
  });
}

void PassingQueue::add(Program& p) {
  if (changing_) return;
  changing_ = true;
  p.call(model::DeclareQueue{.name = kName}, [this](const Result<model::QueueDeclared>& reply) {
    changing_ = false;
    if (!reply) return run_.refused("declare", reply.error());
    Life& life = life_of(reply->queue);
    life.everywhere = true;
    if (life.deleted_ms) run_.verdict.broken("queue passing was deleted and is there again");
  });
}

void PassingQueue::drain(SimClient& client) {
  auto declared = run_.must(client, model::DeclareQueue{.name = kName}, "declare");
  if (!declared) return;
  Life& life = life_of(declared->queue);
  while (run_.verdict.ok()) {
    auto received = run_.must(
        client, model::Receive{.ledger = life.ledger, .messages_max = 100, .settle_on_delivery = true}, "receive");
    if (!received || received->batches.empty()) break;
    for (const model::DeliveredBatch& batch : received->batches) {
      std::vector<std::string> bodies = bodies_of(batch.batch);
      for (const model::DeliveredRun& run : batch.runs)
        for (uint32_t i = 0; i < run.count; ++i) delivered(life, bodies.at(run.index + i), run.failed);
    }
  }
  if (!life.deleting) life.oracle.check_drained(nullptr, life.taken_unheard);
}

}  // namespace godwit::sim
