#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/limits.h"

/// The numbers and the index of docs/formats/segment.md.
namespace godwit::storage {

constexpr uint32_t kSegmentIndexMagic = 0x78495747;  // "GWIx"
constexpr uint8_t kSegmentIndexVersion = 1;
/// A new index entry begins at the first batch this far behind the last entry's: an entry of 24 bytes for 64 KiB of
/// batches, and at most that much is read in vain.
constexpr uint64_t kSegmentIndexInterval = 64_KiB;

/// The run of batches from one index entry to the next.
struct SegmentIndexEntry {
  Offset offset;                 ///< of its first batch
  uint64_t position = 0;         ///< of that batch, from the segment's begin
  int64_t max_timestamp_ms = 0;  ///< the largest in the run
  bool operator==(const SegmentIndexEntry&) const = default;
};
using SegmentIndex = std::vector<SegmentIndexEntry>;

void encode_segment_index(const SegmentIndex& index, ByteVec& out);
/// At least one entry, offsets and positions growing, the first position 0. Errors: kCorrupt; kUnsupported.
Result<SegmentIndex> decode_segment_index(ByteView bytes);

}  // namespace godwit::storage
