#include "sim/consuming.h"

#include <algorithm>

namespace godwit::sim {

using model::Verb;

void Consuming::consume(Target& target) {
  LedgerId ledger = program_.ledger(target.queue, target.partition);
  if (auto known = consuming_.find(&target); known != consuming_.end())
    return program_.client().tell({ledger, ConsumerTag(known->second), static_cast<uint32_t>(1 + run_.below(5))});
  uint32_t tag = run_.new_tag();
  consuming_[&target] = tag;
  tags_[tag] = &target;
  program_.call(
      model::Attach{.ledger = ledger, .tag = ConsumerTag(tag), .credit = static_cast<uint32_t>(1 + run_.below(20))},
      [this](const Result<model::Attached>& reply) {
        if (!reply) run_.verdict.broken(fmt::format("attach refused: {}", reply.error().message));
      });
}

void Consuming::stop() {
  if (consuming_.empty()) return;
  auto [target, tag] = *consuming_.begin();
  consuming_.erase(target);
  tags_.erase(tag);
  std::erase_if(held_, [&, t = target, number = tag](const Held& held) {
    if (held.tag.value != number) return false;
    t->oracle->returned(held.body);
    return true;
  });
  program_.call(model::Detach{.ledger = program_.ledger(target->queue, target->partition), .tag = ConsumerTag(tag)},
                [this, number = tag](const Result<model::Detached>&) { detached_.insert(number); });
}

void Consuming::forget() {
  for (const Held& held : held_) tags_.at(held.tag.value)->oracle->returned(held.body);
  held_.clear();
  consuming_.clear();
  tags_.clear();
}

void Consuming::on_delivery(const broker::Delivery& delivery) {
  if (detached_.contains(delivery.tag.value)) run_.verdict.broken("a delivery follows the end of its consumer");
  auto consumer = tags_.find(delivery.tag.value);
  if (consumer == tags_.end()) return;  // on its way when the consumer left: the broker has it back
  Target& target = *consumer->second;
  std::vector<std::string> bodies = bodies_of(delivery.messages.batch);
  for (const model::DeliveredRun& run : delivery.messages.runs) {
    for (uint32_t i = 0; i < run.count; ++i) {
      const std::string& body = bodies.at(run.index + i);
      Offset offset = delivery.messages.offset_of(run) + i;
      offsets_.shown(target.where(), offset, body);
      target.oracle->delivered(body, run_.boot, run.failed);
      held_.push_back({body, offset, delivery.messages.ledger, delivery.tag});
      if (run.redelivered) continue;
      Offset& newest = newest_.try_emplace(&target, Offset(-1)).first->second;
      if (offset <= newest)
        run_.verdict.broken(
            fmt::format("{} offset {} is delivered as new after {}", target.queue, offset.value, newest.value));
      newest = offset;
    }
  }
}

void Consuming::settle() {
  if (held_.empty()) return;
  constexpr Verb kVerbs[] = {Verb::kAccept, Verb::kAccept, Verb::kAccept, Verb::kRelease, Verb::kFail, Verb::kReject};
  model::Settle command{.ledger = held_.front().ledger,
                        .consumer = held_.front().tag,
                        .verb = kVerbs[run_.below(std::size(kVerbs))],
                        .durable_reply = !run_.chance(3)};
  if (run_.chance(8) && (command.verb == Verb::kRelease || command.verb == Verb::kFail))
    command.delay_ms = static_cast<int64_t>(1 + run_.below(200));
  Target& target = *tags_.at(command.consumer->value);
  std::vector<std::string> bodies;
  for (uint64_t n = 1 + run_.below(6); n > 0 && !held_.empty() && held_.front().tag == *command.consumer; --n) {
    bodies.push_back(held_.front().body);
    command.runs.push_back({held_.front().offset, 1});
    held_.pop_front();
  }
  command.credit = static_cast<uint32_t>(bodies.size());
  bool done = command.verb == Verb::kAccept || command.verb == Verb::kReject;
  for (const std::string& body : bodies) {
    bool dead = command.verb == Verb::kReject && target.dead;
    if (done)
      target.oracle->settling(body, run_.boot, dead);
    else
      target.oracle->returned(body);
    if (dead) target.dead->sent(body);
  }
  program_.call(command, [this, &target, bodies, verb = command.verb,
                          durable = command.durable_reply](const Result<model::Settled>& reply) {
    if (!reply) {
      run_.refused("settle", reply.error());
      for (const std::string& body : bodies) target.oracle->unsettled(body);
      return;
    }
    if (reply->settled != bodies.size()) return run_.verdict.broken("settled fewer than were held");
    if (durable) settled(target, bodies, verb);
  });
}

void Consuming::settled(Target& from, const std::vector<std::string>& bodies, Verb verb) {
  for (const std::string& body : bodies) {
    if (verb == Verb::kFail) from.oracle->failed_durably(body);
    if (verb == Verb::kAccept || verb == Verb::kReject) from.oracle->settled(body);
    if (verb == Verb::kReject && from.dead) from.dead->confirmed(body);
  }
}

void drain_ledger(Run& run, SimClient& client, Target& target, OffsetOracle& offsets) {
  if (!run.verdict.ok()) return;
  const model::QueueInfo* info = client.catalog().queue(model::Name{.text = target.queue});
  if (!info) return run.verdict.broken(fmt::format("queue {} is gone", target.queue));
  LedgerId id{info->id, {info->topic, target.partition}};
  uint64_t unsettled = 0;
  client.on_notice = [&](broker::Notice& notice) {
    auto* delivery = std::get_if<broker::Delivery>(&notice);
    if (!delivery) return;
    std::vector<std::string> bodies = bodies_of(delivery->messages.batch);
    for (const model::DeliveredRun& part : delivery->messages.runs) {
      Offset first = delivery->messages.offset_of(part);
      for (uint32_t i = 0; i < part.count; ++i) {
        const std::string& body = bodies.at(part.index + i);
        offsets.shown(target.where(), first + i, body);
        target.oracle->delivered(body, run.boot, part.failed);
        target.oracle->settled(body);
      }
      ++unsettled;
      client.call(
          model::Settle{.ledger = id, .consumer = delivery->tag, .runs = {{first, part.count}}, .durable_reply = true},
          [&](const Result<model::Settled>& settled) { unsettled -= settled ? 1 : 0; });
    }
  };
  ConsumerTag tag(run.new_tag());
  run.must(client, model::Attach{.ledger = id, .tag = tag, .credit = 1'000'000}, "attach");
  constexpr int kRoundsMax = 500;  // a group's messages come one after the other
  std::optional<model::LedgerDescribed> left;
  for (int round = 0; round < kRoundsMax && run.verdict.ok(); ++round) {
    run.world.advance(20);
    if (!run.world.run_until([&] { return unsettled == 0; }))
      run.verdict.broken(fmt::format("{} is not drained", target.queue));
    left = run.must(client, model::DescribeLedger{id}, "describe");
    if (left && left->ready + left->leased + left->delayed + left->deferred == 0) break;
  }
  if (left && left->ready + left->leased + left->delayed + left->deferred > 0)
    run.verdict.broken(fmt::format("{} keeps {} ready, {} leased, {} delayed and {} deferred messages", target.queue,
                                   left->ready, left->leased, left->delayed, left->deferred));
  run.must(client, model::Detach{.ledger = id, .tag = tag}, "detach");
  client.on_notice = {};
}

std::vector<std::pair<Offset, std::string>> read_log(Run& run, SimClient& client, PartitionId partition, Texts texts) {
  std::vector<std::pair<Offset, std::string>> all;
  Offset from(0);
  while (auto fetched =
             run.must(client, model::Fetch{.partition = partition, .from = from, .bytes_max = 65'536}, "fetch")) {
    if (fetched->batches.empty()) {
      if (from != fetched->end) run.verdict.broken(fmt::format("nothing at {} of {}", from.value, fetched->end.value));
      break;
    }
    for (const model::Batch& batch : fetched->batches) {
      std::vector<std::string> read = texts(batch);
      for (size_t i = 0; i < read.size(); ++i)
        all.emplace_back(batch.base_offset() + static_cast<int64_t>(i), std::move(read[i]));
    }
    Offset next = fetched->batches.back().end_offset();
    if (next <= from) {
      run.verdict.broken("a fetch does not move on");
      break;
    }
    from = next;
  }
  return all;
}

}  // namespace godwit::sim
