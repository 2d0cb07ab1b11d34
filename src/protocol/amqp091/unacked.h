#pragma once

#include <bit>
#include <cstdint>
#include <deque>

#include "base/ids.h"

namespace godwit::protocol::amqp091 {

/// What a channel has delivered and not been told about yet, in the order of delivery tags. One entry stands for up to
/// 64 tags that follow each other and whose offsets do too; a bit says which of them are still open. Delivering and
/// acknowledging in order costs a few instructions a message, out of order a binary search more.
class Unacked {
 public:
  /// `source` is the channel's number for where the messages came from (see sources.h).
  void delivered(uint32_t source, uint64_t first_tag, Offset first, uint32_t count) {
    while (count > 0) {
      if (entries_.empty() || !continues(entries_.back(), source, first_tag, first))
        entries_.push_back({first_tag, first, 0, source, 0});
      Entry& entry = entries_.back();
      uint32_t n = count < kTags - entry.used ? count : kTags - entry.used;
      entry.open |= ones(n) << entry.used;
      entry.used += n;
      open_ += n;
      count -= n;
      first_tag += n;
      first = first + n;
    }
  }

  /// Closes one tag: take(source, offset). False when it is not open.
  template <class F>
  bool take_one(uint64_t tag, F take) {
    size_t low = 0, high = entries_.size();
    while (low < high) {
      size_t middle = (low + high) / 2;
      if (entries_[middle].first_tag + entries_[middle].used <= tag)
        low = middle + 1;
      else
        high = middle;
    }
    if (low == entries_.size() || tag < entries_[low].first_tag) return false;
    Entry& entry = entries_[low];
    uint64_t bit = uint64_t{1} << (tag - entry.first_tag);
    if (!(entry.open & bit)) return false;
    entry.open &= ~bit;
    --open_;
    take(entry.source, entry.first + static_cast<int64_t>(tag - entry.first_tag), 1u);
    drop_closed();
    return true;
  }

  /// Closes every open tag up to and including `tag`, oldest first: take(source, first offset, count) for each run.
  /// Returns how many messages that were.
  template <class F>
  uint64_t take_through(uint64_t tag, F take) {
    uint64_t taken = 0;
    while (!entries_.empty() && entries_.front().first_tag <= tag) {
      Entry& entry = entries_.front();
      uint64_t reach = tag - entry.first_tag + 1;
      uint64_t mask = ones(reach < kTags ? static_cast<uint32_t>(reach) : kTags);
      taken += take_runs(entry, entry.open & mask, take);
      entry.open &= ~mask;
      if (reach < entry.used) break;
      entries_.pop_front();
    }
    open_ -= taken;
    drop_closed();
    return taken;
  }

  /// Open messages.
  uint64_t count() const { return open_; }
  size_t entries() const { return entries_.size(); }

 private:
  static constexpr uint32_t kTags = 64;

  struct Entry {
    uint64_t first_tag = 0;
    Offset first;
    uint64_t open = 0;
    uint32_t source = 0;
    uint32_t used = 0;  ///< tags the entry stands for
  };

  static uint64_t ones(uint32_t n) { return n >= kTags ? ~uint64_t{0} : (uint64_t{1} << n) - 1; }
  static bool continues(const Entry& e, uint32_t source, uint64_t tag, Offset offset) {
    return e.source == source && e.used < kTags && e.first_tag + e.used == tag && e.first + e.used == offset;
  }
  template <class F>
  static uint64_t take_runs(const Entry& entry, uint64_t bits, F& take) {
    uint64_t taken = 0;
    while (bits != 0) {
      int at = std::countr_zero(bits);
      int n = std::countr_one(bits >> at);
      take(entry.source, entry.first + at, static_cast<uint32_t>(n));
      taken += static_cast<uint64_t>(n);
      bits &= ~(ones(static_cast<uint32_t>(n)) << at);
    }
    return taken;
  }
  /// Closed entries leave from the front; those in the middle when they are more than half.
  void drop_closed() {
    while (!entries_.empty() && entries_.front().open == 0) entries_.pop_front();
    if (entries_.size() < 64 || ++closes_ < entries_.size()) return;
    closes_ = 0;
    std::erase_if(entries_, [](const Entry& entry) { return entry.open == 0; });
  }

  std::deque<Entry> entries_;
  uint64_t open_ = 0;
  size_t closes_ = 0;  ///< since the middle was swept
};

}  // namespace godwit::protocol::amqp091
