#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "engine/dedup_ids.h"
#include "engine/producers.h"

namespace godwit::engine {

/// Everything before `end` was done with at `wall_ms`.
struct PassedMark {
  Offset end;
  int64_t wall_ms = 0;

  template <class F>
  void fields(F& f) {
    f(end)(wall_ms);
  }
};

/// Messages from `start` on were appended under `epoch`, up to the next one's start.
struct LeaderEpoch {
  int32_t epoch = 0;
  Offset start;

  template <class F>
  void fields(F& f) {
    f(epoch)(start);
  }
};

/// What a partition's owner knows of its log: where it begins and ends, and who wrote to it. Changes by records only.
struct Partition {
  PartitionId id;
  Offset log_start;  ///< nothing before it exists
  Offset end;        ///< of the next message
  Producers producers;
  std::map<uint16_t, uint64_t> transferred;  ///< by source shard: the highest transfer seq appended
  std::map<std::string, Offset> readers;     ///< where consumer groups are that `settled` retention waits for
  DedupIds dedup;
  std::vector<PassedMark> passed;  ///< what waits for `retention.settled_ms` to be over, oldest first
  /// Oldest first, at most kLeaderEpochsKept; before the first one, and without any, it is epoch 0.
  std::vector<LeaderEpoch> epochs;

  template <class F>
  void fields(F& f) {
    f(id)(log_start)(end)(producers)(transferred)(readers).since(2)(dedup).since(3)(passed).since(4)(epochs);
  }

  /// Of the newest message, or of what was here before any epoch was noted.
  int32_t last_epoch() const { return epochs.empty() ? 0 : epochs.back().epoch; }
  /// Under which the message at `offset` was appended.
  int32_t epoch_at(Offset offset) const;
  /// The largest epoch up to `asked`, and where the one after it begins. `current` has begun at the end, if not before.
  /// Nothing when `asked` is later than `current`.
  std::optional<LeaderEpoch> end_of_epoch(int32_t asked, int32_t current) const;
};

}  // namespace godwit::engine
