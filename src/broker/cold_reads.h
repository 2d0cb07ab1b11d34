#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <utility>

#include "broker/memory.h"
#include "storage/segment.h"

namespace godwit::broker {

/// Reads from segments on behalf of one worker, a few at a time: the thread that reads also writes segments and
/// snapshots, and a queue of reads before those would stop the publishers. Each reserves its bytes before it begins,
/// and is given fewer than it asked for when memory is short.
class ColdReads {
 public:
  using OnRead = storage::SegmentReader::OnRead;

  /// `wake` ends the turn in which a read was answered.
  ColdReads(storage::SegmentReader& segments, Memory& memory, std::function<void()> wake)
      : segments_(segments), memory_(memory), wake_(std::move(wake)) {}

  /// As SegmentReader's of the same names; bytes_max is an upper bound.
  void read(const storage::SegmentRef& segment, Offset from, uint64_t bytes_max, OnRead done);
  void read_at_time(const storage::SegmentRef& segment, int64_t timestamp_ms, OnRead done);

 private:
  using Start = std::move_only_function<void(storage::SegmentReader& segments, uint64_t bytes_max, OnRead done)>;
  struct Waiting {
    uint64_t bytes_max;
    Start start;
    OnRead done;
  };
  void admit();

  storage::SegmentReader& segments_;
  Memory& memory_;
  const std::function<void()> wake_;
  std::deque<Waiting> waiting_;
  size_t open_ = 0;
};

}  // namespace godwit::broker
