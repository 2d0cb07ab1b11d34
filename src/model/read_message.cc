#include "model/read_message.h"

#include <utility>

#include "base/fields.h"
#include "model/amqp091_properties.h"
#include "model/kafka_message.h"

namespace godwit::model {
namespace {

constexpr int kPatchVersion = 1;

bool read_properties(const NativeMessage& native, Message& into) {
  switch (native.origin) {
    case Origin::kAmqp091: return decode_amqp091_properties(native.properties, into);
    case Origin::kKafka: {
      KafkaRecord record;
      if (!decode_kafka_properties(native, record)) return false;
      read_kafka_record(record, into);
      return true;
    }
    case Origin::kNative: return native.properties.empty();
    case Origin::kSqs:
    case Origin::kPubsub:
    case Origin::kAmqp10: return false;  // no version that writes these exists yet
  }
  return false;
}

std::string text_of(ByteView bytes) { return std::string(as_string(bytes)); }

}  // namespace

Result<Message> read_message(const NativeMessage& native) {
  Message m;
  if (!read_properties(native, m)) return fail(ErrorCode::kCorrupt, "a stored message's properties are malformed");
  m.origin = native.origin;
  m.body = native.body;
  m.durable = native.durable;
  m.expires_at_ms = native.expires_at_ms;
  m.deliver_at_ms = native.deliver_at_ms;
  if (native.priority) m.priority = native.priority;
  if (native.key) m.key = native.key;
  if (native.group) m.group = text_of(*native.group);
  if (native.dedup_id) m.dedup_id = text_of(*native.dedup_id);
  if (std::optional<Patch> patch = read_patch(native)) {
    if (patch->exchange) m.to = std::move(patch->exchange);
    if (patch->routing_key) m.subject = std::move(patch->routing_key);
    if (patch->drop_expiration) m.expires_at_ms.reset();
  }
  return m;
}

std::optional<Patch> read_patch(const NativeMessage& native) {
  if (native.patch.empty()) return std::nullopt;
  Reader in(native.patch);
  Patch patch;
  if (!decode_fields(in, kPatchVersion, patch)) return std::nullopt;
  return patch;
}

Result<BatchMessages> BatchMessages::open(const Batch& batch) {
  if (batch.header.encoding == Encoding::kNative) return BatchMessages(batch.payload);
  Result<KafkaRecordReader> records = KafkaRecordReader::open(batch.payload, batch.header.append_ms);
  if (!records) return fail(ErrorCode::kCorrupt, "a stored record batch is malformed: " + records.error().message);
  return BatchMessages(std::move(*records));
}

bool BatchMessages::next(NativeMessage& message) {
  if (native_) return native_->next(message);
  KafkaRecord record;
  if (!records_->next(record)) return false;
  message = native_of_kafka_record(record, properties_);
  return true;
}

bool BatchMessages::skip(uint32_t n) {
  KafkaRecord record;
  for (uint32_t i = 0; i < n; ++i)
    if (native_ ? !native_->skip() : !records_->next(record)) return false;
  return true;
}

}  // namespace godwit::model
