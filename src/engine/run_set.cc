#include "engine/run_set.h"

#include <algorithm>

#include "base/check.h"

namespace godwit::engine {

size_t RunSet::find(Offset offset) const {
  if (runs_.empty() || runs_.front().end > offset) return 0;
  if (runs_.back().end <= offset) return runs_.size();
  auto it = std::upper_bound(runs_.begin(), runs_.end(), offset, [](Offset o, const Run& run) { return o < run.end; });
  return static_cast<size_t>(it - runs_.begin());
}

bool RunSet::contains(Offset offset) const {
  size_t i = find(offset);
  return i < runs_.size() && runs_[i].first <= offset;
}

uint64_t RunSet::add(Offset first, Offset end) {
  CHECK(first <= end, "[{}, {})", first.value, end.value);
  if (first == end) return 0;
  if (runs_.empty() || runs_.back().end <= first) {
    if (!runs_.empty() && runs_.back().end == first)
      runs_.back().end = end;
    else
      runs_.push_back({first, end});
    count_ += static_cast<uint64_t>(end - first);
    return static_cast<uint64_t>(end - first);
  }
  // The run that ends at `first` is adjacent and merges as well.
  size_t i = find(first);
  if (i > 0 && runs_[i - 1].end == first) --i;
  Run merged{first, end};
  size_t j = i;
  int64_t before = 0;
  for (; j < runs_.size() && runs_[j].first <= end; ++j) {
    before += runs_[j].end - runs_[j].first;
    merged.first = std::min(merged.first, runs_[j].first);
    merged.end = std::max(merged.end, runs_[j].end);
  }
  if (i == j) {
    runs_.insert(runs_.begin() + static_cast<ptrdiff_t>(i), merged);
  } else {
    runs_[i] = merged;
    runs_.erase(runs_.begin() + static_cast<ptrdiff_t>(i) + 1, runs_.begin() + static_cast<ptrdiff_t>(j));
  }
  auto added = static_cast<uint64_t>((merged.end - merged.first) - before);
  count_ += added;
  return added;
}

uint64_t RunSet::remove(Offset first, Offset end) {
  if (first >= end) return 0;
  uint64_t removed = 0;
  size_t i = find(first);
  if (i < runs_.size() && runs_[i].first < first) {
    Run& run = runs_[i];
    if (run.end > end) {  // a hole in the middle
      Run rest{end, run.end};
      run.end = first;
      runs_.insert(runs_.begin() + static_cast<ptrdiff_t>(i) + 1, rest);
      removed = static_cast<uint64_t>(end - first);
      count_ -= removed;
      return removed;
    }
    removed += static_cast<uint64_t>(run.end - first);
    run.end = first;
    ++i;
  }
  size_t j = i;
  for (; j < runs_.size() && runs_[j].end <= end; ++j) removed += static_cast<uint64_t>(runs_[j].end - runs_[j].first);
  if (j < runs_.size() && runs_[j].first < end) {
    removed += static_cast<uint64_t>(end - runs_[j].first);
    runs_[j].first = end;
  }
  runs_.erase(runs_.begin() + static_cast<ptrdiff_t>(i), runs_.begin() + static_cast<ptrdiff_t>(j));
  count_ -= removed;
  return removed;
}

std::optional<Offset> RunSet::next(Offset from) const {
  size_t i = find(from);
  if (i == runs_.size()) return std::nullopt;
  return std::max(runs_[i].first, from);
}

uint64_t RunSet::contiguous(Offset first, Offset end) const {
  size_t i = find(first);
  if (i == runs_.size() || runs_[i].first > first) return 0;
  return static_cast<uint64_t>(std::max<int64_t>(0, std::min(runs_[i].end, end) - first));
}

uint64_t RunSet::count_in(Offset first, Offset end) const {
  uint64_t n = 0;
  for_each_in(first, end, [&](Offset a, Offset b) { n += static_cast<uint64_t>(b - a); });
  return n;
}

}  // namespace godwit::engine
