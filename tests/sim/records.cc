#include "sim/records.h"

#include <fmt/format.h>

#include "base/check.h"
#include "model/kafka_message.h"
#include "model/read_message.h"

namespace godwit::sim {
namespace {

std::optional<ByteView> bytes_of(const std::optional<std::string>& text) {
  return text ? std::optional(as_bytes(*text)) : std::nullopt;
}

std::string shown(const std::optional<ByteView>& bytes) {
  if (!bytes) return "null";
  std::string out = "'";
  for (uint8_t byte : *bytes)
    out += byte > ' ' && byte < 0x7f ? std::string(1, static_cast<char>(byte)) : fmt::format("\\{:02x}", byte);
  return out + "'";
}

model::KafkaRecord record_of(const SentRecord& sent, model::KafkaHeaders& headers) {
  headers.clear();
  for (const auto& [name, value] : sent.headers) headers.add(name, bytes_of(value));
  return {.timestamp_ms = sent.timestamp_ms,
          .key = bytes_of(sent.key),
          .value = bytes_of(sent.value),
          .header_count = headers.count(),
          .headers = headers.bytes()};
}

}  // namespace

std::string SentRecord::text() const {
  model::KafkaHeaders bytes;
  return record_text(record_of(*this, bytes));
}

std::optional<std::string> SentRecord::header(const std::string& name) const {
  for (auto at = headers.rbegin(); at != headers.rend(); ++at)
    if (at->first == name) return at->second;
  return std::nullopt;
}

model::Batch kafka_batch_of(const std::vector<SentRecord>& records, model::Compression codec) {
  model::KafkaBatchBuilder builder;
  int64_t newest = 0;
  for (const SentRecord& sent : records) {
    model::KafkaHeaders headers;
    builder.add(record_of(sent, headers));
    newest = std::max(newest, sent.timestamp_ms);
  }
  Result<ByteVec> bytes = builder.finish(codec);
  CHECK(bytes, "{} records", records.size());
  return model::seal_batch(model::Encoding::kKafka, 0, static_cast<uint32_t>(records.size()), newest,
                           Slice::take(std::move(*bytes)));
}

std::string record_text(const model::KafkaRecord& record) {
  std::string headers;
  model::KafkaHeaderReader in(record);
  std::string_view name;
  std::optional<ByteView> value;
  while (in.next(name, value)) headers += fmt::format(" {}={}", shown(as_bytes(name)), shown(value));
  return fmt::format("{} key {} value {} {} headers{}", record.timestamp_ms, shown(record.key), shown(record.value),
                     record.header_count, headers);
}

std::vector<std::string> record_texts(const model::Batch& batch) {
  std::vector<std::string> texts;
  Result<model::BatchMessages> messages = model::BatchMessages::open(batch);
  if (!messages) return {"a batch that cannot be read"};
  model::NativeMessage m;
  while (messages->next(m)) {
    model::KafkaRecord record;
    bool good = m.origin == model::Origin::kKafka && model::decode_kafka_properties(m, record);
    texts.push_back(good ? record_text(record) : "a message that is no record");
  }
  return texts;
}

}  // namespace godwit::sim
