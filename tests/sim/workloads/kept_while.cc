#include "sim/workloads/kept_while.h"

#include <algorithm>

namespace godwit::sim {
namespace {

const std::string kTopic = "kept";
const std::string kGroup = "kept-readers";

}  // namespace

KeptWhile::KeptWhile(Run& run) : Workload(run, 2), kept_ms_(run.chance(2) ? 0 : 300) {
  for (const char* name : {"kept", "kept-too"}) oracles_.emplace_back(name, run.verdict);
  for (QueueOracle& oracle : oracles_)
    readers_.push_back({.target = {.oracle = &oracle, .queue = oracle.name(), .topic = kTopic}});
}

void KeptWhile::set_up(SimClient& client) {
  declare(client, "kept", {.lease_ms = 500});
  auto too = run_.must(
      client, model::DeclareQueue{.name = {.text = "kept-too"}, .topic = kTopic, .settings = {.lease_ms = 500}},
      "declare");
  if (too && run_.boot > 1 && too->created) run_.verdict.broken("queue kept-too was lost");
  run_.must(client, model::AlterTopic{{.text = kTopic}, {.settled_ms = kept_ms_}}, "alter topic");
  auto committed = run_.must(client, model::FetchOffsets{.group = kGroup}, "fetch offsets");
  if (!committed) return;
  int64_t position = committed->offsets.empty() ? 0 : committed->offsets[0].offset.value;
  if (position < position_acked_ || position > position_sent_)
    run_.verdict.broken(
        fmt::format("position {} of {}; {} was confirmed, {} sent", position, kGroup, position_acked_, position_sent_));
  // What was sent and is lost lets nothing go.
  position_sent_ = position_acked_ = position;
  positions_ms_.erase(positions_ms_.upper_bound(position), positions_ms_.end());
  if (committed->offsets.empty())
    run_.must(client, model::CommitOffsets{.group = kGroup, .offsets = {{.topic = kTopic, .offset = Offset(0)}}},
              "commit");
  check_start(programs_[0]);
}

void KeptWhile::restarted() {
  for (QueueOracle& oracle : oracles_) oracle.restarted();
}

void KeptWhile::forget(Program&, bool) { forgot_ms_ = run_.world.now().boot_ms; }

void KeptWhile::act(Program& p) {
  switch (run_.below(9)) {
    case 0:
    case 1:
    case 2: return send(p);
    case 3: return commit(programs_[0]);
    case 4: return check_start(p);
    case 5: return run_.chance(3) ? run_.world.advance(static_cast<int64_t>(run_.below(250))) : read_on(p);
    default: return receive(p, readers_[run_.below(readers_.size())]);
  }
}

void KeptWhile::send(Program& p) {
  std::vector<Sent> messages;
  for (uint64_t n = 1 + run_.below(4); n > 0; --n) messages.push_back({.body = run_.new_body("kept")});
  for (const Sent& sent : messages)
    for (QueueOracle& oracle : oracles_) oracle.sent(sent.body);
  publish(p, kTopic, 0, messages, [this, messages](const Result<model::Appended>& reply) {
    for (const Sent& sent : messages)
      for (QueueOracle& oracle : oracles_) reply ? oracle.confirmed(sent.body) : oracle.refused(sent.body);
    if (reply) end_ = std::max(end_, reply->base_offset.value + static_cast<int64_t>(messages.size()));
  });
}

void KeptWhile::receive(Program& p, Reader& reader) {
  p.call(model::Receive{.ledger = p.ledger(reader.target.queue), .messages_max = 5, .lease_ms = 500},
         [this, &p, &reader](const Result<model::Received>& reply) {
           if (!reply) return run_.refused("receive", reply.error());
           accept(p, reader, *reply);
         });
}

void KeptWhile::accept(Program& p, Reader& reader, const model::Received& received) {
  for (const model::DeliveredBatch& delivered : received.batches) {
    std::vector<std::string> bodies = bodies_of(delivered.batch);
    for (const model::DeliveredRun& run : delivered.runs) {
      const std::string& body = bodies.at(run.index);
      Offset offset = delivered.offset_of(run);
      offsets_.shown(reader.target.where(), offset, body);
      if (run_.chance(5)) continue;  // its lease runs out
      reader.target.oracle->delivered(body, run_.boot, run.failed);
      reader.target.oracle->settling(body, run_.boot, false);
      reader.settled_ms.try_emplace(offset, run_.world.now().boot_ms);
      model::Settle command{
          .ledger = delivered.ledger, .runs = {{offset, 1}}, .attempts = {run.attempt}, .durable_reply = true};
      p.call(std::move(command), [this, &reader, body](const Result<model::Settled>& reply) {
        if (!reply) return run_.refused("settle", reply.error());
        reader.target.oracle->settled(body);
      });
    }
  }
}

/// From one connection, and only forward: not while one of the connection before may be on its way.
void KeptWhile::commit(Program& p) {
  if (position_sent_ >= end_ || forgot_ms_ == run_.world.now().boot_ms) return;
  position_sent_ += static_cast<int64_t>(1 + run_.below(static_cast<uint64_t>(end_ - position_sent_)));
  positions_ms_.try_emplace(position_sent_, run_.world.now().boot_ms);
  p.call(model::CommitOffsets{.group = kGroup, .offsets = {{.topic = kTopic, .offset = Offset(position_sent_)}}},
         [this, position = position_sent_](const Result<model::OffsetsCommitted>& reply) {
           if (!reply) return run_.refused("commit", reply.error());
           position_acked_ = std::max(position_acked_, position);
         });
}

void KeptWhile::check_start(Program& p) {
  const model::TopicInfo* topic = p.topic(kTopic);
  if (!topic) return;
  p.call(model::FindOffset{.partition = {topic->id, 0}, .at = model::FindOffset::At::kStart},
         [this](const Result<model::OffsetFound>& reply) {
           if (!reply) return run_.refused("find offset", reply.error());
           check_start(*reply->offset);
         });
}

void KeptWhile::check_start(Offset start) {
  int64_t latest = run_.world.now().boot_ms - kept_ms_;
  int64_t passed = 0;  // by the group, long enough ago
  for (const auto& [position, ms] : positions_ms_)
    if (ms <= latest) passed = std::max(passed, position);
  if (start.value > passed)
    run_.verdict.broken(fmt::format("the log begins at {}, and its group had passed {}", start.value, passed));
  for (const Reader& reader : readers_) {
    for (Offset offset(0); offset < start; ++offset) {
      auto settled = reader.settled_ms.find(offset);
      if (settled == reader.settled_ms.end() || settled->second > latest)
        return run_.verdict.broken(fmt::format("the log begins at {}, and {} had not settled {} so long", start.value,
                                               reader.target.queue, offset.value));
    }
  }
}

void KeptWhile::read_on(Program& p) {
  const model::TopicInfo* topic = p.topic(kTopic);
  if (!topic) return;
  Offset from(position_sent_);
  p.call(model::Fetch{.partition = {topic->id, 0}, .from = from, .bytes_max = 4096},
         [this, from](const Result<model::Fetched>& reply) {
           bool moved_on = position_sent_ > from.value;  // by a commit of another connection, which came first
           if (!reply && reply.error().code == ErrorCode::kOffsetOutOfRange && moved_on) return;
           if (!reply && reply.error().code == ErrorCode::kOffsetOutOfRange)
             return run_.verdict.broken(fmt::format("{}, which the group had reached, is gone", from.value));
           if (!reply) return run_.refused("fetch", reply.error());
           for (const model::Batch& batch : reply->batches) {
             std::vector<std::string> bodies = bodies_of(batch);
             for (size_t i = 0; i < bodies.size(); ++i)
               offsets_.shown(readers_[0].target.where(), batch.base_offset() + static_cast<int64_t>(i), bodies[i]);
           }
         });
}

void KeptWhile::drain(SimClient& client) {
  for (Reader& reader : readers_) drain_ledger(run_, client, reader.target, offsets_);
  for (QueueOracle& oracle : oracles_) oracle.check_drained(nullptr);
}

}  // namespace godwit::sim
