#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "model/batch.h"
#include "storage/journal.h"
#include "storage/manifest.h"
#include "storage/segment.h"

namespace godwit::broker {

class Broker;

/// Boot, on one thread, before the loops run: snapshots, then the journal's entries they do not contain, then what
/// follows from both. In this order: restore(), replay() for each entry, finish().
class Recovery {
 public:
  explicit Recovery(Broker& broker) : broker_(broker) {}

  Result<void> restore(const storage::Manifest& manifest);
  Result<void> replay(storage::ChunkSeq seq, const storage::EntryHeader& entry, const Slice& body);
  /// Later entries go to `journal`, in chunks after `last`.
  void finish(storage::Journal& journal, storage::ChunkSeq last);
  /// Entries that no snapshot contained.
  uint64_t replayed() const { return replayed_; }
  /// The newest leader epoch that any partition has noted.
  int32_t last_epoch() const;
  /// Blobs that nothing refers to: left over from a crash.
  std::vector<std::string> orphans(const std::vector<std::string>& blobs, const storage::Manifest& manifest) const;

 private:
  /// Messages come back into memory only while some queue or reader needs them.
  void keep(PartitionId id, model::Batch batch);
  void prune();
  void adopt_segments();
  bool needed(PartitionId id, const model::Batch& batch);

  Broker& broker_;
  std::unordered_map<PartitionId, std::vector<storage::SegmentRef>> segments_;
  std::unordered_map<PartitionId, std::vector<model::Batch>> batches_;
  std::unordered_map<ShardId, uint64_t> covered_;  ///< by the snapshot
  uint64_t held_bytes_ = 0;
  uint64_t prune_at_bytes_ = 64ULL << 20;
  uint64_t replayed_ = 0;
};

}  // namespace godwit::broker
