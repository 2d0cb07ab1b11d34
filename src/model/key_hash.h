#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace godwit::model {

/// The partition of a key: MurmurHash2 with the seed that Kafka's Java producer uses, so that messages with one key
/// meet in one partition whichever protocol they came by. `partitions` >= 1.
uint32_t partition_of_key(ByteView key, uint32_t partitions);

}  // namespace godwit::model
