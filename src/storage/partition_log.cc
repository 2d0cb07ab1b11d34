#include "storage/partition_log.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "base/check.h"

namespace godwit::storage {

void PartitionLog::append(const model::Batch& batch, uint64_t lsn, uint64_t live, bool keep) {
  CHECK(tail_.empty() || tail_.back().batch.end_offset() <= batch.base_offset());
  if (live == 0 && !keep) return;
  tail_.push_back({batch, lsn, live, keep});
  memory_bytes_ += batch.bytes();
}

size_t PartitionLog::find_index(Offset offset) const {
  if (tail_.empty() || offset < tail_.front().batch.end_offset()) return 0;
  auto it = std::upper_bound(tail_.begin(), tail_.end(), offset,
                             [](Offset o, const Held& h) { return o < h.batch.end_offset(); });
  return static_cast<size_t>(it - tail_.begin());
}

const model::Batch* PartitionLog::find(Offset offset) const {
  size_t i = find_index(offset);
  if (i == tail_.size() || tail_[i].batch.base_offset() > offset || tail_[i].freed()) return nullptr;
  return &tail_[i].batch;
}

void PartitionLog::read(Offset from, Offset end, uint64_t bytes_max, std::vector<model::Batch>& out) const {
  if (segment_for(from)) return;
  uint64_t bytes = 0;
  for (size_t i = find_index(from); i < tail_.size() && tail_[i].batch.end_offset() <= end; ++i) {
    if (tail_[i].freed()) continue;
    uint64_t size = tail_[i].batch.bytes();
    if (!out.empty() && bytes + size > bytes_max) break;
    out.push_back(tail_[i].batch);
    bytes += size;
  }
}

const SegmentRef* PartitionLog::segment_for(Offset from) const {
  auto it = std::upper_bound(segments_.begin(), segments_.end(), from,
                             [](Offset o, const SegmentRef& s) { return o < s.end_offset; });
  return it == segments_.end() ? nullptr : &*it;
}

Offset PartitionLog::next_in_memory(Offset from, Offset end) const {
  size_t i = find_index(from);
  while (i < tail_.size() && tail_[i].freed()) ++i;
  return i == tail_.size() ? end : std::min(end, std::max(from, tail_[i].batch.base_offset()));
}

uint64_t PartitionLog::free(Held& held) {
  uint64_t bytes = held.batch.bytes();
  held.batch.payload = {};
  memory_bytes_ -= bytes;
  return bytes;
}

void PartitionLog::pop_freed() {
  while (!tail_.empty() && tail_.front().freed()) tail_.pop_front();
}

uint64_t PartitionLog::settle(Offset first, Offset end) {
  uint64_t freed = 0;
  for (size_t i = find_index(first); i < tail_.size() && tail_[i].batch.base_offset() < end; ++i) {
    Held& held = tail_[i];
    if (held.freed()) continue;
    auto n = static_cast<uint64_t>(std::min(end, held.batch.end_offset()) - std::max(first, held.batch.base_offset()));
    held.live -= std::min(held.live, n);
    if (held.live == 0 && !held.keep) freed += free(held);
  }
  pop_freed();
  return freed;
}

void PartitionLog::keep_from(Offset from) {
  for (size_t i = find_index(from); i < tail_.size(); ++i)
    if (!tail_[i].freed()) tail_[i].keep = true;
}

void PartitionLog::add_live(Offset first, Offset end, int64_t messages_each) {
  if (messages_each < 0) {
    settle(first, end);
    return;
  }
  for (size_t i = find_index(first); i < tail_.size() && tail_[i].batch.base_offset() < end; ++i) {
    Held& held = tail_[i];
    auto n = static_cast<uint64_t>(std::min(end, held.batch.end_offset()) - std::max(first, held.batch.base_offset()));
    held.live += n * static_cast<uint64_t>(messages_each);
  }
}

uint64_t PartitionLog::trim(Offset start, std::vector<SegmentRef>& dead) {
  auto alive =
      std::find_if(segments_.begin(), segments_.end(), [&](const SegmentRef& s) { return s.end_offset > start; });
  std::move(segments_.begin(), alive, std::back_inserter(dead));
  segments_.erase(segments_.begin(), alive);
  uint64_t freed = 0;
  while (!tail_.empty() && tail_.front().batch.end_offset() <= start) {
    if (!tail_.front().freed()) freed += free(tail_.front());
    tail_.pop_front();
  }
  return freed;
}

std::vector<model::Batch> PartitionLog::needed(uint64_t lsn_max) const {
  std::vector<model::Batch> batches;
  for (const Held& held : tail_) {
    if (held.lsn > lsn_max) break;
    if (!held.freed()) batches.push_back(held.batch);
  }
  return batches;
}

uint64_t PartitionLog::replace(uint64_t lsn_max, std::vector<SegmentRef> segments) {
  std::move(segments.begin(), segments.end(), std::back_inserter(segments_));
  uint64_t freed = 0;
  while (!tail_.empty() && tail_.front().lsn <= lsn_max) {
    if (!tail_.front().freed()) freed += free(tail_.front());
    tail_.pop_front();
  }
  return freed;
}

uint64_t PartitionLog::bytes() const {
  uint64_t bytes = memory_bytes_;
  for (const SegmentRef& s : segments_) bytes += s.bytes;
  return bytes;
}

uint64_t PartitionLog::oldest_lsn() const {
  for (const Held& held : tail_)
    if (!held.freed()) return held.lsn;
  return std::numeric_limits<uint64_t>::max();
}

Offset PartitionLog::first(Offset end) const {
  if (!segments_.empty()) return segments_.front().base_offset;
  for (const Held& held : tail_)
    if (!held.freed()) return held.batch.base_offset();
  return end;
}

}  // namespace godwit::storage
