#include "broker/recovery.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "broker/broker.h"
#include "broker/message_bytes.h"
#include "broker/shard_image.h"
#include "broker/worker.h"
#include "model/placement.h"
#include "storage/damage.h"

namespace godwit::broker {

Result<void> Recovery::restore(const storage::Manifest& manifest) {
  // Which shard comes first does not matter. Each blob is read once, and only one is in memory at a time.
  std::vector<storage::ShardSnapshotRef> refs = manifest.shards;
  std::ranges::sort(refs, {}, [](const storage::ShardSnapshotRef& ref) { return std::tie(ref.blob, ref.shard); });
  std::string blob;
  Slice bytes;
  for (const storage::ShardSnapshotRef& ref : refs) {
    std::string file = "blobs/" + ref.blob;
    if (ref.blob != blob) {
      bytes = {};
      Result<Slice> read = broker_.blobs().get_now(ref.blob);
      if (!read && read.error().code == ErrorCode::kNotFound)
        return storage::unreadable(file, {ErrorCode::kCorrupt, "missing, although the manifest names it"});
      if (!read) return std::unexpected(read.error());
      blob = ref.blob;
      bytes = std::move(*read);
    }
    if (ref.position > bytes.size() || ref.bytes > bytes.size() - ref.position)
      return storage::unreadable(file, {ErrorCode::kCorrupt, "shorter than the manifest says"});
    Worker& worker = broker_.worker(broker_.owner_of(ref.shard));
    auto segments = restore_shard_image(worker, ref.shard, bytes.sub(ref.position, ref.bytes), ref.seq);
    if (!segments)
      return storage::unreadable(
          file, {segments.error().code, fmt::format("shard {}: {}", ref.shard.value, segments.error().message)});
    for (ShardSegments& s : *segments) segments_[s.partition] = std::move(s.segments);
    worker.checkpoint().adopt(ref, bytes.size());
    covered_[ref.shard] = ref.seq;
  }
  return {};
}

Result<void> Recovery::replay(storage::ChunkSeq, const storage::EntryHeader& entry, const Slice& body) {
  Worker& worker = broker_.worker(broker_.owner_of(entry.shard));
  auto type = static_cast<engine::RecordType>(entry.type);
  if (auto covered = covered_.find(entry.shard); covered != covered_.end() && entry.seq <= covered->second) return {};
  ++replayed_;
  Stage::OwnedShard& owner = worker.stage().shard(entry.shard);
  owner.dirty = true;
  std::optional<std::pair<PartitionId, model::Batch>> appended;
  auto mine = owner.shard.replay(type, entry.version, entry.seq, body, appended);
  if (!mine) return std::unexpected(mine.error());
  if (appended) keep(appended->first, std::move(appended->second));
  if (*mine) return {};
  return type >= engine::RecordType::kFirstCatalog
             ? worker.catalog().replay(entry.type, entry.version, body)
             : worker.groups().replay(entry.shard, entry.type, entry.version, body);
}

void Recovery::keep(PartitionId id, model::Batch batch) {
  batch.payload = Slice::copy(batch.payload);  // what was read shares the memory of a whole piece of the journal
  held_bytes_ += batch.bytes();
  batches_[id].push_back(std::move(batch));
  if (held_bytes_ > prune_at_bytes_) prune();
}

bool Recovery::needed(PartitionId id, const model::Batch& batch) {
  engine::Shard& shard = broker_.worker(broker_.owner_of(model::shard_of(id))).stage().shard(model::shard_of(id)).shard;
  const engine::Partition* partition = shard.partition(id);
  if (!partition || batch.end_offset() <= partition->log_start) return false;
  const auto& ledgers = shard.ledgers_of(id);
  if (ledgers.empty() || !partition->readers.empty()) return true;
  // Whether readers want it is the topic's setting, which is known only at the end: keep what may be wanted.
  bool unsettled = std::any_of(ledgers.begin(), ledgers.end(), [&](const engine::Ledger* ledger) {
    return ledger->unsettled_in(batch.base_offset(), batch.end_offset()) > 0;
  });
  if (unsettled) return true;
  const model::TopicInfo* topic =
      broker_.worker(broker_.owner_of(ShardId(kCatalogShard))).catalog().authority().topic(id.topic);
  return !topic || topic->settings.retention != model::Retention::kSettled || topic->settings.settled_ms > 0;
}

void Recovery::prune() {
  held_bytes_ = 0;
  for (auto& [id, batches] : batches_) {
    std::erase_if(batches, [&](const model::Batch& batch) { return !needed(id, batch); });
    for (const model::Batch& batch : batches) held_bytes_ += batch.bytes();
  }
  prune_at_bytes_ = held_bytes_ + (64ULL << 20);
}

/// Who owned a segment's partition when it was written does not matter: there may be other workers now.
void Recovery::adopt_segments() {
  std::map<std::string, std::set<WorkerId>> users;
  for (const auto& [id, segments] : segments_) {
    WorkerId owner = broker_.owner_of(model::shard_of(id));
    for (const storage::SegmentRef& segment : segments) {
      broker_.worker(owner).checkpoint().adopt(segment);
      users[segment.blob].insert(owner);
    }
  }
  for (const auto& [blob, workers] : users)
    if (workers.size() > 1) broker_.manifests().share(blob, workers.size());
}

void Recovery::finish(storage::Journal& journal, storage::ChunkSeq last) {
  broker_.attach(journal);
  CatalogService& catalog = broker_.worker(broker_.owner_of(ShardId(kCatalogShard))).catalog();
  catalog.finish_replay();
  adopt_segments();
  for (size_t w = 0; w < broker_.workers(); ++w) {
    Worker& worker = broker_.worker(WorkerId(static_cast<uint16_t>(w)));
    worker.stage().start_after(last);
    for (auto& [id, owner] : worker.stage().shards()) owner->shard.restart();
    worker.catalog().start_from(catalog.authority());
    for (auto& [id, p] : worker.partitions().all()) {
      std::vector<storage::SegmentRef> segments = std::exchange(segments_[id], {});
      if (!segments.empty())
        for (QueueRuntime* q : p->queues) q->expires = true;  // segments do not say whether their messages do
      p->log.restore_segments(std::move(segments));
      for (const model::Batch& batch : batches_[id]) {
        uint64_t live = 0;
        for (const QueueRuntime* q : p->queues)
          live += q->ledger->unsettled_in(batch.base_offset(), batch.end_offset());
        p->log.append(batch, 0, live, p->keeps_for_readers() && batch.end_offset() > p->log_start);
        if (live > 0)
          for (QueueRuntime* q : p->queues) worker.queues().watch_times(*q, batch);
      }
      for (QueueRuntime* q : p->queues) Queues::find_holes(*q);
      for (QueueRuntime* q : p->queues)
        if (q->ledger->counts_bytes()) count_bytes(*q->ledger, p->log);
      worker.partitions().add_memory(*p, static_cast<int64_t>(p->log.memory_bytes()));
      batches_.erase(id);
    }
    worker.partitions().show_replayed();
  }
  // Of topics that were deleted since the snapshot.
  for (const auto& [id, segments] : segments_)
    broker_.worker(broker_.owner_of(model::shard_of(id))).checkpoint().release(segments);
  batches_.clear();
}

std::vector<std::string> Recovery::orphans(const std::vector<std::string>& blobs,
                                           const storage::Manifest& manifest) const {
  std::set<std::string> used{storage::manifest_key(manifest.counter)};
  for (const storage::ShardSnapshotRef& ref : manifest.shards) used.insert(ref.blob);
  for (const auto& [id, segments] : segments_)
    for (const storage::SegmentRef& segment : segments) used.insert(segment.blob);
  std::vector<std::string> orphans;
  for (const std::string& blob : blobs)
    if (!used.contains(blob)) orphans.push_back(blob);
  return orphans;
}

int32_t Recovery::last_epoch() const {
  int32_t last = -1;
  for (size_t w = 0; w < broker_.workers(); ++w)
    for (auto& [id, owner] : broker_.worker(WorkerId(static_cast<uint16_t>(w))).stage().shards())
      for (auto& [partition, facts] : owner->shard.partitions())
        if (!facts.epochs.empty()) last = std::max(last, facts.last_epoch());
  return last;
}

}  // namespace godwit::broker
