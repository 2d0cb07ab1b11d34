#include <algorithm>

#include "engine/shard.h"

namespace godwit::engine {
namespace {

constexpr uint8_t kSnapshotVersion = 4;

/// In order of their ids, so that equal states give equal bytes.
template <class Map>
auto sorted_keys(const Map& map) {
  std::vector<typename Map::key_type> keys;
  keys.reserve(map.size());
  for (const auto& [key, value] : map) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace

void Shard::snapshot(ByteVec& out) const {
  Writer writer(out);
  writer.u8(kSnapshotVersion);
  FieldWriter f(writer);
  f(partitions_.size());
  for (PartitionId id : sorted_keys(partitions_)) f(partitions_.at(id));
  f(ledgers_.size());
  for (LedgerId id : sorted_keys(ledgers_)) f(*ledgers_.at(id));
  f(outbox_)(next_outbox_seq_)(schedule_)(next_schedule_id_);
}

Result<void> Shard::restore(ByteView snapshot, uint64_t seq) {
  Reader in(snapshot);
  uint8_t version = in.u8();
  if (version == 0 || version > kSnapshotVersion)
    return fail(ErrorCode::kUnsupported, "shard snapshot of a newer release");
  FieldReader f(in, version);
  size_t count = 0;
  f(count);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    Partition partition;
    f(partition);
    partitions_[partition.id] = std::move(partition);
  }
  f(count);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    auto queue = std::make_unique<Ledger>();
    f(*queue);
    if (!in.ok()) break;
    if (!queue->consistent() || ledgers_.contains(queue->id()))
      return fail(ErrorCode::kCorrupt, "shard snapshot with a ledger that cannot be");
    queue->rebuild();
    by_partition_[queue->id().partition].push_back(queue.get());
    ledgers_[queue->id()] = std::move(queue);
  }
  f(outbox_)(next_outbox_seq_)(schedule_)(next_schedule_id_);
  if (!in.ok()) return fail(ErrorCode::kCorrupt, "shard snapshot cut short");
  for (const auto& [outbox_seq, out] : outbox_) outbox_bytes_ += out.batch.size();
  seq_ = seq;
  return {};
}

void Shard::restart() {
  for (auto& [id, queue] : ledgers_) queue->restart();
}

bool Shard::same_facts(const Shard& other) const {
  ByteVec mine, theirs;
  snapshot(mine);
  other.snapshot(theirs);
  return seq_ == other.seq_ && mine == theirs;
}

}  // namespace godwit::engine
