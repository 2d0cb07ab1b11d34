#include "broker/stage.h"

#include "base/check.h"
#include "base/limits.h"
#include "broker/broker.h"

namespace godwit::broker {

void Stage::OwnedShard::record(ShardId id, engine::RecordType type, uint8_t version, uint64_t seq, ByteView head,
                               Slice payload) {
  if (!stage) return;
  stage->make_place(head.size() + payload.size());
  last_lsn = ++stage->lsn_;
  dirty = true;
  stage->entries_.add(id, static_cast<uint8_t>(type), version, seq, head, std::move(payload));
}

Stage::OwnedShard& Stage::shard(ShardId id) {
  std::unique_ptr<OwnedShard>& owned = shards_[id];
  if (!owned) owned = std::make_unique<OwnedShard>(id, this);
  return *owned;
}

Stage::OwnedShard* Stage::find(ShardId id) {
  auto it = shards_.find(id);
  return it == shards_.end() ? nullptr : it->second.get();
}

/// What a turn records may be more than the journal takes at once: then what came first goes ahead.
void Stage::make_place(size_t body_bytes) {
  size_t bytes = storage::EntryHeader::kBytes + body_bytes;
  if (entries_.bytes() + bytes > broker_.journal().append_bytes_max()) flush();
}

size_t Stage::record_bytes_max() const { return broker_.journal().append_bytes_max() / 8 * 7; }

size_t Stage::carried_bytes_max() const { return broker_.journal().append_bytes_max() - 4_KiB; }

void Stage::flush() {
  urgent_ = false;
  if (entries_.empty()) return;
  flushed_lsn_ = lsn_;
  broker_.journal().append(worker_, lsn_, std::exchange(entries_, {}));
}

void Stage::on_durable(uint64_t ticket, storage::ChunkSeq seq) {
  CHECK(ticket > durable_lsn_ && ticket <= flushed_lsn_, "ticket {} of ({}, {}]", ticket, durable_lsn_, flushed_lsn_);
  durable_lsn_ = ticket;
  chunks_.emplace_back(ticket, seq);
}

storage::ChunkSeq Stage::chunk_bound(uint64_t lsn) const {
  storage::ChunkSeq bound = newest_chunk_;
  for (const auto& [ticket, seq] : chunks_) {
    if (ticket >= lsn) break;
    bound = seq;
  }
  return bound;
}

void Stage::forget_below(uint64_t lsn) {
  while (!chunks_.empty() && chunks_.front().first < lsn) {
    newest_chunk_ = chunks_.front().second;
    chunks_.pop_front();
  }
}

}  // namespace godwit::broker
