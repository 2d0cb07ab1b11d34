#include "model/kafka_message.h"

#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "base/crc32c.h"
#include "base/utf8.h"
#include "model/value_text.h"

namespace godwit::model {
namespace {

constexpr uint8_t kNullValue = 1;

struct TextField {
  std::string_view header;
  std::optional<std::string> Message::* field;
};
constexpr std::array kTextFields = {
    TextField{"content-type", &Message::content_type},
    TextField{"content-encoding", &Message::content_encoding},
    TextField{"subject", &Message::subject},
    TextField{"reply-to", &Message::reply_to},
    TextField{"reply-to-group-id", &Message::reply_to_group},
    TextField{"type", &Message::type},
    TextField{"app-id", &Message::app_id},
    TextField{"user-id", &Message::user_id},
};

struct IdField {
  std::string_view header;
  std::optional<Value> Message::* field;
};
constexpr std::array kIdFields = {
    IdField{"message-id", &Message::message_id},
    IdField{"correlation-id", &Message::correlation_id},
};

struct TimeField {
  std::string_view header;
  std::optional<int64_t> Message::* field;
};
constexpr std::array kTimeFields = {
    TimeField{"expires-at", &Message::expires_at_ms},
    TimeField{"deliver-at", &Message::deliver_at_ms},
};

constexpr std::string_view kPriorityHeader = "priority";

template <class Int>
std::optional<Int> number(std::string_view text) {
  Int v{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error != std::errc() || end != text.data() + text.size() || text.starts_with('-')) return std::nullopt;
  return v;
}

Value text_or_bytes(ByteView bytes) {
  if (is_utf8(as_string(bytes))) return Value(std::string(as_string(bytes)));
  return Value(ByteVec(bytes.begin(), bytes.end()));
}

/// True when the header has a field of its own in the hub and its value fits there.
bool read_known(std::string_view name, ByteView value, Message& into) {
  std::string_view text = as_string(value);
  for (const TextField& f : kTextFields)
    if (f.header == name) {
      if (!is_utf8(text)) return false;
      into.*f.field = std::string(text);
      return true;
    }
  for (const IdField& f : kIdFields)
    if (f.header == name) return into.*f.field = text_or_bytes(value), true;
  for (const TimeField& f : kTimeFields)
    if (f.header == name) {
      std::optional<int64_t> ms = number<int64_t>(text);
      if (ms) into.*f.field = ms;
      return ms.has_value();
    }
  if (name == kPriorityHeader) {
    std::optional<uint8_t> level = number<uint8_t>(text);
    if (level) into.priority = level;
    return level.has_value();
  }
  return false;
}

void add_text(KafkaHeaders& headers, std::string_view name, std::string_view text) {
  headers.add(name, as_bytes(text));
}

void write_known(const Message& m, KafkaHeaders& headers) {
  for (const IdField& f : kIdFields)
    if (const auto& id = m.*f.field)
      if (auto text = value_text(*id)) add_text(headers, f.header, *text);
  for (const TextField& f : kTextFields)
    if (const auto& text = m.*f.field) add_text(headers, f.header, *text);
  for (const TimeField& f : kTimeFields)
    if (const auto& ms = m.*f.field) add_text(headers, f.header, std::to_string(*ms));
  if (m.priority) add_text(headers, kPriorityHeader, std::to_string(*m.priority));
}

/// What a queue heeds.
void read_queue_headers(const KafkaRecord& record, NativeMessage& into) {
  KafkaHeaderReader headers(record);
  std::string_view name;
  std::optional<ByteView> value;
  while (headers.next(name, value)) {
    if (!value) continue;
    if (name == "expires-at") into.expires_at_ms = number<int64_t>(as_string(*value));
    if (name == "deliver-at") into.deliver_at_ms = number<int64_t>(as_string(*value));
    if (name == kPriorityHeader) into.priority = number<uint8_t>(as_string(*value));
  }
}

}  // namespace

void read_kafka_record(const KafkaRecord& record, Message& into) {
  into = {};
  into.origin = Origin::kKafka;
  into.body = record.value.value_or(ByteView{});
  into.key = record.key;
  if (record.key && !record.key->empty() && is_utf8(as_string(*record.key))) into.group = as_string(*record.key);
  into.created_ms = record.timestamp_ms;
  KafkaHeaderReader headers(record);
  std::string_view name;
  std::optional<ByteView> value;
  while (headers.next(name, value)) {
    if (value && read_known(name, *value, into)) continue;
    into.headers.emplace_back(std::string(name), value ? text_or_bytes(*value) : Value());
  }
}

void KafkaHeaders::add(std::string_view name, std::optional<ByteView> value) {
  Writer out(bytes_);
  out.zigzag(static_cast<int64_t>(name.size()));
  out.bytes(name);
  out.zigzag(value ? static_cast<int64_t>(value->size()) : -1);
  if (value) out.bytes(*value);
  ++count_;
}

void KafkaHeaders::add_raw(uint32_t count, ByteView headers) {
  bytes_.insert(bytes_.end(), headers.begin(), headers.end());
  count_ += count;
}

KafkaRecord write_kafka_record(const Message& message, int64_t append_ms, KafkaHeaders& headers) {
  headers.clear();
  write_known(message, headers);
  for (const auto& [name, value] : message.headers) {
    if (const auto* bytes = std::get_if<ByteVec>(&value.v)) {
      headers.add(name, ByteView(*bytes));
    } else if (const auto* string = std::get_if<std::string>(&value.v)) {
      headers.add(name, as_bytes(*string));
    } else {
      std::optional<std::string> text = value_text(value);
      headers.add(name, text ? std::optional(as_bytes(*text)) : std::nullopt);
    }
  }
  KafkaRecord record;
  record.timestamp_ms = message.created_ms.value_or(append_ms);
  if (message.key)
    record.key = message.key;
  else if (message.group)
    record.key = as_bytes(*message.group);
  record.value = message.body;
  record.header_count = headers.count();
  record.headers = headers.bytes();
  return record;
}

void add_patch_headers(const Patch& patch, KafkaHeaders& headers) {
  if (patch.source_topic) {
    add_text(headers, "__dlq.errors.topic", *patch.source_topic);
    add_text(headers, "__dlq.errors.partition", std::to_string(patch.source_partition));
    add_text(headers, "__dlq.errors.offset", std::to_string(patch.source_offset));
  }
  if (patch.deaths.empty()) return;
  const Death& last = patch.deaths.front();
  add_text(headers, "__dlq.errors.group", last.queue);
  add_text(headers, "__dlq.errors.message", last.reason);
  add_text(headers, "__dlq.errors.delivery.count", std::to_string(last.count));
}

void encode_kafka_properties(const KafkaRecord& record, ByteVec& out) {
  Writer writer(out);
  writer.u8(record.value ? 0 : kNullValue);
  writer.zigzag(record.timestamp_ms);
  writer.varint(record.header_count);
  writer.bytes(record.headers);
}

bool decode_kafka_properties(const NativeMessage& message, KafkaRecord& record) {
  Reader in(message.properties);
  uint8_t flags = in.u8();
  record = {};
  record.timestamp_ms = in.zigzag();
  uint64_t headers = in.varint();
  if (!in.ok() || headers > in.remaining() / 2) return false;
  record.header_count = static_cast<uint32_t>(headers);
  record.headers = in.rest();
  record.key = message.key;
  if (!(flags & kNullValue)) record.value = message.body;
  return true;
}

NativeMessage native_of_kafka_record(const KafkaRecord& record, ByteVec& properties) {
  properties.clear();
  encode_kafka_properties(record, properties);
  NativeMessage native;
  native.origin = Origin::kKafka;
  native.key = record.key;
  native.properties = properties;
  native.body = record.value.value_or(ByteView{});
  read_queue_headers(record, native);
  return native;
}

Result<void> index_batch(Batch& batch, size_t inflated_max) {
  if (batch.header.encoding != Encoding::kKafka || batch.header.flags & kIndexed) return {};
  auto records = KafkaRecordReader::open(batch.payload, batch.header.append_ms, inflated_max);
  if (!records) {
    ErrorCode code = records.error().code == ErrorCode::kTooLarge ? ErrorCode::kTooLarge : ErrorCode::kCorrupt;
    return fail(code, std::move(records.error().message));
  }
  uint16_t flags = kIndexed;
  uint32_t count = 0;
  KafkaRecord record;
  for (; records->next(record); ++count) {
    if (record.header_count == 0) continue;
    NativeMessage m;
    read_queue_headers(record, m);
    if (m.expires_at_ms) flags |= kHasExpiry;
    if (m.deliver_at_ms) flags |= kHasDeliverAt;
    if (m.priority) flags |= kHasPriority;
  }
  if (records->corrupt() || count != batch.header.count)
    return fail(ErrorCode::kCorrupt, "only " + std::to_string(count) + " of the " + std::to_string(batch.header.count) +
                                         " records of a batch can be read");
  batch.header.flags |= flags;
  return {};
}

Result<Batch> plain_batch(const Batch& batch) {
  if (batch.header.encoding != Encoding::kKafka) return batch;
  Result<Slice> plain = inflate_kafka_batch(batch.payload);
  if (!plain) return fail(ErrorCode::kCorrupt, std::move(plain.error().message));
  if (plain->data() == batch.payload.data()) return batch;
  Batch inflated{batch.header, std::move(*plain)};
  inflated.header.payload_bytes = static_cast<uint32_t>(inflated.payload.size());
  inflated.header.payload_crc = crc32c(inflated.payload);
  return inflated;
}

}  // namespace godwit::model
