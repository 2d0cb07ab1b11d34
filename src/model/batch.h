#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/codec.h"
#include "base/error.h"
#include "base/ids.h"
#include "model/message.h"

namespace godwit::model {

enum class Encoding : uint8_t {
  kNative = 0,  ///< the messages of NativeMessage, one after another
  kKafka = 1,   ///< one Kafka record batch v2, as it arrived
};

/// What an engine must know of a batch's messages before it reads them. A set bit says "at least one message".
enum BatchFlags : uint16_t {
  kHasExpiry = 1 << 0,
  kHasPriority = 1 << 1,
  kHasGroup = 1 << 2,
  kHasDeliverAt = 1 << 3,
  kHasDedup = 1 << 4,
  kControl = 1 << 5,  ///< a transaction marker: readers of queues never see it
  kTransactional = 1 << 6,
  kIndexed = 1 << 7,  ///< of a Kafka batch: its records were looked at for the flags above. A native one always tells
};

/// The unit stored, fetched and replicated: messages that one producer sent together.
/// Layout and golden bytes: docs/formats/batch.md.
struct BatchHeader {
  static constexpr size_t kBytes = 48;

  Encoding encoding = Encoding::kNative;
  uint16_t flags = 0;
  uint32_t count = 0;            ///< offsets the batch takes: [base_offset, base_offset + count), count >= 1
  Offset base_offset;            ///< given by the partition's owner at append
  int64_t append_ms = 0;         ///< wall time of append, likewise
  int64_t max_timestamp_ms = 0;  ///< the newest producer timestamp; append_ms where a producer has none
  uint32_t payload_bytes = 0;
  uint32_t payload_crc = 0;  ///< CRC-32C of the payload

  Offset end_offset() const { return base_offset + count; }
  bool operator==(const BatchHeader&) const = default;
};

/// A batch in memory: copying it copies the header and shares the payload.
struct Batch {
  BatchHeader header;
  Slice payload;

  Offset base_offset() const { return header.base_offset; }
  Offset end_offset() const { return header.end_offset(); }
  /// As stored.
  size_t bytes() const { return BatchHeader::kBytes + payload.size(); }
};

/// Seals `payload`: sets sizes and CRC. Offsets and append time are the owner's to set.
Batch seal_batch(Encoding encoding, uint16_t flags, uint32_t count, int64_t max_timestamp_ms, Slice payload);

void write_batch_header(Writer& out, const BatchHeader& header);

/// Reads a header and checks its own CRC and ranges. Errors: kCorrupt.
Result<BatchHeader> read_batch_header(ByteView bytes);

/// Reads one stored batch from the front of `bytes`, sharing its payload, and checks both CRCs. Errors: kCorrupt.
Result<Batch> read_batch(const Slice& bytes);

}  // namespace godwit::model
