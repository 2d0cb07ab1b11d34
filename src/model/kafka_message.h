#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "model/batch.h"
#include "model/kafka_records.h"
#include "model/message.h"
#include "model/native_message.h"

/// Between Kafka records and the hub's vocabulary, by the tables of docs/protocols/kafka.md. A record's headers carry
/// what Kafka has no field for under the names listed there ("message-id", "content-type", "expires-at", …).
namespace godwit::model {

/// Reads a record. A well-known header fills its field and leaves the headers; of a repeated one the last wins. Other
/// headers are strings where they are UTF-8, bytes otherwise, null where the record says so.
void read_kafka_record(const KafkaRecord& record, Message& into);

/// Headers of a record under construction.
class KafkaHeaders {
 public:
  void add(std::string_view name, std::optional<ByteView> value);
  void add_raw(uint32_t count, ByteView headers);
  void clear() { bytes_.clear(), count_ = 0; }
  uint32_t count() const { return count_; }
  ByteView bytes() const { return bytes_; }

 private:
  ByteVec bytes_;
  uint32_t count_ = 0;
};

/// Writes `message` as a record that points into it and into `headers`, which is cleared first. `append_ms` is the
/// timestamp where the producer gave none. The key is the message's key, else its group.
KafkaRecord write_kafka_record(const Message& message, int64_t append_ms, KafkaHeaders& headers);

/// Adds what a patch says as headers of the names that Kafka's share groups use for dead letters.
void add_patch_headers(const Patch& patch, KafkaHeaders& headers);

/// The `properties` of a native message with Origin::kKafka: u8 flags (bit 0: the value is null) | zigzag timestamp |
/// varint header count | headers as in the record.
void encode_kafka_properties(const KafkaRecord& record, ByteVec& out);
/// The record that a native message with Origin::kKafka was copied from. False when its properties are malformed.
bool decode_kafka_properties(const NativeMessage& message, KafkaRecord& record);

/// A record as a native message that points into it and into `properties`, which is overwritten: for dead letters
/// copied out of a Kafka batch. Expiry, schedule and priority come from its headers.
NativeMessage native_of_kafka_record(const KafkaRecord& record, ByteVec& properties);

/// Looks at the records of a Kafka batch for headers that mean something to queues, and sets the flags that tell; done
/// once, and nothing for other batches. Errors, which leave the batch as it was: kCorrupt: it does not have the records
/// that its head counts; kTooLarge, as decompress.
Result<void> index_batch(Batch& batch, size_t inflated_max = kInflatedBytesMax);

/// The batch as it is handed out: with the records of a Kafka batch inflated. Errors: kCorrupt, as index_batch.
Result<Batch> plain_batch(const Batch& batch);

}  // namespace godwit::model
