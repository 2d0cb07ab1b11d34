#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "model/batch.h"
#include "storage/blob_store.h"
#include "storage/segment_format.h"

namespace godwit::storage {

/// A run of one partition's batches inside a blob. Small segments of many partitions share one blob.
struct SegmentRef {
  std::string blob;
  Offset base_offset;
  Offset end_offset;      ///< may have gaps inside: batches settled before the segment was written are left out
  uint64_t position = 0;  ///< of the first batch within the blob
  uint64_t bytes = 0;
  uint64_t messages = 0;  ///< that are there
  int64_t max_timestamp_ms = 0;
  int64_t last_append_ms = 0;
  uint64_t index_position = 0;  ///< of the sparse index within the blob
  uint32_t index_bytes = 0;

  template <class F>
  void fields(F& f) {
    f(blob)(base_offset)(end_offset)(position)(bytes)(messages)(max_timestamp_ms)(last_append_ms);
    f(index_position)(index_bytes);
  }
};

/// Builds one blob of segments: add the batches of one partition in offset order, end it, go on with the next.
/// Format: docs/formats/segment.md.
class SegmentWriter {
 public:
  explicit SegmentWriter(std::string blob_key);
  void add(const model::Batch& batch);
  /// Ends the current partition's segment. At least one batch was added.
  SegmentRef end_segment();
  uint64_t bytes() const { return position_; }
  /// The blob's bytes, payloads by reference.
  std::vector<Slice> finish();

 private:
  void flush_inline();

  std::string key_;
  std::vector<Slice> parts_;
  ByteVec inline_;
  uint64_t position_ = 0;
  SegmentRef current_;
  SegmentIndex index_;
};

/// Reads batches back. Keeps recently used sparse indexes, bounded by count, and reads ahead of readers that go through
/// a segment (read_ahead.h). One per worker; `on` is that worker's executor, where every callback runs. The batches of
/// one read share its memory.
class SegmentReader {
 public:
  using OnRead = std::move_only_function<void(Result<std::vector<model::Batch>>)>;

  SegmentReader(BlobStore& blobs, runtime::Executor& on);
  ~SegmentReader();
  /// The batches of `segment` from the one holding `from` (or the next one after it) on: at least one, then up to about
  /// `bytes_max`. Empty when nothing of the segment lies at or after `from`. CRCs are checked: kCorrupt names the blob.
  void read(const SegmentRef& segment, Offset from, uint64_t bytes_max, OnRead done);
  /// The first batch with max_timestamp >= `timestamp_ms` and everything up to about bytes_max after it.
  void read_at_time(const SegmentRef& segment, int64_t timestamp_ms, OnRead done);

 private:
  struct Known;
  BlobStore& blobs_;
  runtime::Executor& on_;
  std::shared_ptr<Known> known_;  ///< shared with the reads under way, which may outlive the reader
};

}  // namespace godwit::storage
