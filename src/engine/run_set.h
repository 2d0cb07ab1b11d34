#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/front_vector.h"
#include "base/ids.h"
#include "model/commands/queue.h"

namespace godwit::engine {

using model::OffsetRun;

/// Adds one offset behind the others.
inline void append_offset(std::vector<OffsetRun>& runs, Offset offset) {
  if (!runs.empty() && runs.back().end() == offset)
    ++runs.back().count;
  else
    runs.push_back({offset, 1});
}

/// A set of offsets kept as disjoint, non-adjacent runs in order: ten million waiting messages in sequence are one run.
/// Adding at the end and removing from the front, the common cases of a queue, cost O(1); elsewhere O(log n) to find
/// and O(n) to shift, n runs.
class RunSet {
 public:
  bool empty() const { return runs_.empty(); }
  /// Offsets in the set.
  uint64_t count() const { return count_; }
  Offset front() const { return runs_.front().first; }
  /// One past the last offset; the set is not empty.
  Offset back_end() const { return runs_.back().end; }
  bool contains(Offset offset) const;

  /// Adds [first, end); offsets already there stay. Returns how many were new.
  uint64_t add(Offset first, Offset end);
  /// Removes [first, end) where present. Returns how many were there.
  uint64_t remove(Offset first, Offset end);
  uint64_t add(OffsetRun run) { return add(run.first, run.end()); }
  uint64_t remove(OffsetRun run) { return remove(run.first, run.end()); }
  void clear() { runs_.clear(), count_ = 0; }

  /// The first offset >= `from` in the set.
  std::optional<Offset> next(Offset from) const;
  /// How many offsets of the set follow each other from `first` (which is in it) on, at most up to `end`.
  uint64_t contiguous(Offset first, Offset end) const;
  uint64_t count_in(Offset first, Offset end) const;

  /// Calls f(first, end) for each part of a run that lies within [first, end), in order.
  template <class F>
  void for_each_in(Offset first, Offset end, F&& f) const {
    for (size_t i = find(first); i < runs_.size() && runs_[i].first < end; ++i)
      f(std::max(runs_[i].first, first), std::min(runs_[i].end, end));
  }
  template <class F>
  void for_each(F&& f) const {
    for (const Run& run : runs_) f(run.first, run.end);
  }
  /// The same from the front on, while f returns true.
  template <class F>
  void for_each_while(F&& f) const {
    for (const Run& run : runs_)
      if (!f(run.first, run.end)) return;
  }
  size_t runs() const { return runs_.size(); }
  bool operator==(const RunSet&) const = default;

  template <class F>
  void fields(F& f) {
    std::vector<Run> runs(runs_.begin(), runs_.end());
    f(runs);
    runs_.assign(runs.begin(), runs.end());
    count_ = 0;
    for (const Run& run : runs_)
      count_ += static_cast<uint64_t>(run.end.value) - static_cast<uint64_t>(run.first.value);
  }
  /// Of runs that were read: none is empty, and each begins behind the one before.
  bool in_order() const {
    for (size_t i = 0; i < runs_.size(); ++i)
      if (runs_[i].first >= runs_[i].end || runs_[i].first < (i > 0 ? runs_[i - 1].end : Offset(0))) return false;
    return true;
  }

 private:
  struct Run {
    Offset first;
    Offset end;
    bool operator==(const Run&) const = default;
    template <class F>
    void fields(F& f) {
      f(first)(end);
    }
  };
  /// Index of the first run with end > offset.
  size_t find(Offset offset) const;

  FrontVector<Run> runs_;
  uint64_t count_ = 0;
};

}  // namespace godwit::engine
