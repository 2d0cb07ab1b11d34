#pragma once

#include <cstdint>
#include <functional>

#include "base/error.h"
#include "base/ids.h"
#include "storage/entry.h"

namespace godwit::storage {

/// Chunks of one journal are numbered from 1 without gaps, across restarts.
using ChunkSeq = Id<struct ChunkSeqTag, uint64_t>;

struct JournalUsage {
  uint64_t capacity_bytes = 0;
  uint64_t used_bytes = 0;  ///< from the oldest chunk not trimmed to the newest
  ChunkSeq oldest_needed;   ///< as trim() was told last
  ChunkSeq newest;          ///< reported: what is appended from now on lies in later chunks
};

/// The write-ahead log of a node: every worker's entries, in one sequence of chunks. One sync serves them all: while
/// one chunk is being written the next one fills; there is no timer.
///
/// The embedded engine keeps it in one preallocated file (local_journal.h); the cluster's in an object store.
class Journal {
 public:
  /// On the journal's thread, in the order of the appends of each worker: all entries up to and including `ticket` are
  /// on stable storage, the last of them in chunk `seq` (with durability "os": the operating system has them). An error
  /// fences the journal: nothing later will be durable, and nothing may be acknowledged; the node stops.
  using OnDurable = std::function<void(WorkerId worker, uint64_t ticket, Result<ChunkSeq> seq)>;

  virtual ~Journal() = default;
  /// Takes over entries to write. Called from any worker; returns at once. `ticket` grows with each call of a worker.
  virtual void append(WorkerId worker, uint64_t ticket, StagedEntries entries) = 0;
  /// What one append may hold: a larger one might wait for room for ever. The same while the journal is open.
  virtual size_t append_bytes_max() const = 0;
  /// Chunks before `oldest_needed` may be overwritten. Moves forward only.
  virtual void trim(ChunkSeq oldest_needed) = 0;
  /// Calls `done`, on any thread, when everything reported so far is on stable storage. That is at once unless the
  /// journal reports before it syncs.
  virtual void sync(std::move_only_function<void(Result<void>)> done) = 0;
  /// May be read from any worker.
  virtual JournalUsage usage() const = 0;
};

}  // namespace godwit::storage
