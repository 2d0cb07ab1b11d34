#include "admin/message_json.h"

#include <utility>

#include <fmt/format.h>

#include "admin/json_fields.h"
#include "base/base64.h"
#include "base/utf8.h"
#include "model/amqp091_properties.h"
#include "model/read_message.h"

namespace godwit::admin {
namespace {

namespace json = boost::json;

std::string_view origin_text(model::Origin origin) {
  switch (origin) {
    case model::Origin::kNative: return "native";
    case model::Origin::kAmqp091: return "amqp091";
    case model::Origin::kKafka: return "kafka";
    case model::Origin::kSqs: return "sqs";
    case model::Origin::kPubsub: return "pubsub";
    case model::Origin::kAmqp10: return "amqp10";
  }
  return "unknown";
}

/// As text where it is UTF-8, else as {"base64": …}.
json::value bytes_to_json(ByteView bytes) {
  if (is_utf8(as_string(bytes))) return json::value(json::string(as_string(bytes)));
  return json::object{{"base64", json::string(to_base64(bytes))}};
}

json::object properties_to_json(const model::Message& m) {
  json::object out;
  auto text = [&](std::string_view name, const std::optional<std::string>& v) {
    if (v) out[name] = json::string(*v);
  };
  auto number = [&](std::string_view name, const auto& v) {
    if (v) out[name] = *v;
  };
  auto value = [&](std::string_view name, const std::optional<model::Value>& v) {
    if (v) out[name] = value_to_json(*v);
  };
  value("message_id", m.message_id);
  value("correlation_id", m.correlation_id);
  text("group", m.group);
  text("dedup_id", m.dedup_id);
  text("content_type", m.content_type);
  text("content_encoding", m.content_encoding);
  text("subject", m.subject);
  text("to", m.to);
  text("reply_to", m.reply_to);
  text("reply_to_group", m.reply_to_group);
  text("type", m.type);
  text("app_id", m.app_id);
  text("user_id", m.user_id);
  number("created_ms", m.created_ms);
  number("expires_at_ms", m.expires_at_ms);
  number("deliver_at_ms", m.deliver_at_ms);
  number("priority", m.priority);
  return out;
}

json::array deaths_to_json(const std::vector<model::Death>& deaths) {
  json::array list;
  for (const model::Death& d : deaths)
    list.push_back(json::object{{"queue", d.queue}, {"reason", d.reason}, {"count", d.count}, {"time_ms", d.time_ms}});
  return list;
}

/// Members of a message that are no plain values.
class MessageFields : public JsonFields {
 public:
  using JsonFields::JsonFields;

  void value(std::string_view name, std::optional<model::Value>& into) {
    std::optional<std::string> read;
    text(name, read);
    if (read) into = model::Value(std::move(*read));
  }
  /// Text, or {"base64": …}.
  void bytes(std::string_view name, std::optional<ByteVec>& into) {
    const json::value* v = take(name);
    if (v == nullptr) return;
    if (v->is_string()) {
      ByteView view = as_bytes(std::string_view(v->as_string()));
      into.emplace(view.begin(), view.end());
    } else if (v->is_object() && v->as_object().contains("base64") && v->as_object().at("base64").is_string()) {
      into = from_base64(v->as_object().at("base64").as_string());
      if (!into) wrong(name, "well-formed base64");
    } else {
      wrong(name, "a text or {\"base64\": …}");
    }
  }
  void headers(std::string_view name, model::ValueMap& into) {
    const json::value* v = take(name);
    if (v == nullptr) return;
    if (!v->is_object()) return wrong(name, "an object");
    for (const auto& [key, item] : v->as_object()) {
      auto read = value_from_json(item);
      if (!read) return wrong(name, read.error().message);
      into.emplace_back(std::string(key), std::move(*read));
    }
  }
};

void read_properties(MessageFields& in, model::Message& m, std::optional<int64_t>& ttl_ms) {
  in.value("message_id", m.message_id);
  in.value("correlation_id", m.correlation_id);
  in.text("group", m.group);
  in.text("dedup_id", m.dedup_id);
  in.text("content_type", m.content_type);
  in.text("content_encoding", m.content_encoding);
  in.text("reply_to", m.reply_to);
  in.text("type", m.type);
  in.text("app_id", m.app_id);
  in.number("created_ms", m.created_ms, 0, INT64_MAX);
  in.number("ttl_ms", ttl_ms, 0, 1LL << 40);
  in.number("priority", m.priority, 0, 255);
  in.headers("headers", m.headers);
}

/// What the engine's message header tells is not said again in the properties.
model::Batch seal(const model::Message& m, model::Now now) {
  model::Message plain = m;
  plain.key.reset();
  plain.group.reset();
  plain.dedup_id.reset();
  ByteVec properties;
  model::encode_amqp091_properties(plain, now.wall_ms, properties);
  model::NativeMessage native{.origin = model::Origin::kAmqp091,
                              .durable = true,
                              .priority = m.priority,
                              .expires_at_ms = m.expires_at_ms,
                              .properties = properties,
                              .body = m.body};
  if (m.key) native.key = *m.key;
  if (m.group) native.group = as_bytes(*m.group);
  if (m.dedup_id) native.dedup_id = as_bytes(*m.dedup_id);
  model::NativeBatchBuilder builder;
  builder.add(native);
  return builder.seal(m.created_ms.value_or(now.wall_ms));
}

}  // namespace

Result<json::object> message_to_json(const model::NativeMessage& native, Offset offset, int64_t append_ms) {
  auto m = model::read_message(native);
  if (!m) return std::unexpected(m.error());
  json::object out{{"offset", offset.value}, {"append_ms", append_ms}, {"origin", origin_text(m->origin)}};
  if (m->key) out["key"] = bytes_to_json(*m->key);
  json::object headers;
  for (const auto& [name, value] : m->headers) headers[name] = value_to_json(value);
  out["properties"] = properties_to_json(*m);
  out["headers"] = std::move(headers);
  if (auto patch = model::read_patch(native); patch && !patch->deaths.empty())
    out["deaths"] = deaths_to_json(patch->deaths);
  out["body"] = bytes_to_json(m->body);
  return out;
}

Result<Published> message_from_json(const json::object& from, std::string exchange, std::string routing_key,
                                    model::Now now) {
  MessageFields in(from);
  std::optional<ByteVec> body;
  std::optional<ByteVec> key;
  std::optional<std::string> routed;
  std::optional<int64_t> ttl_ms;
  Published published;
  model::Message m;
  in.bytes("body", body);
  in.bytes("key", key);
  in.text("routing_key", routed);
  in.number("partition", published.partition, 0, UINT32_MAX);
  read_properties(in, m, ttl_ms);
  if (auto done = in.done(); !done) return std::unexpected(done.error());

  m.to = std::move(exchange);
  m.subject = routed ? std::move(*routed) : std::move(routing_key);
  if (body) m.body = *body;
  if (key) {
    m.key = *key;
    published.key = std::string(as_string(*key));
  }
  if (ttl_ms) m.expires_at_ms = now.wall_ms + *ttl_ms;
  published.batch = seal(m, now);
  published.routing_key = std::move(*m.subject);
  published.headers = std::move(m.headers);
  return published;
}

}  // namespace godwit::admin
