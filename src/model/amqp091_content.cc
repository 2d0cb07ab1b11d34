#include "model/amqp091_content.h"

#include "base/codec.h"
#include "model/amqp091_table.h"

namespace godwit::model {
namespace {

constexpr uint16_t kUnknownBits = 0x3;  // cluster-id is the last property; bit 0 would announce a second word

std::string_view short_text(Reader& in) { return in.string(in.u8()); }

void short_text(Writer& out, std::string_view text) {
  out.u8(static_cast<uint8_t>(text.size()));
  out.bytes(text);
}

bool well_formed(ByteView entries) {
  Amqp091TableWalk walk(entries);
  Amqp091Entry entry;
  while (walk.next(entry)) {
  }
  return !walk.corrupt();
}

}  // namespace

bool parse_amqp091_content(ByteView bytes, Amqp091Content& c) {
  Reader in(bytes);
  c.flags = in.be<uint16_t>();
  if (c.flags & kUnknownBits) return false;
  if (c.has(kContentType)) c.content_type = short_text(in);
  if (c.has(kContentEncoding)) c.content_encoding = short_text(in);
  if (c.has(kHeaders)) {
    c.headers = in.bytes(in.be<uint32_t>());
    if (!well_formed(c.headers)) return false;
  }
  if (c.has(kDeliveryMode)) c.delivery_mode = in.u8();
  if (c.has(kPriorityProperty)) c.priority = in.u8();
  if (c.has(kCorrelationId)) c.correlation_id = short_text(in);
  if (c.has(kReplyTo)) c.reply_to = short_text(in);
  if (c.has(kExpiration)) c.expiration = short_text(in);
  if (c.has(kMessageId)) c.message_id = short_text(in);
  if (c.has(kTimestamp)) c.timestamp = in.be<uint64_t>();
  if (c.has(kType)) c.type = short_text(in);
  if (c.has(kUserId)) c.user_id = short_text(in);
  if (c.has(kAppId)) c.app_id = short_text(in);
  if (c.has(kClusterId)) c.cluster_id = short_text(in);
  return in.ok() && in.remaining() == 0;
}

void write_amqp091_content(const Amqp091Content& c, ByteVec& bytes) {
  Writer out(bytes);
  out.be(c.flags);
  if (c.has(kContentType)) short_text(out, c.content_type);
  if (c.has(kContentEncoding)) short_text(out, c.content_encoding);
  if (c.has(kHeaders)) {
    out.be(static_cast<uint32_t>(c.headers.size()));
    out.bytes(c.headers);
  }
  if (c.has(kDeliveryMode)) out.u8(c.delivery_mode);
  if (c.has(kPriorityProperty)) out.u8(c.priority);
  if (c.has(kCorrelationId)) short_text(out, c.correlation_id);
  if (c.has(kReplyTo)) short_text(out, c.reply_to);
  if (c.has(kExpiration)) short_text(out, c.expiration);
  if (c.has(kMessageId)) short_text(out, c.message_id);
  if (c.has(kTimestamp)) out.be(c.timestamp);
  if (c.has(kType)) short_text(out, c.type);
  if (c.has(kUserId)) short_text(out, c.user_id);
  if (c.has(kAppId)) short_text(out, c.app_id);
  if (c.has(kClusterId)) short_text(out, c.cluster_id);
}

}  // namespace godwit::model
