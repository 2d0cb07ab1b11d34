#include "sim/workloads/owned_queues.h"

#include <algorithm>

#include "sim/consuming.h"

namespace godwit::sim {
namespace {

const model::Name kExchange{.text = "owned"};
constexpr int64_t kEndMs = 5'000;  ///< within which a queue ends that has to, however slow the disk

std::string text_of(size_t name) { return fmt::format("owned-{}", name); }

}  // namespace

OwnedQueues::OwnedQueues(Run& run) : Workload(run, 2 + run.below(2)), sessions_(programs_.size()) {
  for (Program& p : programs_) p.on_notice = [this, &p](broker::Notice& notice) { on_notice(p, notice); };
}

OwnedLife& OwnedQueues::life_of(const model::QueueInfo& queue) {
  OwnedLife*& life = by_id_[queue.id];
  if (life) return *life;
  size_t name = static_cast<size_t>(queue.name.text.back() - '0');
  life = &lives_.emplace_back(queue, name, run_.verdict);
  if (deleting_[name].calls > 0 || deleting_[name].unheard_until > now()) life->ending = true;
  if (life->settings.exclusive && std::ranges::find(sessions_, life->owner) == sessions_.end()) {
    life->ending = true;  // its declaration was under way when the connection was lost
    life->must_end_ms = now();
  }
  return *life;
}

void OwnedQueues::set_up(SimClient& client) {
  auto exchange =
      run_.must(client, model::DeclareExchange{.exchange = {.name = kExchange, .type = "direct"}}, "exchange");
  if (exchange && run_.boot > 1 && exchange->created) run_.verdict.broken("exchange owned was lost");
  for (size_t name = 0; name < kNames; ++name) {
    const model::QueueInfo* info = client.catalog().queue({.text = text_of(name)});
    for (OwnedLife& life : lives_) {
      if (life.name != name || life.gone || (info && info->id == life.ledger.queue)) continue;
      if (life.lives()) run_.verdict.broken(fmt::format("queue {} was lost", text_of(name)));
      life.gone = true;
    }
    if (!info) continue;
    OwnedLife& life = life_of(*info);
    if (life.is_volatile()) run_.verdict.broken(fmt::format("queue {} is there after a restart", text_of(name)));
    if (life.gone) run_.verdict.broken(fmt::format("queue {} had ended and is there again", text_of(name)));
    life.survived();
  }
  look(client);
}

void OwnedQueues::restarted() {
  std::ranges::fill(deleting_, Deleting{});
  for (OwnedLife& life : lives_) {
    life.oracle.restarted();
    life.consumers.clear();
    if (life.is_volatile()) life.gone = true;
  }
}

void OwnedQueues::forget(Program& p, bool) {
  SessionId session = std::exchange(sessions_[index_of(p)], SessionId());
  if (session == SessionId()) return;
  for (OwnedLife& life : lives_) life.lost(session, index_of(p), now());
  for (Deleting& deleting : deleting_)
    if (std::exchange(deleting.calls, 0) > 0) deleting.unheard_until = now() + kEndMs;
}

void OwnedQueues::act(Program& p) {
  sessions_[index_of(p)] = p.client().id();
  look(p.client());
  size_t name = run_.below(kNames);
  const model::QueueInfo* queue = p.client().catalog().queue({.text = text_of(name)});
  OwnedLife* life = queue ? &life_of(*queue) : nullptr;
  if (run_.chance(15)) return reconnect(p);
  if (!life || run_.chance(8)) return declare_any(p, name, life);
  return life->is_others(p.client().id()) ? intrude(p, *life) : use(p, *life);
}

void OwnedQueues::use(Program& p, OwnedLife& life) {
  switch (run_.below(10)) {
    case 0: return bind(p, life);
    case 1:
    case 2: return attach(p, life);
    case 3: return detach(p, life);
    case 4: return run_.chance(4) ? remove(p, life) : send(p, life);
    case 5:
    case 6:
      for (const auto& [tag, consumer] : life.consumers)
        if (&programs_[consumer.program] == &p) return settle(p, life, tag);
      [[fallthrough]];
    default: return send(p, life);
  }
}

void OwnedQueues::refused(const OwnedLife& life, SessionId by, const char* what, const Error& error) {
  if (error.code == ErrorCode::kExclusive && life.is_others(by)) return;
  if (error.code != ErrorCode::kNotFound || life.lives()) run_.refused(what, error);
}

void OwnedQueues::look(SimClient& client) {
  for (size_t name = 0; name < kNames; ++name) {
    const model::QueueInfo* info = client.catalog().queue({.text = text_of(name)});
    if (info) life_of(*info);
    for (OwnedLife& life : lives_) {
      if (life.name != name || life.gone) continue;
      bool there = info && info->id == life.ledger.queue;
      if (!there && life.lives()) run_.verdict.broken(fmt::format("queue {} ended too early", text_of(name)));
      if (there && life.must_end_ms && now() - *life.must_end_ms > kEndMs)
        run_.verdict.broken(fmt::format("queue {} does not end", text_of(name)));
      life.gone = !there && life.everywhere;
    }
  }
  look_at_bindings(client);
}

void OwnedQueues::look_at_bindings(SimClient& client) {
  std::array<bool, kNames> there{};
  client.catalog().for_each_binding("default", [&](const model::Binding& binding) {
    if (binding.source == kExchange) there.at(static_cast<size_t>(binding.target.back() - '0')) = true;
  });
  for (size_t name = 0; name < kNames; ++name) {
    const model::QueueInfo* info = client.catalog().queue({.text = text_of(name)});
    if (!info && there[name]) run_.verdict.broken(fmt::format("a binding outlives queue {}", text_of(name)));
    if (!info) continue;
    const OwnedLife& life = life_of(*info);
    if (there[name] && life.bound == OwnedLife::Bound::kNo)
      run_.verdict.broken(fmt::format("queue {} has a binding that nobody made", text_of(name)));
    if (!there[name] && life.bound == OwnedLife::Bound::kYes)
      run_.verdict.broken(fmt::format("the binding of queue {} is lost", text_of(name)));
  }
}

model::DeclareQueue OwnedQueues::any_declaration(size_t name) {
  model::DeclareQueue wanted{.name = {.text = text_of(name)}};
  wanted.settings.exclusive = run_.chance(2);
  wanted.settings.auto_delete = !wanted.settings.exclusive || run_.chance(2);
  wanted.settings.durable = !run_.chance(3);
  if (run_.chance(4)) wanted.settings.message_ttl_ms = 3'600'000;
  return wanted;
}

void OwnedQueues::declare_any(Program& p, size_t name, const OwnedLife* life) {
  model::DeclareQueue wanted = any_declaration(name);
  if (life && run_.chance(2)) wanted.settings = life->settings;
  wanted.passive = life && run_.chance(5);
  QueueId lived = life && life->lives() ? life->ledger.queue : QueueId();
  p.call(wanted, [this, wanted, lived, session = p.client().id()](const Result<model::QueueDeclared>& reply) {
    declared(wanted, lived, session, reply);
  });
}

void OwnedQueues::declared(const model::DeclareQueue& wanted, QueueId lived, SessionId session,
                           const Result<model::QueueDeclared>& reply) {
  OwnedLife* answers = reply ? &life_of(reply->queue) : nullptr;
  for (OwnedLife& life : lives_) {
    if (text_of(life.name) != wanted.name.text || !life.lives() || &life == answers) continue;
    if (reply && answers->ledger.queue < life.ledger.queue) continue;  // a late answer, from before this one's time
    if (!reply && life.ledger.queue != lived) continue;
    auto told = life.told(wanted, session);
    if (reply || !told || reply.error().code != *told)
      run_.verdict.broken(fmt::format("queue {} lives, and somebody who declares it is told '{}'", wanted.name.text,
                                      reply ? "another queue" : reply.error().message));
  }
  if (!reply) {
    constexpr ErrorCode kTold[] = {ErrorCode::kExclusive, ErrorCode::kMismatch};
    bool fits = std::ranges::find(kTold, reply.error().code) != std::end(kTold);
    if (!fits && !(wanted.passive && reply.error().code == ErrorCode::kNotFound))
      run_.refused("declare", reply.error());
    return;
  }
  answers->everywhere = true;
  if (reply->created ? wanted.settings != answers->settings : answers->told(wanted, session).has_value())
    run_.verdict.broken(fmt::format("queue {} is not what was declared", wanted.name.text));
  if (answers->is_others(session)) run_.verdict.broken("a queue is exclusive to another than declared it");
}

/// Somebody whose queue it is not.
void OwnedQueues::intrude(Program& p, OwnedLife& life) {
  auto then = [this, &life, by = p.client().id()](const auto& reply) {
    if (reply) return run_.verdict.broken("an exclusive queue is used by another connection");
    refused(life, by, "an intruder", reply.error());
  };
  switch (run_.below(5)) {
    case 0: return p.call(model::Attach{.ledger = life.ledger, .tag = ConsumerTag(run_.new_tag()), .credit = 3}, then);
    case 1: return p.call(model::Receive{.ledger = life.ledger, .settle_on_delivery = true}, then);
    case 2: return p.call(model::Purge{life.ledger}, then);
    case 3: return send(p, life);  // its messages may come from anybody
    default: return life.lives() ? remove(p, life) : void();
  }
}

void OwnedQueues::send(Program& p, OwnedLife& life) {
  std::vector<std::string> bodies;
  for (uint64_t n = 1 + run_.below(3); n > 0; --n) bodies.push_back(run_.new_body("owned"));
  for (const std::string& body : bodies) life.oracle.sent(body);
  p.call(model::Append{.partition = life.ledger.partition, .batch = batch_of(bodies)},
         [this, &life, bodies](const Result<model::Appended>& reply) {
           if (!reply && !refused_for_now(reply.error())) refused(life, SessionId(), "publish", reply.error());
           for (const std::string& body : bodies) reply ? life.oracle.confirmed(body) : life.oracle.refused(body);
         });
}

void OwnedQueues::attach(Program& p, OwnedLife& life) {
  uint32_t tag = run_.new_tag();
  life.attaching(tag, index_of(p));
  p.call(
      model::Attach{.ledger = life.ledger, .tag = ConsumerTag(tag), .credit = static_cast<uint32_t>(1 + run_.below(9))},
      [this, &life, tag, by = p.client().id()](const Result<model::Attached>& reply) {
        if (!reply) {
          life.leaves(tag, now());
          return refused(life, by, "attach", reply.error());
        }
        life.consumed = true;
        if (auto consumer = life.consumers.find(tag); consumer != life.consumers.end()) consumer->second.sure = true;
      });
}

void OwnedQueues::detach(Program& p, OwnedLife& life) {
  for (const auto& [tag, consumer] : life.consumers) {
    if (&programs_[consumer.program] != &p) continue;
    p.call(model::Detach{.ledger = life.ledger, .tag = ConsumerTag(tag)}, [](const Result<model::Detached>&) {});
    return life.leaves(tag, now());
  }
}

void OwnedQueues::bind(Program& p, OwnedLife& life) {
  if (life.bound != OwnedLife::Bound::kNo || !life.lives()) return;
  life.bound = OwnedLife::Bound::kUnsure;
  std::string name = text_of(life.name);
  p.call(model::Bind{{.source = kExchange, .target = name, .routing_key = name}},
         [this, &life, by = p.client().id()](const Result<model::BindingChanged>& reply) {
           if (!reply) return refused(life, by, "bind", reply.error());
           if (life.lives()) life.bound = OwnedLife::Bound::kYes;
         });
}

void OwnedQueues::remove(Program& p, OwnedLife& life) {
  SessionId by = p.client().id();
  Deleting& deleting = deleting_[life.name];
  ++deleting.calls;
  for (OwnedLife& other : lives_)
    if (other.name == life.name && !other.is_others(by)) other.ending = true;
  p.call(model::DeleteQueue{.name = {.text = text_of(life.name)}},
         [this, &life, &deleting, by](const Result<model::QueueDeleted>& reply) {
           if (deleting.calls > 0) --deleting.calls;
           // It may have met one that was declared just before, and that is heard of in a moment.
           deleting.unheard_until = std::max(deleting.unheard_until, now() + 1);
           if (reply && life.lives() && life.is_others(by))
             run_.verdict.broken("an exclusive queue is deleted by another connection");
           if (!reply && reply.error().code != ErrorCode::kExclusive) refused(life, by, "delete", reply.error());
         });
}

void OwnedQueues::on_notice(Program& p, const broker::Notice& notice) {
  if (const auto* cancelled = std::get_if<broker::ConsumerCancelled>(&notice)) {
    auto life = by_id_.find(cancelled->ledger.queue);
    if (life != by_id_.end() && life->second->lives()) run_.verdict.broken("a consumer was cancelled");
  }
  const auto* delivery = std::get_if<broker::Delivery>(&notice);
  if (!delivery) return;
  auto life = by_id_.find(delivery->messages.ledger.queue);
  if (life != by_id_.end()) take(p, *life->second, *delivery);
}

void OwnedQueues::take(Program& p, OwnedLife& life, const broker::Delivery& delivery) {
  auto consumer = life.consumers.find(delivery.tag.value);
  if (consumer == life.consumers.end()) return;  // on its way when the consumer left: the broker has it back
  std::vector<std::string> bodies = bodies_of(delivery.messages.batch);
  for (const model::DeliveredRun& run : delivery.messages.runs)
    for (uint32_t i = 0; i < run.count; ++i) {
      life.oracle.delivered(bodies.at(run.index + i), run_.boot, run.failed);
      consumer->second.held.emplace_back(bodies[run.index + i], delivery.messages.offset_of(run) + i);
    }
  if (!run_.chance(3)) settle(p, life, delivery.tag.value);
}

void OwnedQueues::settle(Program& p, OwnedLife& life, uint32_t tag) {
  std::deque<std::pair<std::string, Offset>>& held = life.consumers.at(tag).held;
  if (held.empty()) return p.client().tell({life.ledger, ConsumerTag(tag), 2});
  auto [body, offset] = held.front();
  held.pop_front();
  life.oracle.settling(body, run_.boot, false);
  bool durable = run_.chance(2);
  p.call(model::Settle{.ledger = life.ledger,
                       .consumer = ConsumerTag(tag),
                       .runs = {{offset, 1}},
                       .credit = 1,
                       .durable_reply = durable},
         [this, &life, body, durable, by = p.client().id()](const Result<model::Settled>& reply) {
           if (!reply) return refused(life, by, "settle", reply.error());
           if (durable) life.oracle.settled(body);
         });
}

/// One that is left: nobody has consumed from it yet.
void OwnedQueues::drain_one(SimClient& client, OwnedLife& life) {
  OffsetOracle offsets(run_.verdict);
  Target target{.oracle = &life.oracle, .queue = text_of(life.name)};
  drain_ledger(run_, client, target, offsets);
  if (life.lives()) life.oracle.check_drained(nullptr);
}

void OwnedQueues::drain(SimClient& client) {
  look(client);
  for (size_t name = 0; name < kNames && run_.verdict.ok(); ++name) {
    model::Name text{.text = text_of(name)};
    if (const model::QueueInfo* info = client.catalog().queue(text)) {
      OwnedLife& life = life_of(*info);
      if (life.settings.exclusive || life.must_end_ms) {
        run_.verdict.broken(fmt::format("queue {} outlives whom it belonged to", text.text));
        return;
      }
      drain_one(client, life);
      // The disk may still be slow.
      bool ended = run_.world.run_until([&] { return !client.catalog().queue(text); }, 5'000);
      if (run_.verdict.ok() && !ended) run_.verdict.broken(fmt::format("queue {} outlives its consumer", text.text));
    }
    auto again =
        run_.must(client, model::DeclareQueue{.name = text, .settings = {.length_max = 1'000'000}}, "declare anew");
    if (again && !again->created) run_.verdict.broken(fmt::format("queue {} is there again", text.text));
    look_at_bindings(client);
    run_.must(client, model::DeleteQueue{.name = text}, "delete");
  }
}

}  // namespace godwit::sim
