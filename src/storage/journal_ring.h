#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "storage/superblock.h"

namespace godwit::storage {

/// Where chunks stand in the journal's file. A chunk is in one piece: one that does not fit before the ring's end goes
/// to its beginning, and the gap counts as used until the chunk before it is released.
///
///   begin           protected          needed              head        end
///     |  free         | trimmed, kept    | chunks            |  free     |
///
/// What is trimmed stays protected until a superblock that points behind it is durable: release().
class JournalRing {
 public:
  /// The ring [begin, end) of a file, empty, its first chunk expected at `tail`.
  JournalRing(uint64_t begin, uint64_t end, JournalTail tail);

  /// Where the next chunk of `stored_bytes` goes; nothing while it would overwrite a protected one.
  std::optional<uint64_t> place(uint64_t stored_bytes) const;
  /// The next chunk stands at `position`: one that place() gave, or that was found at boot.
  void add(uint64_t position, uint64_t stored_bytes, uint32_t crc);

  /// Chunks before `oldest_needed` are not needed. Forwards only, at most next_seq().
  void trim(ChunkSeq oldest_needed);
  /// The oldest needed chunk, as a superblock is to say it.
  JournalTail needed_tail() const;
  /// `tail`, a needed_tail() of earlier, is durable: what is before it may be overwritten.
  void release(const JournalTail& tail);
  /// Bytes that release(needed_tail()) would free.
  uint64_t releasable_bytes() const { return used_from(protected_position()) - used_bytes(); }

  ChunkSeq next_seq() const { return next_seq_; }
  uint64_t head() const { return head_; }
  /// Where the chunks from `from` on stand, each with where the next one or the ring's end is. f(position, end).
  template <class F>
  void for_each_place(ChunkSeq from, F&& f) const {
    uint64_t skipped = from > first_seq() ? from.value - first_seq().value : 0;
    for (size_t i = skipped; i < chunks_.size(); ++i) {
      uint64_t next = i + 1 < chunks_.size() ? chunks_[i + 1].position : head_;
      f(chunks_[i].position, next > chunks_[i].position ? next : end_);
    }
  }
  uint32_t last_crc() const { return last_crc_; }
  /// The chunks reach around the ring's end.
  bool wrapped() const { return !chunks_.empty() && head_ <= chunks_.front().position; }
  uint64_t capacity_bytes() const { return end_ - begin_; }
  /// From the oldest needed chunk to the head.
  uint64_t used_bytes() const { return needed_ == chunks_.size() ? 0 : used_from(chunks_[needed_].position); }
  /// Where the free space ends: the oldest protected chunk, or the head when there is none.
  uint64_t protected_position() const { return chunks_.empty() ? head_ : chunks_.front().position; }

 private:
  struct Chunk {
    uint64_t position;
    uint32_t previous_crc;
  };
  uint64_t used_from(uint64_t position) const;
  ChunkSeq first_seq() const { return ChunkSeq(next_seq_.value - chunks_.size()); }

  uint64_t begin_;
  uint64_t end_;
  std::deque<Chunk> chunks_;  ///< the protected ones, up to next_seq_ - 1
  size_t needed_ = 0;         ///< index of the oldest needed one
  uint64_t head_;
  ChunkSeq next_seq_;
  uint32_t last_crc_;
};

}  // namespace godwit::storage
