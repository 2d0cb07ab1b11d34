#include "sim/workloads/lost_tail.h"

#include <algorithm>

#include "sim/consuming.h"

namespace godwit::sim {
namespace {

const std::string kTopic = "tail";
const std::string kQueue = "tail-queue";
const std::string kGroup = "tail-readers";
constexpr int64_t kLeaseMs = 300;

}  // namespace

void LostTail::set_up(SimClient& client) {
  newest_there_ = 0;
  first_gone_ = UINT64_MAX;
  run_.must(client,
            model::CreateTopic{.name = {.text = kTopic},
                               .partitions = kPartitions,
                               .settings = {.retention = model::Retention::kTime, .retention_ms = -1},
                               .if_absent = true},
            "create topic");
  run_.must(client, model::DeclareQueue{.name = {.text = kQueue}, .topic = kTopic, .settings = {.lease_ms = kLeaseMs}},
            "declare");
  for (uint32_t partition = 0; partition < kPartitions && run_.verdict.ok(); ++partition) look(client, partition);
  if (!run_.verdict.ok()) return;
  look_at_commits(client);
  check_one_moment();
}

void LostTail::note(Event& event, bool there) {
  if (there && event.lost) return run_.verdict.broken("what a restart had lost is there again");
  if (there) newest_there_ = std::max(newest_there_, event.sent);
  if (!there && !event.lost && event.answered > 0) first_gone_ = std::min(first_gone_, event.answered);
  event.lost = !there;
  if (there && event.answered == 0) event.answered = ++count_;
}

void LostTail::check_one_moment() {
  if (first_gone_ == UINT64_MAX) return;
  if (!run_.lost_power) run_.verdict.broken(fmt::format("number {} was answered and is lost", first_gone_));
  if (first_gone_ < newest_there_)
    run_.verdict.broken(fmt::format("number {} was answered and is lost, and {}, which began later, is there",
                                    first_gone_, newest_there_));
}

void LostTail::show(Log& log, Offset offset, const std::string& body) {
  auto [it, added] = log.shown.try_emplace(offset, body);
  if (!added && it->second != body)
    run_.verdict.broken(
        fmt::format("offset {} was '{}' and is '{}'", offset.value, short_of(it->second), short_of(body)));
}

std::set<std::string> LostTail::unsettled(SimClient& client, LedgerId ledger) {
  std::set<std::string> all;
  Offset from(0);
  while (auto seen = run_.must(client, model::Peek{.ledger = ledger, .from = from, .messages_max = 1000}, "peek")) {
    if (seen->batches.empty()) break;
    for (const model::DeliveredBatch& delivered : seen->batches) {
      std::vector<std::string> bodies = bodies_of(delivered.batch);
      for (const model::DeliveredRun& run : delivered.runs) {
        all.insert(bodies.begin() + run.index, bodies.begin() + run.index + run.count);
        from = delivered.offset_of(run) + run.count;
      }
    }
  }
  return all;
}

void LostTail::look(SimClient& client, uint32_t partition) {
  const model::TopicInfo* topic = client.catalog().topic(model::Name{.text = kTopic});
  const model::QueueInfo* queue = client.catalog().queue(model::Name{.text = kQueue});
  if (!topic || !queue) return run_.verdict.broken("the topic or its queue is gone");
  PartitionId id{topic->id, partition};
  LedgerId ledger{queue->id, id};
  Log& log = logs_[partition];
  auto end = run_.must(client, model::FindOffset{.partition = id, .at = model::FindOffset::At::kEnd}, "find the end");
  auto all = read_log(run_, client, id, bodies_of);
  std::set<std::string> left = unsettled(client, ledger);
  if (!end || !run_.verdict.ok()) return;
  if (epoch_ >= 0) log.ends[epoch_] = *end->offset;
  if (partition == kPartitions - 1) epoch_ = end->leader_epoch;
  log.shown.erase(log.shown.lower_bound(*end->offset), log.shown.end());
  std::set<std::string> there;
  for (const auto& [offset, body] : all) show(log, offset, body), there.insert(body);
  for (auto& [body, message] : log.messages) {
    note(message.append, there.contains(body));
    if (!message.settle || message.append.lost) continue;
    note(*message.settle, !left.contains(body));
    if (message.settle->lost) message.settle.reset();  // it is settled again some time
  }
}

void LostTail::look_at_commits(SimClient& client) {
  auto committed = run_.must(client, model::FetchOffsets{.group = kGroup}, "fetch offsets");
  if (!committed) return;
  int64_t position = committed->offsets.empty() ? -1 : committed->offsets[0].offset.value;
  for (auto& [at, commit] : commits_) note(commit, at <= position);
  std::erase_if(commits_, [](const auto& commit) { return commit.second.lost; });
}

void LostTail::act(Program& p) {
  uint32_t partition = static_cast<uint32_t>(run_.below(kPartitions));
  switch (run_.below(8)) {
    case 0: return commit(programs_[0]);
    case 1: return ask_epoch(p, partition);
    case 2:
    case 3: return receive(p, partition);
    default: return send(p, partition);
  }
}

void LostTail::send(Program& p, uint32_t partition) {
  std::vector<std::string> bodies;
  for (uint64_t n = 1 + run_.below(3); n > 0; --n) bodies.push_back(run_.new_body("tail"));
  Log& log = logs_[partition];
  Event event = begun();
  std::vector<Sent> messages;
  for (const std::string& body : bodies) {
    log.messages[body].append = event;
    messages.push_back({.body = body});
  }
  publish(p, kTopic, partition, messages, [this, &log, bodies](const Result<model::Appended>& reply) {
    uint64_t number = ++count_;
    for (size_t i = 0; i < bodies.size(); ++i) {
      if (!reply) {
        log.messages.erase(bodies[i]);
        continue;
      }
      log.messages[bodies[i]].append.answered = number;
      show(log, reply->base_offset + static_cast<int64_t>(i), bodies[i]);
    }
  });
}

void LostTail::receive(Program& p, uint32_t partition) {
  LedgerId ledger = p.ledger(kQueue, partition);
  p.call(model::Receive{.ledger = ledger, .messages_max = 4, .lease_ms = kLeaseMs},
         [this, &p, ledger](const Result<model::Received>& reply) {
           if (!reply) return run_.refused("receive", reply.error());
           Log& log = logs_[ledger.partition.index];
           for (const model::DeliveredBatch& delivered : reply->batches) {
             std::vector<std::string> bodies = bodies_of(delivered.batch);
             for (const model::DeliveredRun& run : delivered.runs) {
               Message& message = log.messages[bodies.at(run.index)];
               show(log, delivered.offset_of(run), bodies[run.index]);
               if (message.settle && message.settle->answered > 0)
                 run_.verdict.broken(fmt::format("'{}' was settled and is received", short_of(bodies[run.index])));
               message.settle = begun();
               p.call(model::Settle{.ledger = ledger,
                                    .runs = {{delivered.offset_of(run), 1}},
                                    .attempts = {run.attempt},
                                    .durable_reply = true},
                      [this, &message](const Result<model::Settled>& settled) {
                        if (!settled) return run_.refused("settle", settled.error());
                        if (message.settle) message.settle->answered = ++count_;
                      });
             }
           }
         });
}

/// From one connection, and only forward: not while one of the connection before may be on its way.
void LostTail::commit(Program& p) {
  if (forgot_ms_ == run_.world.now().boot_ms) return;
  int64_t position = commits_.empty() ? 0 : commits_.rbegin()->first + 1;
  commits_[position] = begun();
  p.call(model::CommitOffsets{.group = kGroup, .offsets = {{.topic = kTopic, .offset = Offset(position)}}},
         [this, position](const Result<model::OffsetsCommitted>& reply) {
           if (!reply) return run_.refused("commit", reply.error());
           if (auto commit = commits_.find(position); commit != commits_.end()) commit->second.answered = ++count_;
         });
}

void LostTail::ask_epoch(Program& p, uint32_t partition) {
  const model::TopicInfo* topic = p.topic(kTopic);
  const std::map<int32_t, Offset>& ends = logs_[partition].ends;
  if (!topic || ends.empty()) return;
  int32_t epoch = std::next(ends.begin(), static_cast<ptrdiff_t>(run_.below(ends.size())))->first;
  p.call(
      model::FindOffset{
          .partition = {topic->id, partition}, .at = model::FindOffset::At::kEpochEnd, .leader_epoch = epoch},
      [this, partition, epoch](const Result<model::OffsetFound>& reply) {
        if (!reply) return run_.refused("find an epoch's end", reply.error());
        check_epoch(partition, epoch, *reply);
      });
}

void LostTail::check_epoch(uint32_t partition, int32_t epoch, const model::OffsetFound& found) {
  Offset end = logs_[partition].ends.at(epoch);
  if (end == Offset(0) && !found.offset) return;  // nothing was ever appended by then
  if (!found.offset || *found.offset != end || found.leader_epoch > epoch)
    run_.verdict.broken(fmt::format("epoch {} ended at {}; the broker says epoch {} at {}", epoch, end.value,
                                    found.leader_epoch, found.offset ? found.offset->value : -1));
}

void LostTail::drain(SimClient& client) {
  run_.lost_power = false;
  set_up(client);  // nothing is lost between
  const model::TopicInfo* topic = client.catalog().topic(model::Name{.text = kTopic});
  for (uint32_t partition = 0; partition < kPartitions && run_.verdict.ok(); ++partition)
    for (const auto& [epoch, end] : std::map(logs_[partition].ends)) {
      if (epoch == epoch_) continue;
      auto found = run_.must(
          client,
          model::FindOffset{
              .partition = {topic->id, partition}, .at = model::FindOffset::At::kEpochEnd, .leader_epoch = epoch},
          "find an epoch's end");
      if (found) check_epoch(partition, epoch, *found);
    }
}

}  // namespace godwit::sim
