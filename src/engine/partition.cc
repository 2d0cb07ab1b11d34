#include "engine/partition.h"

#include <algorithm>

namespace godwit::engine {

int32_t Partition::epoch_at(Offset offset) const {
  auto after = std::ranges::upper_bound(epochs, offset, {}, &LeaderEpoch::start);
  return after == epochs.begin() ? 0 : std::prev(after)->epoch;
}

std::optional<LeaderEpoch> Partition::end_of_epoch(int32_t asked, int32_t current) const {
  if (asked > current || asked < 0) return std::nullopt;
  if (asked == current) return LeaderEpoch{current, end};
  auto after = std::ranges::upper_bound(epochs, asked, {}, &LeaderEpoch::epoch);
  int32_t known = after == epochs.begin() ? 0 : std::prev(after)->epoch;
  return LeaderEpoch{known, after == epochs.end() ? end : after->start};
}

}  // namespace godwit::engine
