#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "runtime/disk.h"
#include "runtime/executor.h"

namespace godwit::storage {

/// Writes zeros over the blocks of a new ring that no chunk was written to yet, on another thread, ahead of the head.
/// A sync of blocks that are only preallocated waits for the file system's own journal, and takes twice as long as one
/// of blocks that were written before. Nothing else depends on it: it gives up when a write fails.
///
/// The journal's step owns it. Only free space is written, and the journal stays away from there meanwhile.
class RingPreparer {
 public:
  /// `file` is the journal's, opened kDirect by itself; its blocks [begin, end) are to be written. `wake` is called on
  /// `io` when a step may have news.
  RingPreparer(std::unique_ptr<runtime::File> file, runtime::Executor& io, std::function<void()> wake, uint64_t begin,
               uint64_t end);
  /// A write under way ends by itself.
  ~RingPreparer();

  /// Asks for the next piece unless one is under way. The head is on its first way through the ring.
  void step(uint64_t head);
  /// Whether a chunk may be written to [begin, end) now. If not, `wake` follows.
  bool make_way(uint64_t begin, uint64_t end);
  /// The head went back to the ring's beginning.
  void end_lap();
  /// Every block was written, by it or by a chunk.
  bool finished() const { return finished_; }

 private:
  struct Tools;
  struct Piece;

  void collect();
  void cancel();

  std::shared_ptr<Tools> tools_;
  runtime::Executor& io_;
  const uint64_t end_;
  const uint64_t piece_bytes_;
  uint64_t next_;  ///< where the next piece begins
  bool overtaken_ = false;
  bool lap_ended_ = false;
  bool given_up_ = false;
  bool finished_ = false;
  std::shared_ptr<Piece> piece_;  ///< queued or being written
};

}  // namespace godwit::storage
