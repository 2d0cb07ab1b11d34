#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/ids.h"
#include "engine/dedup_ids.h"
#include "engine/producers.h"

namespace godwit::engine {

/// What a partition's owner knows of its log: where it begins and ends, and who wrote to it. Changes by records only.
struct Partition {
  PartitionId id;
  Offset log_start;  ///< nothing before it exists
  Offset end;        ///< of the next message
  Producers producers;
  std::map<uint16_t, uint64_t> transferred;  ///< by source shard: the highest transfer seq appended
  std::map<std::string, Offset> readers;     ///< consumer groups' committed positions
  DedupIds dedup;

  template <class F>
  void fields(F& f) {
    f(id)(log_start)(end)(producers)(transferred)(readers).since(2)(dedup);
  }
};

}  // namespace godwit::engine
