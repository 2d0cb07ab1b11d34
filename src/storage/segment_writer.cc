#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/codec.h"
#include "storage/segment.h"

namespace godwit::storage {
namespace {

/// Payloads from this size on are kept by reference until the blob is written.
constexpr size_t kSharedPayloadBytesMin = 4_KiB;

}  // namespace

SegmentWriter::SegmentWriter(std::string blob_key) : key_(std::move(blob_key)) {}

void SegmentWriter::add(const model::Batch& batch) {
  const model::BatchHeader& header = batch.header;
  if (current_.messages == 0) {
    current_ = SegmentRef{.blob = key_,
                          .base_offset = header.base_offset,
                          .end_offset = header.base_offset,
                          .position = position_,
                          .max_timestamp_ms = header.max_timestamp_ms};
    index_.clear();
  }
  CHECK(header.base_offset >= current_.end_offset, "{} after {}", header.base_offset.value, current_.end_offset.value);
  uint64_t relative = position_ - current_.position;
  if (index_.empty() || relative - index_.back().position >= kSegmentIndexInterval)
    index_.push_back({header.base_offset, relative, header.max_timestamp_ms});
  index_.back().max_timestamp_ms = std::max(index_.back().max_timestamp_ms, header.max_timestamp_ms);

  Writer out(inline_);
  model::write_batch_header(out, header);
  if (batch.payload.size() < kSharedPayloadBytesMin) {
    out.bytes(batch.payload);
  } else {
    flush_inline();
    parts_.push_back(batch.payload);
  }
  position_ += batch.bytes();
  current_.end_offset = header.end_offset();
  current_.messages += header.count;
  current_.max_timestamp_ms = std::max(current_.max_timestamp_ms, header.max_timestamp_ms);
  current_.last_append_ms = header.append_ms;
}

SegmentRef SegmentWriter::end_segment() {
  CHECK(current_.messages > 0);
  current_.bytes = position_ - current_.position;
  current_.index_position = position_;
  size_t before = inline_.size();
  encode_segment_index(index_, inline_);
  current_.index_bytes = static_cast<uint32_t>(inline_.size() - before);
  position_ += current_.index_bytes;
  return std::exchange(current_, {});
}

std::vector<Slice> SegmentWriter::finish() {
  CHECK(current_.messages == 0, "the last segment was not ended");
  flush_inline();
  return std::move(parts_);
}

void SegmentWriter::flush_inline() {
  if (!inline_.empty()) parts_.push_back(Slice::take(std::exchange(inline_, {})));
}

}  // namespace godwit::storage
