#pragma once

#include <cstdint>
#include <vector>

#include "model/commands/queue.h"

namespace godwit::engine {

/// The same offsets in order, each of them once.
std::vector<model::OffsetRun> in_order(std::vector<model::OffsetRun> runs);

/// The `count` first offsets of runs that do not overlap, in order.
std::vector<model::OffsetRun> first_of(std::vector<model::OffsetRun> runs, uint64_t count);

}  // namespace godwit::engine
