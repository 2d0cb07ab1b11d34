#include "broker/catalog_service.h"

#include <algorithm>

#include <fmt/format.h>

#include "broker/broker.h"
#include "broker/worker.h"
#include "engine/record_codec.h"
#include "model/placement.h"

namespace godwit::broker {

std::vector<model::QueueInfo> CatalogService::exclusive_queues_of(SessionId session) const {
  std::vector<model::QueueInfo> queues;
  auto it = exclusive_.find(session.value);
  if (it == exclusive_.end()) return queues;
  for (QueueId id : it->second)
    if (const model::QueueInfo* queue = view_.queue(id)) queues.push_back(*queue);
  return queues;
}

engine::CatalogContext CatalogService::context_for(SessionId session, const model::QueueInfo* queue) const {
  // The broker acts for the owner when it cleans up after it.
  if (is_worker_itself(session) && queue && queue->exclusive_session != 0)
    session = SessionId(queue->exclusive_session);
  return {.session = session, .now = worker_.now()};
}

void CatalogService::with_counts(const Envelope& e, const model::Name& name, bool uses, OnCounts then) {
  const model::QueueInfo* queue = authority_.queue(name);
  engine::CatalogContext context = context_for(e.session, queue);
  const model::TopicInfo* topic = queue ? authority_.topic(queue->topic) : nullptr;
  if (!topic) return then(context);
  struct Gather {
    engine::CatalogContext context;
    size_t waiting;
    OnCounts then;
  };
  auto gather = std::make_shared<Gather>(Gather{context, topic->partitions, std::move(then)});
  for (uint32_t p = 0; p < topic->partitions; ++p) {
    worker_.call(model::DescribeLedger{{queue->id, {topic->id, p}}, uses},
                 [gather](const Result<model::LedgerDescribed>& d) {
                   if (d) {
                     gather->context.ready += d->ready;
                     gather->context.consumers = std::max(gather->context.consumers, d->consumers);
                   }
                   if (--gather->waiting == 0) gather->then(gather->context);
                 });
  }
}

Result<std::vector<ByteVec>> CatalogService::encode(const engine::CatalogRecords& records) const {
  const size_t bytes_max = std::min(kCatalogRecordBytesMax, worker_.stage().record_bytes_max());
  std::vector<ByteVec> bodies;
  for (const engine::CatalogRecord& record : records) {
    engine::encode_record(record, bodies.emplace_back());
    if (bodies.back().size() > bytes_max)
      return fail(ErrorCode::kTooLarge, fmt::format("settings and arguments of {} bytes; at most {} are kept",
                                                    bodies.back().size(), bytes_max));
  }
  return bodies;
}

void CatalogService::commit(SessionId session, RequestId request, engine::CatalogRecords records, Reply reply) {
  Result<std::vector<ByteVec>> bodies = encode(records);
  if (!bodies) records.clear(), reply = std::unexpected(bodies.error());
  auto mine = std::make_shared<Commit>(Commit{0, session, request, std::move(reply), {}});
  commits_.push_back(mine);
  Stage::OwnedShard& shard = worker_.stage().shard(ShardId(kCatalogShard));
  if (records.empty()) {
    // It may rest on a change that is not everywhere yet.
    return worker_.when_durable(shard.last_lsn, [this] { answer_finished(); });
  }
  mine->waiting = worker_.broker().workers();
  for (size_t i = 0; i < records.size(); ++i) {
    const engine::CatalogRecord& record = records[i];
    bool lost =
        worker_.options().plant == testing::Plant::kLostBinding && std::holds_alternative<engine::BindingAdded>(record);
    if (!engine::is_volatile(record, authority_) && !lost)
      shard.shard.emit_foreign(static_cast<engine::RecordType>(engine::record_type(record)),
                               engine::kCatalogRecordVersion, (*bodies)[i]);
    auto* put = std::get_if<engine::TopicPut>(&record);
    const model::TopicInfo* before = put ? authority_.topic(put->topic->id) : nullptr;
    if (before && before->partitions < put->topic->partitions) mine->grown.push_back(before->id);
    authority_.apply(record);
  }
  auto shared = std::make_shared<const engine::CatalogRecords>(std::move(records));
  worker_.when_durable(shard.last_lsn, [this, mine, shared] { broadcast(mine, shared); });
}

void CatalogService::broadcast(std::shared_ptr<Commit> commit, std::shared_ptr<const engine::CatalogRecords> records) {
  WorkerId home = worker_.id();
  worker_.broker().run_on_each([this, commit, records, home](Worker& worker) {
    for (const engine::CatalogRecord& record : *records) worker.catalog().adopt(record);
    worker.when_durable(worker.stage().lsn(), [this, commit, home, &worker] {
      worker.broker().run_on(home, [this, commit](Worker&) {
        --commit->waiting;
        answer_finished();
      });
    });
  });
}

void CatalogService::answer_finished() {
  while (!commits_.empty() && commits_.front()->waiting == 0) {
    std::shared_ptr<Commit> done = std::move(commits_.front());
    commits_.pop_front();
    for (TopicId topic : done->grown) tell_grown(topic);
    worker_.reply(done->session, done->request, std::move(done->reply));
  }
}

void CatalogService::tell_grown(TopicId topic) {
  worker_.broker().run_on_each([topic](Worker& worker) {
    worker.for_each_session([&](SessionPort& port) { worker.notify(port.id(), TopicGrown{topic}); });
  });
}

void CatalogService::adopt(const engine::CatalogRecord& record) {
  if (auto* removed = std::get_if<engine::QueueRemoved>(&record)) close_queue(removed->id);
  if (auto* removed = std::get_if<engine::TopicRemoved>(&record)) close_topic(removed->id);
  if (auto* removed = std::get_if<engine::TopicRemoved>(&record)) {
    const model::TopicInfo* topic = view_.topic(removed->id);
    if (topic && topic->name.space == kGroupSpace) worker_.groups().topic_deleted(topic->name.text);
  }
  view_.apply(record);
  if (auto* put = std::get_if<engine::TopicPut>(&record))
    if (const engine::TopicEntry* topic = view_.find_topic(put->topic->id)) open_share(*topic, queues_of(*topic));
  auto* put = std::get_if<engine::QueuePut>(&record);
  if (!put) return;
  if (const engine::TopicEntry* topic = view_.find_topic(put->queue->topic))
    open_share(*topic, {view_.find_queue(put->queue->id)});
  if (put->queue->exclusive_session == 0) return;
  SessionId owner(put->queue->exclusive_session);
  exclusive_[owner.value].push_back(put->queue->id);
  // Its connection was lost while the queue was being declared.
  if (worker_of(owner) == worker_.id() && !worker_.session(owner))
    worker_.call(model::DeleteQueue{.name = put->queue->name, .only = put->queue->id},
                 [](const Result<model::QueueDeleted>&) {});
}

CatalogService::Entries CatalogService::queues_of(const engine::TopicEntry& topic) const {
  Entries queues;
  for (QueueId id : topic.subscriptions) queues.push_back(view_.find_queue(id));
  if (const engine::QueueEntry* own = view_.find_queue(topic.own_queue)) queues.push_back(own);
  return queues;
}

void CatalogService::open_share(const engine::TopicEntry& topic, const Entries& queues) {
  for (uint32_t i = 0; i < topic.info->partitions; ++i) {
    if (worker_.owner_of(model::shard_of({topic.info->id, i})) != worker_.id()) continue;
    PartitionRuntime& partition = worker_.partitions().open(topic.info, i);
    for (const engine::QueueEntry* queue : queues) worker_.queues().open(queue->info, partition);
  }
}

void CatalogService::close_queue(QueueId id) {
  const model::QueueInfo* queue = view_.queue(id);
  if (!queue) return;
  if (queue->exclusive_session != 0) {
    auto it = exclusive_.find(queue->exclusive_session);
    if (it != exclusive_.end()) {
      std::erase(it->second, id);
      if (it->second.empty()) exclusive_.erase(it);
    }
  }
  const model::TopicInfo* topic = view_.topic(queue->topic);
  for (uint32_t i = 0; topic && i < topic->partitions; ++i) worker_.queues().close({id, {topic->id, i}});
}

void CatalogService::close_topic(TopicId id) {
  const model::TopicInfo* topic = view_.topic(id);
  for (uint32_t i = 0; topic && i < topic->partitions; ++i) worker_.partitions().close({id, i});
}

Result<void> CatalogService::replay(uint8_t type, uint8_t version, ByteView body) {
  if (version > engine::kCatalogRecordVersion)
    return fail(ErrorCode::kUnsupported, "a catalog record was written by a newer release");
  auto record = engine::decode_record<engine::CatalogRecord>(type, version, body);
  if (!record) return std::unexpected(record.error());
  authority_.apply(*record);
  return {};
}

void CatalogService::restore(const engine::CatalogRecords& records) {
  for (const engine::CatalogRecord& record : records) authority_.apply(record);
}

void CatalogService::start_from(const engine::Catalog& authority) {
  for (const engine::CatalogRecord& record : authority.snapshot(engine::Keep::kAll)) view_.apply(record);
  view_.finish_replay();
  view_.for_each_space([&](std::string_view space) {
    view_.for_each_topic(space, [&](const model::TopicInfo& topic) {
      const engine::TopicEntry& entry = *view_.find_topic(topic.id);
      open_share(entry, queues_of(entry));
    });
  });
  close_orphans();
}

void CatalogService::close_orphans() {
  for (auto& [id, owner] : worker_.stage().shards()) {
    std::vector<LedgerId> ledgers;
    for (auto& [ledger, state] : owner->shard.ledgers())
      if (!worker_.queues().find(ledger)) ledgers.push_back(ledger);
    for (LedgerId ledger : ledgers) owner->shard.emit(engine::LedgerClosed{ledger});
    std::vector<PartitionId> partitions;
    for (auto& [partition, state] : owner->shard.partitions())
      if (!worker_.partitions().find(partition)) partitions.push_back(partition);
    for (PartitionId partition : partitions) owner->shard.emit(engine::PartitionClosed{partition});
  }
}

}  // namespace godwit::broker
