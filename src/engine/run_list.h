#pragma once

#include <cstdint>
#include <vector>

#include "model/commands/queue.h"

namespace godwit::engine {

/// The `count` first offsets of runs that do not overlap, in order.
std::vector<model::OffsetRun> first_of(std::vector<model::OffsetRun> runs, uint64_t count);

}  // namespace godwit::engine
