#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/codec.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/limits.h"
#include "model/compression.h"

namespace godwit::model {

/// The head of a Kafka record batch of format 2 (all integers big-endian):
///
///    0 base offset i64 |  8 length i32, of what follows | 12 leader epoch i32 | 16 magic i8 = 2 | 17 CRC-32C u32
///   21 attributes i16  | 23 last offset delta i32 | 27 base timestamp i64 | 35 max timestamp i64
///   43 producer id i64 | 51 producer epoch i16    | 53 base sequence i32  | 57 record count i32 | 61 records
///
/// The CRC covers everything from the attributes on, so base offset and leader epoch may be rewritten in place.
struct KafkaBatchHeader {
  static constexpr size_t kBytes = 61;
  static constexpr size_t kLengthAt = 8;  ///< the length counts the bytes after itself
  static constexpr size_t kCrcAt = 17;
  static constexpr size_t kAttributesAt = 21;
  static constexpr size_t kMaxTimestampAt = 35;

  int64_t base_offset = 0;
  uint32_t bytes = 0;  ///< of the whole batch, head included
  int32_t leader_epoch = -1;
  uint32_t crc = 0;
  int16_t attributes = 0;
  int32_t last_offset_delta = 0;
  int64_t base_timestamp_ms = 0;
  int64_t max_timestamp_ms = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t base_sequence = -1;
  int32_t records = 0;

  Compression compression() const { return static_cast<Compression>(attributes & 7); }
  bool stamped_at_append() const { return attributes & 8; }
  bool transactional() const { return attributes & 16; }
  bool control() const { return attributes & 32; }
};

/// Reads the head of the batch at the front of `bytes` and checks magic, codec and that the whole batch is there.
/// Errors: kMalformed; kUnsupported: an older format or an unknown codec.
Result<KafkaBatchHeader> read_kafka_batch_header(ByteView bytes);

/// Checks that `bytes` is exactly one batch fit to be stored: head, CRC, and counts that agree. Looks at no record.
/// Errors: as read_kafka_batch_header; kCorrupt: the CRC does not match.
Result<KafkaBatchHeader> check_kafka_batch(ByteView bytes);

/// One record, as views into its batch or the buffer that was inflated from it.
struct KafkaRecord {
  int64_t timestamp_ms = 0;
  int32_t offset_delta = 0;
  std::optional<ByteView> key;
  std::optional<ByteView> value;
  uint32_t header_count = 0;
  ByteView headers;  ///< as on the wire after their count: zigzag length, name, zigzag length (-1: null), value
};

/// Walks the headers of a record.
class KafkaHeaderReader {
 public:
  explicit KafkaHeaderReader(const KafkaRecord& record) : in_(record.headers), left_(record.header_count) {}
  bool next(std::string_view& name, std::optional<ByteView>& value);

 private:
  Reader in_;
  uint32_t left_;
};

/// Walks the records of one batch from the front.
class KafkaRecordReader {
 public:
  /// Inflates compressed records once, into a buffer the reader owns. `append_ms` is the timestamp of records whose
  /// batch is stamped at append. Errors: as read_kafka_batch_header and decompress.
  static Result<KafkaRecordReader> open(Slice batch, int64_t append_ms, size_t inflated_max = kInflatedBytesMax);

  const KafkaBatchHeader& header() const { return header_; }
  /// False at the end of the batch or at bytes that are no record (then corrupt() is true).
  bool next(KafkaRecord& record);
  bool corrupt() const { return corrupt_; }
  /// What the records take inflated; 0 when they are not compressed.
  size_t inflated_bytes() const { return header_.compression() == Compression::kNone ? 0 : records_.size(); }

 private:
  KafkaRecordReader(KafkaBatchHeader header, Slice records, int64_t append_ms)
      : header_(header), records_(std::move(records)), in_(records_.view()), append_ms_(append_ms) {}

  KafkaBatchHeader header_;
  Slice records_;  ///< holds what the views of the records point into
  Reader in_;
  int64_t append_ms_;
  int32_t read_ = 0;
  bool corrupt_ = false;
};

/// Collects records into one batch.
class KafkaBatchBuilder {
 public:
  KafkaBatchBuilder() { reset(); }
  /// Appends a record; its place in the batch is its number, `offset_delta` is not looked at.
  void add(const KafkaRecord& record);
  int32_t count() const { return header_.records; }
  size_t bytes() const { return out_.size(); }

  /// Of the batch to come; base offset and the counts are the builder's.
  KafkaBatchHeader& header() { return header_; }
  /// The finished batch with its CRC; the builder is empty again. At least one record. Errors: as compress.
  Result<ByteVec> finish(Compression codec = Compression::kNone);

 private:
  void reset();

  KafkaBatchHeader header_;
  ByteVec out_;
};

/// The batch with its records inflated; the same bytes when they are not compressed. Errors: as
/// KafkaRecordReader::open.
Result<Slice> inflate_kafka_batch(const Slice& batch);

/// Rewrites base offset and leader epoch in the head of a batch; the CRC does not cover them.
void set_kafka_base_offset(std::span<uint8_t> head, int64_t base_offset, int32_t leader_epoch);
/// Computes and writes the CRC of a whole batch, e.g. after its attributes changed.
void seal_kafka_batch(std::span<uint8_t> batch);

}  // namespace godwit::model
