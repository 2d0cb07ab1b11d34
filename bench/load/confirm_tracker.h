#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "load/process_usage.h"

namespace godwit::bench {

/// Counts confirms that come in any order, singly or for all up to a tag.
class ConfirmTracker {
 public:
  // Confirms out of order run ahead of the lowest open tag: there is room for 16 windows, then publishing waits for it.
  explicit ConfirmTracker(uint64_t unconfirmed_max) : marks_(std::bit_ceil(unconfirmed_max * 16)) {}

  /// Marks `tag` (1-based), or all up to it, and calls `on_confirmed(tag)` once for each newly marked.
  template <typename Callback>
  void confirm(uint64_t tag, bool multiple, Callback&& on_confirmed) {
    if (tag > tag_max()) fail("a confirm for a message never sent");
    for (uint64_t each = multiple ? lowest_ : tag; each <= tag; ++each) {
      if (each < lowest_ || marks_[each & mask()]) continue;
      marks_[each & mask()] = true;
      ++confirmed_;
      on_confirmed(each);
    }
    while (marks_[lowest_ & mask()]) marks_[lowest_++ & mask()] = false;
  }

  [[nodiscard]] uint64_t confirmed() const { return confirmed_; }

  /// The last tag that has a place; publishing stops there.
  [[nodiscard]] uint64_t tag_max() const { return lowest_ + marks_.size() - 1; }

 private:
  [[nodiscard]] uint64_t mask() const { return marks_.size() - 1; }

  std::vector<bool> marks_;
  uint64_t lowest_ = 1;
  uint64_t confirmed_ = 0;
};

}  // namespace godwit::bench
