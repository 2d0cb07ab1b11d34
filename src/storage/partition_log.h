#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/front_vector.h"
#include "base/ids.h"
#include "model/batch.h"
#include "storage/segment.h"

namespace godwit::storage {

/// Where the messages of one partition are: old ones in segments, new ones in memory (and in the journal, until a
/// checkpoint has written to segments what is still needed of them). Owned by the partition's worker.
class PartitionLog {
 public:
  /// `live`: how many settles, over all queues, until no queue needs the batch any more; `keep`: readers need it
  /// whatever queues do, and only trim() or a checkpoint removes it from memory.
  void append(const model::Batch& batch, uint64_t lsn, uint64_t live, bool keep);

  /// The batch in memory that holds `offset`; null when it is in a segment, or gone. Valid until the log changes.
  const model::Batch* find(Offset offset) const;
  /// Likewise, to add to its flags.
  model::Batch* find(Offset offset) { return const_cast<model::Batch*>(std::as_const(*this).find(offset)); }
  /// Batches from the one holding `from` (or the first one after it) that end at or before `end`; stops when the first
  /// is in a segment. At least one, then up to about `bytes_max`.
  void read(Offset from, Offset end, uint64_t bytes_max, std::vector<model::Batch>& out) const;
  /// The segment to look in for `from` or what follows it; null when memory has it, or nothing follows.
  const SegmentRef* segment_for(Offset from) const;
  /// The first offset from `from` on that memory has; `end` when it has none.
  Offset next_in_memory(Offset from, Offset end) const;

  /// One queue has settled [first, end): what nobody needs any more is freed. Returns the bytes freed.
  uint64_t settle(Offset first, Offset end);
  /// Readers need what lies at or after `from` from now on, as if it had been appended with `keep`.
  void keep_from(Offset from);
  /// A queue was attached or closed: it needs `messages` of [first, end) more (or, negative, fewer).
  void add_live(Offset first, Offset end, int64_t messages_each);
  /// Everything before `start` is gone. Returns the bytes freed in memory; dead segments move to `dead`.
  uint64_t trim(Offset start, std::vector<SegmentRef>& dead);

  /// For a checkpoint: the batches in memory with lsn <= `lsn_max` that are still needed.
  std::vector<model::Batch> needed(uint64_t lsn_max) const;
  /// They are in `segments` now (in offset order, may be none): everything in memory with lsn <= `lsn_max` is dropped.
  /// Returns the bytes freed.
  uint64_t replace(uint64_t lsn_max, std::vector<SegmentRef> segments);

  const std::vector<SegmentRef>& segments() const { return segments_; }
  void restore_segments(std::vector<SegmentRef> segments) { segments_ = std::move(segments); }
  uint64_t memory_bytes() const { return memory_bytes_; }
  /// In segments and memory.
  uint64_t bytes() const;
  /// The lsn of the oldest needed batch in memory; UINT64_MAX when there is none.
  uint64_t oldest_lsn() const;
  /// First offset that exists, or `end`.
  Offset first(Offset end) const;
  /// Walks what is known of every piece, oldest first: f(base_offset, end_offset, bytes, max_timestamp_ms, append_ms).
  template <class F>
  void for_each_piece(F&& f) const {
    for (const SegmentRef& s : segments_) f(s.base_offset, s.end_offset, s.bytes, s.max_timestamp_ms, s.last_append_ms);
    for (const Held& h : tail_) {
      const model::BatchHeader& b = h.batch.header;
      if (!h.freed()) f(b.base_offset, b.end_offset(), uint64_t{h.batch.bytes()}, b.max_timestamp_ms, b.append_ms);
    }
  }

 private:
  struct Held {
    model::Batch batch;
    uint64_t lsn = 0;
    uint64_t live = 0;
    bool keep = false;
    bool freed() const { return batch.payload.empty(); }
  };
  /// Index of the first batch with end > offset.
  size_t find_index(Offset offset) const;
  uint64_t free(Held& held);
  void pop_freed();

  std::vector<SegmentRef> segments_;
  FrontVector<Held> tail_;
  uint64_t memory_bytes_ = 0;
};

}  // namespace godwit::storage
