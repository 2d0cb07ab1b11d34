#include "model/amqp091_properties.h"

#include <algorithm>
#include <limits>

#include "base/codec.h"
#include "model/amqp091_content.h"
#include "model/amqp091_table.h"

namespace godwit::model {

bool split_amqp091_properties(ByteView properties, Amqp091Stored& stored) {
  Reader in(properties);
  stored.exchange = in.string(in.u8());
  stored.routing_key = in.string(in.u8());
  stored.content = in.rest();
  return in.ok() && stored.content.size() >= sizeof(uint16_t);
}

void join_amqp091_properties(std::string_view exchange, std::string_view routing_key, ByteVec& out) {
  Writer writer(out);
  for (std::string_view text : {exchange, routing_key}) {
    text = text.substr(0, 255);
    writer.u8(static_cast<uint8_t>(text.size()));
    writer.bytes(text);
  }
}

namespace {

using namespace amqp091_headers;

void set(std::optional<std::string>& to, const Amqp091Content& c, Amqp091Property property, std::string_view text) {
  if (c.has(property)) to = std::string(text);
}

/// True when the header stands for a field of the hub and was put there.
bool take_reserved(std::string_view name, const Value& value, const Amqp091Content& c, Message& into) {
  if (name == kPartitionKey || name == kGroup || name == kDedup || name == kDeliveryTime) return true;
  if (name == amqp091_headers::kMessageId && !c.has(model::kMessageId)) return into.message_id = value, true;
  if (name == amqp091_headers::kCorrelationId && !c.has(model::kCorrelationId))
    return into.correlation_id = value, true;
  const std::string* text = std::get_if<std::string>(&value.v);
  if (name == kReplyToGroup && text) return into.reply_to_group = *text, true;
  return false;
}

bool decode_headers(const Amqp091Content& c, Message& into) {
  if (!c.has(kHeaders)) return true;
  ByteVec table;
  Writer writer(table);
  writer.be(static_cast<uint32_t>(c.headers.size()));
  writer.bytes(c.headers);
  Reader in(table);
  ValueMap headers;
  if (!decode_amqp091_table(in, headers)) return false;
  for (auto& [name, value] : headers)
    if (!take_reserved(name, value, c, into)) into.headers.emplace_back(std::move(name), std::move(value));
  return true;
}

}  // namespace

bool decode_amqp091_properties(ByteView properties, Message& into) {
  Amqp091Stored stored;
  Amqp091Content c;
  if (!split_amqp091_properties(properties, stored) || !parse_amqp091_content(stored.content, c)) return false;
  into.to = std::string(stored.exchange);
  into.subject = std::string(stored.routing_key);
  set(into.content_type, c, kContentType, c.content_type);
  set(into.content_encoding, c, kContentEncoding, c.content_encoding);
  set(into.reply_to, c, kReplyTo, c.reply_to);
  set(into.type, c, kType, c.type);
  set(into.user_id, c, kUserId, c.user_id);
  set(into.app_id, c, kAppId, c.app_id);
  if (c.has(model::kMessageId)) into.message_id = Value(std::string(c.message_id));
  if (c.has(model::kCorrelationId)) into.correlation_id = Value(std::string(c.correlation_id));
  if (c.has(kPriorityProperty)) into.priority = c.priority;
  constexpr uint64_t kSecondsMost = std::numeric_limits<int64_t>::max() / 1000;
  if (c.has(kTimestamp)) into.created_ms = static_cast<int64_t>(std::min(c.timestamp, kSecondsMost)) * 1000;
  into.durable = c.has(kDeliveryMode) && c.delivery_mode == 2;
  return decode_headers(c, into);
}

}  // namespace godwit::model
