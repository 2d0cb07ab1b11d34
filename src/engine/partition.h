#pragma once

#include <cstdint>
#include <map>
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

  template <class F>
  void fields(F& f) {
    f(id)(log_start)(end)(producers)(transferred)(readers).since(2)(dedup).since(3)(passed);
  }
};

}  // namespace godwit::engine
