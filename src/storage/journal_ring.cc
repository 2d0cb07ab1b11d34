#include "storage/journal_ring.h"

#include <algorithm>

#include "base/check.h"

namespace godwit::storage {

JournalRing::JournalRing(uint64_t begin, uint64_t end, JournalTail tail)
    : begin_(begin), end_(end), head_(tail.position), next_seq_(tail.seq), last_crc_(tail.previous_crc) {
  CHECK(begin <= head_ && head_ <= end, "tail {} outside [{}, {}]", head_, begin, end);
}

std::optional<uint64_t> JournalRing::place(uint64_t stored_bytes) const {
  uint64_t limit = wrapped() ? chunks_.front().position : end_;
  if (stored_bytes <= limit - head_) return head_;
  if (wrapped()) return std::nullopt;
  uint64_t begin_limit = chunks_.empty() ? end_ : chunks_.front().position;
  if (stored_bytes <= begin_limit - begin_) return begin_;
  return std::nullopt;
}

void JournalRing::add(uint64_t position, uint64_t stored_bytes, uint32_t crc) {
  CHECK(position == head_ || position == begin_, "{} is neither the head {} nor the beginning", position, head_);
  chunks_.push_back({position, last_crc_});
  head_ = position + stored_bytes;
  next_seq_ = ChunkSeq(next_seq_.value + 1);
  last_crc_ = crc;
}

void JournalRing::trim(ChunkSeq oldest_needed) {
  CHECK(oldest_needed <= next_seq_, "trim to {}, next is {}", oldest_needed.value, next_seq_.value);
  uint64_t index = oldest_needed.value - std::min(oldest_needed.value, first_seq().value);
  needed_ = std::max<size_t>(needed_, index);
}

JournalTail JournalRing::needed_tail() const {
  ChunkSeq seq(first_seq().value + needed_);
  if (needed_ == chunks_.size()) return {seq, head_, last_crc_};
  return {seq, chunks_[needed_].position, chunks_[needed_].previous_crc};
}

void JournalRing::release(const JournalTail& tail) {
  CHECK(tail.seq.value <= first_seq().value + needed_, "chunk {} is needed", first_seq().value + needed_);
  while (!chunks_.empty() && first_seq() < tail.seq) {
    chunks_.pop_front();
    --needed_;
  }
}

uint64_t JournalRing::used_from(uint64_t position) const {
  if (chunks_.empty()) return 0;
  return head_ > position ? head_ - position : capacity_bytes() - (position - head_);
}

}  // namespace godwit::storage
