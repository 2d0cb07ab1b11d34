#pragma once

#include <cstdint>
#include <vector>

#include "engine/partition.h"
#include "model/batch.h"
#include "model/commands/partition.h"

namespace godwit::broker {

/// Takes the messages out of a native batch that the partition has under the same deduplication id (or that repeat one
/// of the same batch), and says where they are. The batch is left empty (count 0) when it has nothing else.
std::vector<model::Appended::Repeated> take_out_repeats(const engine::Partition& partition, model::Batch& batch,
                                                        int64_t wall_ms);

/// Takes the first `n` messages out of a native batch; n is below its count.
void take_out_first(model::Batch& batch, uint32_t n);
/// Leaves only those; 0 < n < its count.
void keep_first(model::Batch& batch, uint32_t n);

}  // namespace godwit::broker
