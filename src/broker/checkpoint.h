#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "broker/envelope.h"
#include "broker/manifest_keeper.h"
#include "broker/runtimes.h"
#include "broker/snapshot_blobs.h"
#include "storage/segment.h"

namespace godwit::broker {

class Worker;

/// Makes room: moves messages that are still needed from memory to segments, writes what changed of the shards' state
/// as snapshots, and so lets the journal's old chunks be overwritten. One runs at a time on a worker, in the
/// background; appends go on meanwhile.
///
/// A snapshot is taken at one LSN and becomes the truth only after the journal is durable up to it, the blobs are
/// stored, and a manifest names them (manifest_keeper.h). A journal without room to become durable is not waited for:
/// a shard's snapshot is whole by itself, and a replay passes over what it contains.
class Checkpoint {
 public:
  explicit Checkpoint(Worker& worker) : worker_(worker) {}

  /// At the end of a turn: starts one when memory or journal ask for it, lets waiting appends go on.
  void consider();
  /// Takes one now, whatever there is; `done` when its manifest is stored (or it failed).
  void run_now(runtime::Task done);
  /// While memory or the journal are above what a checkpoint makes room for, appends wait in their order.
  bool congested() const;
  bool running() const { return running_; }
  bool must_wait() const { return !admitting_ && (!waiting_.empty() || congested()); }
  void wait_for_room(Envelope append);
  /// Errors: kFull: the disk is down to its reserve, or does not take this worker's blobs or another one's.
  Result<void> room_to_append() const;
  /// Segments that nobody needs: their blobs go when the next manifest no longer names them.
  void release(const std::vector<storage::SegmentRef>& dead);

  /// Boot: a segment that a snapshot named is in use.
  void adopt(const storage::SegmentRef& segment) { ++blob_users_[segment.blob]; }
  /// Boot: a shard's snapshot, in a blob of `blob_bytes`.
  void adopt(const storage::ShardSnapshotRef& snapshot, uint64_t blob_bytes) { snapshots_.add(snapshot, blob_bytes); }
  void restart();
  /// Boot: the oldest chunk that the manifest asks for.
  void start_from(storage::ChunkSeq needs) { needs_ = needs; }

 private:
  struct Round;
  bool wanted() const;
  void start();
  void write_segments(Round& round);
  void write_snapshots(Round& round);
  /// What did not change in itself and is to be written anew.
  void mark_dirty(const Round& round);
  /// Goes on with a round whose records the journal has no room for.
  void watch(std::shared_ptr<Round> round);
  void store(std::shared_ptr<Round> round);
  /// Some of its blobs could not be stored: the others go, and what it was to remove is left to the next.
  void abandon(Round& round);
  /// Takes those out of `dead` that stay dead whatever happens.
  void remove_early(std::vector<ManifestKeeper::DeadBlob>& dead);
  void rouse_others();
  void install(Round& round);
  /// What Options::plant asks for.
  void plant(Round& round);
  void finished(std::shared_ptr<Round> round, const Result<void>& result);
  void admit_waiting();
  void poll_disk();
  /// Rounds fail again and again for this reason, or (empty) no longer.
  void set_stuck(std::string why);

  Worker& worker_;
  bool running_ = false;
  std::vector<runtime::Task> when_done_;
  bool again_ = false;
  uint64_t rounds_ = 0;
  int64_t not_before_boot_ms_ = 0;              ///< after a failure
  std::map<std::string, uint64_t> blob_users_;  ///< live segments in each blob
  SnapshotBlobs snapshots_;
  std::vector<ManifestKeeper::DeadBlob> dead_blobs_;
  uint64_t dead_bytes_ = 0;
  uint64_t last_lsn_ = 0;    ///< of the last finished round
  storage::ChunkSeq needs_;  ///< no older chunk of the journal holds anything this worker would have to replay
  std::deque<Envelope> waiting_;
  bool admitting_ = false;
  bool disk_short_ = false;
  uint32_t failures_ = 0;  ///< rounds in a row, the disk not being short
  std::string stuck_;      ///< why blobs cannot be stored; appends to all workers are refused meanwhile
  bool failed_ = false;    ///< the last round: another one is due, whatever else asks for it
  bool recheck_scheduled_ = false;
  std::optional<storage::ChunkSeq> roused_for_;  ///< the journal's oldest chunk when others were last roused
};

}  // namespace godwit::broker
