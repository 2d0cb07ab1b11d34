#include "embed/embedded_session.h"
#include "model/amqp091_properties.h"
#include "model/native_message.h"
#include "model/read_message.h"
#include "model/value_text.h"

namespace godwit::embed {

Result<EmbeddedMessage> embedded_message(const model::NativeMessage& native) {
  auto m = model::read_message(native);
  if (!m) return std::unexpected(m.error());
  EmbeddedMessage message{.body = std::string(as_string(m->body)), .content_type = m->content_type};
  if (m->key) message.key = std::string(as_string(*m->key));
  if (m->message_id) message.message_id = model::value_text(*m->message_id);
  for (const auto& [name, value] : m->headers) message.headers[name] = model::value_text(value).value_or("");
  return message;
}

model::Batch embedded_batch(const EmbeddedMessage& message, const std::string& name, int64_t now_ms) {
  model::Message m;
  m.to = "";
  m.subject = name;
  m.content_type = message.content_type;
  if (message.message_id) m.message_id = model::Value(*message.message_id);
  for (const auto& [header, value] : message.headers) m.headers.emplace_back(header, model::Value(value));
  ByteVec properties;
  model::encode_amqp091_properties(m, now_ms, properties);
  model::NativeMessage native{
      .origin = model::Origin::kAmqp091, .properties = properties, .body = as_bytes(message.body)};
  if (message.key) native.key = as_bytes(*message.key);
  model::NativeBatchBuilder builder;
  builder.add(native);
  return builder.seal(now_ms);
}

}  // namespace godwit::embed
