#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/ids.h"
#include "engine/shard.h"
#include "storage/journal.h"

namespace godwit::broker {

class Broker;

/// A worker's way to the journal. Every record of its shards gets the next LSN and is gathered; flush() hands over what
/// was gathered, and the journal reports how far it is durable. LSNs are the worker's own and count within one boot.
class Stage {
 public:
  Stage(WorkerId worker, Broker& broker) : worker_(worker), broker_(broker) {}

  /// One shard and the LSN of its last record: what leaves the shard is released when that is durable.
  struct OwnedShard final : engine::RecordSink {
    OwnedShard(ShardId id, Stage* to) : shard(id, *this), stage(to) {}
    void record(ShardId id, engine::RecordType type, uint8_t version, uint64_t seq, ByteView head,
                Slice payload) override;

    engine::Shard shard;
    Stage* stage;  ///< null: volatile, nothing is written
    uint64_t last_lsn = 0;
    bool dirty = false;  ///< changed since the last snapshot
  };

  OwnedShard& shard(ShardId id);
  /// Null when the shard has no state.
  OwnedShard* find(ShardId id);
  /// Of all volatile topics of the worker.
  OwnedShard& volatile_shard() { return volatile_; }
  auto& shards() { return shards_; }

  uint64_t lsn() const { return lsn_; }
  uint64_t durable_lsn() const { return durable_lsn_; }
  /// Somebody waits for what is staged: the next turn hands it over. Otherwise it may wait for company.
  void hurry() { urgent_ = true; }
  bool urgent() const { return urgent_; }
  bool empty() const { return entries_.empty(); }
  uint64_t staged_bytes() const { return entries_.bytes(); }
  void flush();
  /// The largest batch that may be recorded: 7/8 of what the journal takes at once. The rest is for what a record and a
  /// dead letter's history add to it.
  size_t record_bytes_max() const;
  /// A message with the history that dead-lettering has added to it: what the journal takes at once, but for the rest
  /// of the record. More must never be recorded: the journal may have no place for it.
  size_t carried_bytes_max() const;

  void on_durable(uint64_t ticket, storage::ChunkSeq seq);
  /// No entry with an LSN of `lsn` or more lies in an older chunk than this. Never later than the truth.
  storage::ChunkSeq chunk_bound(uint64_t lsn) const;
  /// At boot, before the first record: entries of this boot lie in later chunks than `seq`.
  void start_after(storage::ChunkSeq seq) { newest_chunk_ = seq; }
  /// Entries below `lsn` are of no interest any more.
  void forget_below(uint64_t lsn);

 private:
  void make_place(size_t body_bytes);

  WorkerId worker_;
  Broker& broker_;
  storage::StagedEntries entries_;
  std::unordered_map<ShardId, std::unique_ptr<OwnedShard>> shards_;
  OwnedShard volatile_{ShardId(0), nullptr};
  uint64_t lsn_ = 0;
  uint64_t flushed_lsn_ = 0;
  uint64_t durable_lsn_ = 0;
  bool urgent_ = false;
  std::deque<std::pair<uint64_t, storage::ChunkSeq>> chunks_;  ///< ticket, the chunk its last entry is in
  storage::ChunkSeq newest_chunk_;                             ///< of the tickets dropped from chunks_
};

}  // namespace godwit::broker
