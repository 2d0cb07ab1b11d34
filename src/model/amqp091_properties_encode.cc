#include <algorithm>
#include <string>
#include <unordered_set>

#include "base/codec.h"
#include "base/utf8.h"
#include "model/amqp091_content.h"
#include "model/amqp091_properties.h"
#include "model/amqp091_table.h"
#include "model/uuid_text.h"

namespace godwit::model {
namespace {

using namespace amqp091_headers;

constexpr size_t kShortTextMax = 255;

Value text_or_bytes(ByteView bytes) {
  if (is_utf8(as_string(bytes))) return Value(std::string(as_string(bytes)));
  return Value(ByteVec(bytes.begin(), bytes.end()));
}

void put_text(Amqp091Content& c, Amqp091Property property, std::string_view Amqp091Content::* field,
              const std::optional<std::string>& text) {
  if (!text || text->size() > kShortTextMax) return;
  c.*field = *text;
  c.set(property);
}

/// An id as the text of a short string, or nothing when only a header can hold it.
std::optional<std::string> id_text(const Value& id) {
  if (const auto* text = std::get_if<std::string>(&id.v)) {
    if (text->size() <= kShortTextMax) return *text;
    return std::nullopt;
  }
  if (const auto* uuid = std::get_if<Uuid>(&id.v)) return "urn:uuid:" + uuid_text(*uuid);
  if (const auto* number = std::get_if<uint64_t>(&id.v)) return std::to_string(*number);
  return std::nullopt;
}

/// Collects header entries in order; of one name the last stays.
class Headers {
 public:
  explicit Headers(const ValueMap& headers) {
    std::unordered_set<std::string_view> seen;
    std::vector<const std::pair<std::string, Value>*> kept;
    for (auto it = headers.rbegin(); it != headers.rend(); ++it)
      if (seen.insert(it->first).second) kept.push_back(&*it);
    for (auto it = kept.rbegin(); it != kept.rend(); ++it) add((*it)->first, (*it)->second);
  }
  void add(std::string_view name, const Value& value) { encode_amqp091_entry(name, value, entries_); }
  void add(std::string_view name, const std::optional<std::string>& text) {
    if (text) add(name, text_or_bytes(as_bytes(*text)));
  }
  void into(Amqp091Content& c) const {
    if (entries_.empty()) return;
    c.headers = entries_;
    c.set(kHeaders);
  }

 private:
  ByteVec entries_;
};

/// A property when the id fits one, else the header of that name.
void put_id(Amqp091Content& c, Amqp091Property property, std::string_view Amqp091Content::* field,
            const std::optional<Value>& id, std::string_view header, Headers& headers, std::string& storage) {
  if (!id) return;
  std::optional<std::string> text = id_text(*id);
  if (!text) return headers.add(header, *id);
  storage = std::move(*text);
  c.*field = storage;
  c.set(property);
}

}  // namespace

void encode_amqp091_properties(const Message& m, int64_t now_ms, ByteVec& out) {
  join_amqp091_properties(m.to ? std::string_view(*m.to) : "", m.subject ? std::string_view(*m.subject) : "", out);
  Amqp091Content c;
  Headers headers(m.headers);
  std::string message_id, correlation_id, expiration;
  put_text(c, kContentType, &Amqp091Content::content_type, m.content_type);
  put_text(c, kContentEncoding, &Amqp091Content::content_encoding, m.content_encoding);
  put_text(c, kReplyTo, &Amqp091Content::reply_to, m.reply_to);
  put_text(c, kType, &Amqp091Content::type, m.type);
  put_text(c, kUserId, &Amqp091Content::user_id, m.user_id);
  put_text(c, kAppId, &Amqp091Content::app_id, m.app_id);
  put_id(c, model::kMessageId, &Amqp091Content::message_id, m.message_id, amqp091_headers::kMessageId, headers,
         message_id);
  put_id(c, model::kCorrelationId, &Amqp091Content::correlation_id, m.correlation_id, amqp091_headers::kCorrelationId,
         headers, correlation_id);
  c.delivery_mode = m.durable ? 2 : 1;
  c.set(kDeliveryMode);
  if (m.priority) c.priority = *m.priority, c.set(kPriorityProperty);
  if (m.created_ms && *m.created_ms >= 0) c.timestamp = static_cast<uint64_t>(*m.created_ms / 1000), c.set(kTimestamp);
  if (m.expires_at_ms) {
    expiration = std::to_string(std::max<int64_t>(*m.expires_at_ms - now_ms, 0));
    c.expiration = expiration;
    c.set(kExpiration);
  }
  if (m.key) headers.add(kPartitionKey, text_or_bytes(*m.key));
  // A Kafka record's key is its group as well: said once.
  if (!m.key || !m.group || as_string(*m.key) != *m.group) headers.add(kGroup, m.group);
  headers.add(kDedup, m.dedup_id);
  headers.add(kReplyToGroup, m.reply_to_group);
  if (m.deliver_at_ms) headers.add(kDeliveryTime, Value(*m.deliver_at_ms));
  headers.into(c);
  write_amqp091_content(c, out);
}

}  // namespace godwit::model
