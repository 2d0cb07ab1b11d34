#include "storage/segment_format.h"

#include <fmt/format.h>

#include "base/codec.h"
#include "base/crc32c.h"

namespace godwit::storage {
namespace {

constexpr size_t kHeadBytes = 12;
constexpr size_t kEntryBytes = 24;
constexpr size_t kCrcBytes = 4;

bool grows(const SegmentIndex& index) {
  if (index.empty() || index.front().position != 0) return false;
  for (size_t i = 1; i < index.size(); ++i)
    if (index[i].offset <= index[i - 1].offset || index[i].position <= index[i - 1].position) return false;
  return true;
}

}  // namespace

void encode_segment_index(const SegmentIndex& index, ByteVec& bytes) {
  size_t start = bytes.size();
  Writer out(bytes);
  out.le(kSegmentIndexMagic);
  out.u8(kSegmentIndexVersion);
  out.u8(0);
  out.le(uint16_t{0});
  out.le(static_cast<uint32_t>(index.size()));
  for (const SegmentIndexEntry& entry : index) {
    out.le(entry.offset.value);
    out.le(entry.position);
    out.le(entry.max_timestamp_ms);
  }
  out.le(crc32c(ByteView(bytes).subspan(start)));
}

Result<SegmentIndex> decode_segment_index(ByteView bytes) {
  if (bytes.size() < kHeadBytes + kCrcBytes) return fail(ErrorCode::kCorrupt, "segment index cut short");
  Reader in(bytes);
  uint32_t magic = in.le<uint32_t>();
  uint8_t version = in.u8();
  in.bytes(3);
  uint32_t count = in.le<uint32_t>();
  Reader end(bytes.last(kCrcBytes));
  if (magic != kSegmentIndexMagic || end.le<uint32_t>() != crc32c(bytes.first(bytes.size() - kCrcBytes)))
    return fail(ErrorCode::kCorrupt, "segment index fails its check");
  if (version != kSegmentIndexVersion)
    return fail(ErrorCode::kUnsupported, fmt::format("segment index version {} is unknown", version));
  if (in.remaining() - kCrcBytes != uint64_t{count} * kEntryBytes)
    return fail(ErrorCode::kCorrupt, "segment index has another length than it says");
  SegmentIndex index(count);
  for (SegmentIndexEntry& entry : index) {
    entry.offset = Offset(in.le<int64_t>());
    entry.position = in.le<uint64_t>();
    entry.max_timestamp_ms = in.le<int64_t>();
  }
  if (!grows(index)) return fail(ErrorCode::kCorrupt, "segment index is out of order");
  return index;
}

}  // namespace godwit::storage
