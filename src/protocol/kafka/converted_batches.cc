#include "protocol/kafka/converted_batches.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "base/crc32c.h"
#include "base/limits.h"
#include "model/kafka_message.h"
#include "model/kafka_records.h"
#include "model/read_message.h"

namespace godwit::protocol::kafka {
namespace {

using model::KafkaBatchHeader;

template <std::integral T>
void store_be(uint8_t* at, T v) {
  T raw = std::endian::native == std::endian::little ? std::byteswap(v) : v;
  std::memcpy(at, &raw, sizeof raw);
}

/// A message as a record that points into it, `hub` and `headers`. One whose properties cannot be read keeps its body.
model::KafkaRecord record_of(const model::NativeMessage& native, int64_t append_ms, model::Message& hub,
                             model::KafkaHeaders& headers) {
  model::KafkaRecord record;
  if (native.origin == model::Origin::kKafka && model::decode_kafka_properties(native, record)) {
    if (native.patch.empty()) return record;
    headers.clear();
    headers.add_raw(record.header_count, record.headers);
  } else if (Result<model::Message> read = model::read_message(native)) {
    hub = std::move(*read);
    record = model::write_kafka_record(hub, append_ms, headers);
  } else {
    headers.clear();
    record = {.timestamp_ms = append_ms, .key = native.key, .value = native.body};
  }
  if (std::optional<model::Patch> patch = model::read_patch(native)) model::add_patch_headers(*patch, headers);
  record.header_count = headers.count();
  record.headers = headers.bytes();
  return record;
}

}  // namespace

Result<Slice> to_kafka_batch(const model::Batch& batch) {
  if (batch.header.encoding == model::Encoding::kKafka) return batch.payload;
  Result<model::BatchMessages> messages = model::BatchMessages::open(batch);
  if (!messages) return std::unexpected(messages.error());
  model::KafkaBatchBuilder builder;
  model::KafkaHeaders headers;
  model::Message hub;
  model::NativeMessage native;
  while (messages->next(native)) builder.add(record_of(native, batch.header.append_ms, hub, headers));
  if (messages->corrupt() || builder.count() != static_cast<int32_t>(batch.header.count))
    return fail(ErrorCode::kCorrupt, "a stored batch does not hold the messages it counts");
  Result<ByteVec> bytes = builder.finish();
  if (!bytes) return std::unexpected(bytes.error());
  return Slice::take(std::move(*bytes));
}

wire::Records::Part records_part(const model::Batch& batch, const Slice& kafka_batch, int32_t leader_epoch) {
  wire::Records::Part part;
  static_assert(sizeof part.head == KafkaBatchHeader::kBytes);
  ByteView head = kafka_batch.view().first(KafkaBatchHeader::kBytes);
  std::copy(head.begin(), head.end(), part.head.begin());
  part.head_bytes = KafkaBatchHeader::kBytes;
  part.rest = kafka_batch.sub(KafkaBatchHeader::kBytes, kafka_batch.size() - KafkaBatchHeader::kBytes);
  model::set_kafka_base_offset(part.head, batch.base_offset().value, leader_epoch);
  bool stamped = part.head[KafkaBatchHeader::kAttributesAt + 1] & 8;
  if (stamped) {
    store_be(part.head.data() + KafkaBatchHeader::kMaxTimestampAt, batch.header.append_ms);
    uint32_t crc = crc32c(ByteView(part.head).subspan(KafkaBatchHeader::kAttributesAt));
    store_be(part.head.data() + KafkaBatchHeader::kCrcAt, crc32c(part.rest, crc));
  }
  return part;
}

Result<Slice> ConvertedBatches::get(PartitionId partition, const model::Batch& batch) {
  if (batch.header.encoding == model::Encoding::kKafka) {
    if (batch.payload.size() < KafkaBatchHeader::kBytes)
      return fail(ErrorCode::kCorrupt, "a stored record batch ends within its head");
    return batch.payload;
  }
  for (const Entry& entry : entries_)
    if (entry.partition == partition && entry.base == batch.base_offset()) return entry.batch;
  Result<Slice> converted = to_kafka_batch(batch);
  if (!converted) return converted;
  bytes_ += converted->size();
  entries_.push_back({partition, batch.base_offset(), *converted});
  while (bytes_ > kKafkaConvertedBytesMax && !entries_.empty()) {
    bytes_ -= entries_.front().batch.size();
    entries_.pop_front();
  }
  return converted;
}

}  // namespace godwit::protocol::kafka
