#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace godwit {

/// CRC-32C (Castagnoli), as Kafka's record batches and our chunks carry it. `seed` is the result over the bytes before.
uint32_t crc32c(ByteView bytes, uint32_t seed = 0);

}  // namespace godwit
