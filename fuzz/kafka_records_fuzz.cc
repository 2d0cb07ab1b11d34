#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "model/kafka_message.h"
#include "model/kafka_records.h"
#include "model/read_message.h"

using namespace godwit;

namespace {

void walk(const model::Batch& batch) {
  Result<model::BatchMessages> messages = model::BatchMessages::open(batch);
  if (!messages) return;
  model::NativeMessage native;
  while (messages->next(native)) {
    Result<model::Message> message = model::read_message(native);
    CHECK(message.has_value());
    model::KafkaHeaders headers;
    model::KafkaRecord record = model::write_kafka_record(*message, 0, headers);
    model::Message again;
    model::read_kafka_record(record, again);
    CHECK(again.body.size() == message->body.size());
  }
}

}  // namespace

/// Bytes as a record batch: as they are, and with a checksum that matches, so that what lies behind it is reached.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteVec bytes(data, data + size);
  if (size >= model::KafkaBatchHeader::kBytes) model::seal_kafka_batch(bytes);
  Result<model::KafkaBatchHeader> header = model::check_kafka_batch(bytes);
  if (!header) return 0;
  CHECK(header->bytes == size && header->records > 0);
  walk(model::seal_batch(model::Encoding::kKafka, 0, static_cast<uint32_t>(header->records), 0, Slice::take(bytes)));
  return 0;
}
