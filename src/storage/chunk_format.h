#pragma once

#include <cstddef>
#include <cstdint>

#include "base/limits.h"

/// The numbers of docs/formats/chunk.md.
namespace godwit::storage {

constexpr uint32_t kChunkMagic = 0x6b435747;  // "GWCk"
constexpr uint8_t kChunkVersion = 1;
/// The header's size and its CRC's place are the same in every version.
constexpr size_t kChunkHeaderBytes = 64;
constexpr size_t kChunkHeaderCrcAt = 60;

/// One chunk with its padding: several batches of the largest size do not share one, so this is the largest append, one
/// batch to many queues and their records, rounded up.
constexpr size_t kChunkBytesMax = 256_MiB;

constexpr uint64_t round_up_to_block(uint64_t bytes) { return (bytes + kBlockBytes - 1) / kBlockBytes * kBlockBytes; }

}  // namespace godwit::storage
