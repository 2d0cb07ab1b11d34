#include "engine/message_sizes.h"

#include <algorithm>

namespace godwit::engine {

void MessageSizes::extend(Offset end, uint64_t each) {
  if (!runs_.empty() && runs_.back().each == each)
    runs_.back().end = end;
  else
    runs_.push_back({end, each});
}

void MessageSizes::add(Offset first, Offset end, uint64_t each) {
  if (runs_.empty() || runs_.back().end < first) extend(first, 0);
  extend(end, each);
}

/// f(messages, bytes of each) for each part of [first, end), until it returns false.
template <class F>
void MessageSizes::for_each_in(Offset first, Offset end, F&& f) const {
  auto run = std::upper_bound(runs_.begin(), runs_.end(), first, [](Offset o, const Run& r) { return o < r.end; });
  for (; run != runs_.end() && first < end; ++run) {
    Offset until = std::min(end, run->end);
    if (!f(static_cast<uint64_t>(until - first), run->each)) return;
    first = until;
  }
}

uint64_t MessageSizes::of(Offset first, Offset end) const {
  uint64_t bytes = 0;
  for_each_in(first, end, [&](uint64_t messages, uint64_t each) {
    bytes += messages * each;
    return true;
  });
  return bytes;
}

uint32_t MessageSizes::count_for(Offset first, Offset end, uint64_t bytes) const {
  uint64_t count = 0;
  for_each_in(first, end, [&](uint64_t messages, uint64_t each) {
    uint64_t wanted = each == 0 ? messages : std::min(messages, (bytes + each - 1) / each);
    count += wanted;
    bytes -= std::min(bytes, wanted * each);
    return bytes > 0;
  });
  return static_cast<uint32_t>(count);
}

void MessageSizes::forget_before(Offset first) {
  while (!runs_.empty() && runs_.front().end <= first) runs_.pop_front();
}

}  // namespace godwit::engine
