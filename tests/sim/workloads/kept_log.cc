#include "sim/workloads/kept_log.h"

#include <algorithm>

#include "sim/consuming.h"

namespace godwit::sim {
namespace {

constexpr size_t kBatchesRemembered = 5;  ///< of a producer, by the broker
constexpr uint32_t kPartitionsMax = 5;

bool try_later(const Error& error) { return error.code == ErrorCode::kFull || error.code == ErrorCode::kBusy; }

}  // namespace

KeptLog::KeptLog(Run& run) : Workload(run, 2 + run.below(2)), producers_(programs_.size()) {
  for (Program& p : programs_)
    p.on_notice = [this, &p](const broker::Notice& notice) {
      if (auto* grown = std::get_if<broker::TopicGrown>(&notice)) find_newest(p, grown->topic);
    };
  for (size_t i = 0; i < producers_.size(); ++i) producers_[i].partition = static_cast<uint32_t>(i % 2);
}

void KeptLog::set_up(SimClient& client) {
  model::TopicSettings kept{.retention = model::Retention::kTime, .retention_ms = -1};
  auto topic = run_.must(
      client, model::CreateTopic{.name = {.text = "log"}, .partitions = 2, .settings = kept, .if_absent = true},
      "create topic");
  if (!topic) return;
  if (run_.boot > 1 && topic->created) run_.verdict.broken("the topic was lost");
  if (topic->topic.partitions < partitions_ || topic->topic.partitions > partitions_sent_)
    run_.verdict.broken(fmt::format("{} partitions: {} were confirmed, {} asked for", topic->topic.partitions,
                                    partitions_, partitions_sent_));
  partitions_ = topic->topic.partitions;
  for (size_t i = 0; i < producers_.size(); ++i) {
    if (producers_[i].id >= 0) continue;
    auto allocated = run_.must(programs_[i].client(), model::AllocateProducer{}, "allocate producer");
    if (!allocated) return;
    producers_[i].id = allocated->producer_id;
    for (size_t other = 0; other < i; ++other)
      if (producers_[other].id == producers_[i].id) run_.verdict.broken("a producer id was given out twice");
  }
  auto committed = run_.must(client, model::FetchOffsets{.group = "readers"}, "fetch offsets");
  if (!committed) return;
  int64_t position = committed->offsets.empty() ? 0 : committed->offsets[0].offset.value;
  if (position < commit_acked_ || position > commit_sent_)
    run_.verdict.broken(
        fmt::format("position {} was committed, {} was confirmed, {} sent", position, commit_acked_, commit_sent_));
}

void KeptLog::act(Program& p) {
  Producer& mine = producers_[index_of(p)];
  if (run_.chance(30)) return add_partitions(p);
  switch (run_.below(6)) {
    case 0:
    case 1: return produce(p, mine);
    case 2: return repeat(p, mine);
    case 3:
    case 4: return fetch(p, mine);
    case 5: return commit(programs_[0]);
  }
}

void KeptLog::forget(Program& p, bool broker) {
  producers_[index_of(p)].waiting = false;
  if (&p != &programs_[0]) return;
  commits_unordered_ = !broker && (commits_unordered_ || commits_under_way_ > 0);
  commits_under_way_ = 0;
}

void KeptLog::produce(Program& p, Producer& mine) {
  if (mine.waiting) return;
  if (mine.next.bodies.empty())
    for (uint64_t n = 1 + run_.below(4); n > 0; --n) mine.next.bodies.push_back(run_.new_body("log"));
  const model::TopicInfo* topic = p.topic("log");
  if (!topic) return;
  mine.waiting = true;
  p.call(model::Append{.partition = {topic->id, mine.partition},
                       .batch = batch_of(mine.next.bodies),
                       .producer = model::Append::Producer{mine.id, 0, mine.next.sequence}},
         [this, &mine](const Result<model::Appended>& reply) { produced(mine, reply); });
}

void KeptLog::produced(Producer& mine, const Result<model::Appended>& reply) {
  mine.waiting = false;
  if (!reply) {
    if (!try_later(reply.error())) run_.refused("produce", reply.error());
    return;
  }
  mine.next.offset = reply->base_offset;
  for (size_t i = 0; i < mine.next.bodies.size(); ++i)
    offsets_.shown(where(mine.partition), reply->base_offset + static_cast<int64_t>(i), mine.next.bodies[i]);
  int32_t sequence = mine.next.sequence + static_cast<int32_t>(mine.next.bodies.size());
  mine.answered.push_back(std::move(mine.next));
  if (mine.answered.size() > kBatchesRemembered) mine.answered.pop_front();
  mine.next = {.sequence = sequence};
}

void KeptLog::repeat(Program& p, Producer& mine) {
  const model::TopicInfo* topic = p.topic("log");
  // While a new batch is on its way the oldest may be forgotten.
  size_t first = mine.next.bodies.empty() ? 0 : 1;
  if (!topic || mine.answered.size() <= first) return;
  Sending old = mine.answered[first + run_.below(mine.answered.size() - first)];
  model::Append again{.partition = {topic->id, mine.partition},
                      .batch = batch_of(old.bodies),
                      .producer = model::Append::Producer{mine.id, 0, old.sequence}};
  p.call(std::move(again), [this, old](const Result<model::Appended>& reply) {
    if (!reply && try_later(reply.error())) return;
    if (!reply) return run_.verdict.broken(fmt::format("a repeat was refused: {}", reply.error().message));
    if (!reply->duplicate || reply->base_offset != old.offset)
      run_.verdict.broken(fmt::format("a repeat of offset {} was answered with {}{}", old.offset.value,
                                      reply->base_offset.value, reply->duplicate ? "" : ", as new"));
  });
}

void KeptLog::fetch(Program& p, Producer& mine) {
  const model::TopicInfo* topic = p.topic("log");
  if (!topic) return;
  auto index = static_cast<uint32_t>(run_.below(partitions_));
  model::Fetch command{.partition = {topic->id, index}, .from = mine.position, .bytes_max = 4096};
  if (run_.chance(4)) command.from = Offset(0);
  p.call(command, [this, &mine, index](const Result<model::Fetched>& reply) {
    if (!reply) {
      mine.position = Offset(0);
      if (reply.error().code != ErrorCode::kOffsetOutOfRange) run_.refused("fetch", reply.error());
      return;
    }
    for (const model::Batch& batch : reply->batches) {
      std::vector<std::string> bodies = bodies_of(batch);
      for (size_t i = 0; i < bodies.size(); ++i)
        offsets_.shown(where(index), batch.base_offset() + static_cast<int64_t>(i), bodies[i]);
      mine.position = batch.end_offset();
      if (batch.end_offset() > reply->end) run_.verdict.broken("a fetch shows more than its end");
    }
  });
}

/// From one connection, so that the order of the commits is known.
void KeptLog::commit(Program& p) {
  if (commits_unordered_) return;
  ++commits_under_way_;
  int64_t position = ++commit_sent_;
  model::CommittedOffset offset{.topic = "log", .partition = 0, .offset = Offset(position)};
  p.call(model::CommitOffsets{.group = "readers", .offsets = {offset}},
         [this, position](const Result<model::OffsetsCommitted>& reply) {
           --commits_under_way_;
           if (!reply) return run_.refused("commit", reply.error());
           commit_acked_ = std::max(commit_acked_, position);
         });
}

void KeptLog::add_partitions(Program& p) {
  if (partitions_sent_ > partitions_ || partitions_ == kPartitionsMax) return;
  uint32_t wanted = ++partitions_sent_;
  p.call(model::AddPartitions{.name = {.text = "log"}, .partitions = wanted},
         [this, wanted](const Result<model::PartitionsAdded>& reply) {
           if (!reply) return run_.verdict.broken(fmt::format("add partitions: {}", reply.error().message));
           partitions_ = wanted;
         });
}

/// Who is told that the topic has grown finds all of it.
void KeptLog::find_newest(Program& p, TopicId id) {
  const model::TopicInfo* topic = p.client().catalog().topic(id);
  if (!topic || topic->partitions > partitions_sent_) return run_.verdict.broken("told of what nobody asked for");
  p.call(model::FindOffset{.partition = {id, topic->partitions - 1}, .at = model::FindOffset::At::kStart},
         [this](const Result<model::OffsetFound>& reply) {
           if (!reply) run_.verdict.broken(fmt::format("a new partition: {}", reply.error().message));
         });
}

void KeptLog::drain(SimClient& client) {
  for (uint32_t partition = 0; partition < partitions_; ++partition) read_all(client, partition);
}

void KeptLog::read_all(SimClient& client, uint32_t index) {
  const model::TopicInfo* topic = client.catalog().topic(model::Name{.text = "log"});
  if (!topic || !run_.verdict.ok()) return run_.verdict.broken("the topic is not in the catalog");
  std::vector<std::pair<Offset, std::string>> all = read_log(run_, client, {topic->id, index}, bodies_of);
  if (!run_.verdict.ok()) return;
  offsets_.check_complete(where(index), all);
  std::set<std::string> bodies;
  for (const auto& [offset, body] : all)
    if (!bodies.insert(body).second) run_.verdict.broken(fmt::format("'{}' was produced twice", short_of(body)));
}

}  // namespace godwit::sim
