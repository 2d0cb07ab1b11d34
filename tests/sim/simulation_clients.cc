#include <fmt/format.h>

#include "model/read_message.h"
#include "sim/simulation.h"

// What the programs of a simulation do with the broker, and what they note down of it.
namespace godwit::sim {

namespace {

model::Batch batch_of(const std::vector<std::string>& bodies) {
  model::NativeBatchBuilder builder;
  for (const std::string& body : bodies) {
    model::NativeMessage m;
    m.body = as_bytes(body);
    builder.add(m);
  }
  return builder.seal(1);
}

std::vector<std::string> bodies_of(const model::Batch& batch) {
  std::vector<std::string> bodies;
  model::NativeBatchReader in(batch.payload);
  model::NativeMessage m;
  while (in.next(m)) bodies.emplace_back(as_string(m.body));
  return bodies;
}

}  // namespace

void Simulation::act() {
  Program& w = programs_[below(programs_.size())];
  // The first one commits positions: from one connection, so that their order is known.
  if (chance(40) && &w != &programs_[0]) {
    drop(w);
    connect(w);
    return;
  }
  if (chance(60)) return world_.disk().set_capacity(world_.disk().used_bytes() + below(400'000));
  if (chance(20)) return world_.disk().set_capacity(disk_bytes_);
  switch (below(16)) {
    case 0:
    case 1:
    case 2:
    case 3: return publish(w);
    case 4: return consume(w);
    case 5: return chance(3) ? stop_consuming(w) : consume(w);
    case 6:
    case 7:
    case 8:
    case 9: return settle(w);
    case 10:
    case 11: return produce(w);
    case 12:
    case 13: return fetch(w);
    case 14: return commit(programs_[0]);
    case 15: return use_volatile(w);
  }
}

void Simulation::publish(Program& w) {
  Queue& q = queues_[below(2)];
  std::vector<std::string> bodies;
  for (uint64_t n = 1 + below(4); n > 0; --n) bodies.push_back(new_body(q.name.c_str()));
  for (const std::string& body : bodies) q.oracle.sent(body);
  PartitionId partition = ledger(*w.client, q.name).partition;
  ++w.pending;
  w.client->call(model::Append{.partition = partition, .batch = batch_of(bodies)},
                 [this, &w, &q, bodies](const Result<model::Appended>& reply) {
                   --w.pending;
                   if (!reply) {
                     for (const std::string& body : bodies) q.oracle.refused(body);
                     if (reply.error().code != ErrorCode::kFull && reply.error().code != ErrorCode::kBusy)
                       verdict_.broken(fmt::format("publish refused: {}", reply.error().message));
                     return;
                   }
                   for (size_t i = 0; i < bodies.size(); ++i) {
                     q.oracle.confirmed(bodies[i]);
                     offsets_.shown(q.name, reply->base_offset + static_cast<int64_t>(i), bodies[i]);
                   }
                   Offset& last = w.published.try_emplace(q.name, Offset(-1)).first->second;
                   if (reply->base_offset <= last) verdict_.broken("published messages are out of order");
                   last = reply->base_offset;
                 });
}

void Simulation::consume(Program& w) {
  Queue& q = any_queue();
  if (w.consuming.contains(q.name)) {
    w.client->tell({ledger(*w.client, q.name), ConsumerTag(w.consuming[q.name]), static_cast<uint32_t>(1 + below(5))});
    return;
  }
  uint32_t tag = next_tag_++;
  w.consuming[q.name] = tag;
  w.tags[tag] = &q;
  ++w.pending;
  w.client->call(
      model::Attach{
          .ledger = ledger(*w.client, q.name), .tag = ConsumerTag(tag), .credit = static_cast<uint32_t>(1 + below(20))},
      [this, &w](const Result<model::Attached>& reply) {
        --w.pending;
        if (!reply) verdict_.broken(fmt::format("attach refused: {}", reply.error().message));
      });
}

void Simulation::stop_consuming(Program& w) {
  if (w.consuming.empty()) return;
  auto [name, tag] = *w.consuming.begin();
  w.consuming.erase(name);
  Queue& q = *w.tags.at(tag);
  w.tags.erase(tag);
  std::erase_if(w.held, [&, number = tag](const Held& held) {
    if (held.tag.value != number) return false;
    q.oracle.returned(held.body);
    return true;
  });
  ++w.pending;
  w.client->call(model::Detach{.ledger = ledger(*w.client, name), .tag = ConsumerTag(tag)},
                 [&w](const Result<model::Detached>&) { --w.pending; });
}

void Simulation::on_delivery(Program& w, const broker::Delivery& delivery) {
  auto consumer = w.tags.find(delivery.tag.value);
  if (consumer == w.tags.end()) return;  // on its way when the consumer left: the broker has it back
  Queue& q = *consumer->second;
  std::vector<std::string> bodies = bodies_of(delivery.messages.batch);
  for (const model::DeliveredRun& run : delivery.messages.runs) {
    for (uint32_t i = 0; i < run.count; ++i) {
      const std::string& body = bodies.at(run.index + i);
      Offset offset = delivery.messages.offset_of(run) + i;
      offsets_.shown(q.name, offset, body);
      q.oracle.delivered(body, boot_, run.failed);
      w.held.push_back({body, offset, delivery.messages.ledger, delivery.tag});
      if (run.redelivered) continue;
      Offset& newest = w.newest.try_emplace(q.name, Offset(-1)).first->second;
      if (offset <= newest)
        verdict_.broken(fmt::format("{} offset {} is delivered as new after {}", q.name, offset.value, newest.value));
      newest = offset;
    }
  }
}

void Simulation::settle(Program& w) {
  if (w.held.empty()) return;
  constexpr model::Verb kVerbs[] = {model::Verb::kAccept,  model::Verb::kAccept, model::Verb::kAccept,
                                    model::Verb::kRelease, model::Verb::kFail,   model::Verb::kReject};
  model::Settle command{.ledger = w.held.front().ledger,
                        .consumer = w.held.front().tag,
                        .verb = kVerbs[below(std::size(kVerbs))],
                        .durable_reply = !chance(3)};
  Queue& q = *w.tags.at(command.consumer->value);
  std::vector<std::string> bodies;
  for (uint64_t n = 1 + below(6); n > 0 && !w.held.empty() && w.held.front().tag == *command.consumer; --n) {
    bodies.push_back(w.held.front().body);
    command.runs.push_back({w.held.front().offset, 1});
    w.held.pop_front();
  }
  command.credit = static_cast<uint32_t>(bodies.size());
  bool accept_or_reject = command.verb == model::Verb::kAccept || command.verb == model::Verb::kReject;
  for (const std::string& body : bodies) {
    bool dead = command.verb == model::Verb::kReject && q.dead_letters;
    if (accept_or_reject)
      q.oracle.settling(body, boot_, dead);
    else
      q.oracle.returned(body);
    if (dead) queue("dead").oracle.sent(body);
  }
  ++w.pending;
  w.client->call(command, [this, &w, &q, bodies, verb = command.verb,
                           durable = command.durable_reply](const Result<model::Settled>& reply) {
    --w.pending;
    if (!reply) return verdict_.broken(fmt::format("settle refused: {}", reply.error().message));
    if (reply->settled != bodies.size()) return verdict_.broken("settled fewer than were held");
    if (durable) settled(q, bodies, verb);
  });
}

void Simulation::settled(Queue& from, const std::vector<std::string>& bodies, model::Verb verb) {
  for (const std::string& body : bodies) {
    if (verb == model::Verb::kFail) from.oracle.failed_durably(body);
    if (verb == model::Verb::kAccept) from.oracle.settled(body);
    if (verb != model::Verb::kReject) continue;
    // Its messages may have to be read before they are copied: then the answer comes first.
    if (!from.dead_letters) from.oracle.settled(body);
  }
}

void Simulation::produce(Program& w) {
  Producer& p = w.producer;
  if (p.waiting || p.id < 0) return;
  if (p.bodies.empty())
    for (uint64_t n = 1 + below(4); n > 0; --n) p.bodies.push_back(new_body("log"));
  send_batch(w);
}

void Simulation::send_batch(Program& w) {
  Producer& p = w.producer;
  const model::TopicInfo* topic = w.client->catalog().topic(model::Name{.text = "log"});
  if (!topic) return verdict_.broken("the topic is not in the catalog");
  p.waiting = true;
  ++w.pending;
  w.client->call(model::Append{.partition = {topic->id, p.partition},
                               .batch = batch_of(p.bodies),
                               .producer = model::Append::Producer{p.id, 0, p.sequence}},
                 [this, &w](const Result<model::Appended>& reply) {
                   --w.pending;
                   Producer& mine = w.producer;
                   mine.waiting = false;
                   if (!reply) {
                     if (reply.error().code != ErrorCode::kFull && reply.error().code != ErrorCode::kBusy)
                       verdict_.broken(fmt::format("produce refused: {}", reply.error().message));
                     return;
                   }
                   std::string where = fmt::format("log/{}", mine.partition);
                   for (size_t i = 0; i < mine.bodies.size(); ++i) {
                     offsets_.shown(where, reply->base_offset + static_cast<int64_t>(i), mine.bodies[i]);
                     produced_.insert(mine.bodies[i]);
                   }
                   mine.sequence += static_cast<int32_t>(mine.bodies.size());
                   mine.bodies.clear();
                 });
}

void Simulation::fetch(Program& w) {
  const model::TopicInfo* topic = w.client->catalog().topic(model::Name{.text = "log"});
  if (!topic) return verdict_.broken("the topic is not in the catalog");
  auto index = static_cast<uint32_t>(below(2));
  model::Fetch command{.partition = {topic->id, index}, .from = w.position, .bytes_max = 4096};
  if (chance(4)) command.from = Offset(0);
  ++w.pending;
  w.client->call(command, [this, &w, index](const Result<model::Fetched>& reply) {
    --w.pending;
    if (!reply) {
      w.position = Offset(0);
      if (reply.error().code != ErrorCode::kOffsetOutOfRange)
        verdict_.broken(fmt::format("fetch refused: {}", reply.error().message));
      return;
    }
    for (const model::Batch& batch : reply->batches) {
      std::vector<std::string> bodies = bodies_of(batch);
      for (size_t i = 0; i < bodies.size(); ++i)
        offsets_.shown(fmt::format("log/{}", index), batch.base_offset() + static_cast<int64_t>(i), bodies[i]);
      w.position = batch.end_offset();
      if (batch.end_offset() > reply->end) verdict_.broken("a fetch shows more than its end");
    }
  });
}

void Simulation::commit(Program& w) {
  int64_t position = ++commit_sent_;
  ++w.pending;
  model::CommittedOffset offset{.topic = "log", .partition = 0, .offset = Offset(position)};
  w.client->call(model::CommitOffsets{.group = "readers", .offsets = {offset}},
                 [this, &w, position](const Result<model::OffsetsCommitted>& reply) {
                   --w.pending;
                   if (!reply) return verdict_.broken(fmt::format("commit refused: {}", reply.error().message));
                   commit_acked_ = std::max(commit_acked_, position);
                 });
}

void Simulation::use_volatile(Program& w) {
  LedgerId id = ledger(*w.client, "memory");
  ++w.pending;
  w.client->call(model::Append{.partition = id.partition, .batch = batch_of({new_body("memory")})},
                 [&w](const Result<model::Appended>&) { --w.pending; });
  ++w.pending;
  w.client->call(model::Receive{.ledger = id, .messages_max = 5, .settle_on_delivery = true},
                 [this, &w](const Result<model::Received>& reply) {
                   --w.pending;
                   if (!reply) verdict_.broken(fmt::format("receive refused: {}", reply.error().message));
                 });
}

}  // namespace godwit::sim
