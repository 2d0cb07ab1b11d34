#include "protocol/amqp091/content_writer.h"

#include <algorithm>
#include <cstring>

#include "base/codec.h"
#include "protocol/amqp091/wire/basic_methods.h"
#include "protocol/amqp091/wire/frame.h"

namespace godwit::protocol::amqp091 {
namespace {

constexpr size_t kHeaderFixedBytes = 12;  // class, weight, body size

/// Writes into memory whose size was worked out before.
struct Cursor {
  uint8_t* at;

  template <std::integral T>
  void be(T v) {
    if constexpr (std::endian::native == std::endian::little) v = std::byteswap(v);
    std::memcpy(at, &v, sizeof v);
    at += sizeof v;
  }
  void u8(uint8_t v) { *at++ = v; }
  void bytes(ByteView b) {
    if (!b.empty()) std::memcpy(at, b.data(), b.size());
    at += b.size();
  }
  void short_text(std::string_view s) {
    u8(static_cast<uint8_t>(s.size()));
    bytes(as_bytes(s));
  }
  void head(FrameType type, uint16_t channel, size_t size) {
    u8(static_cast<uint8_t>(type));
    be(channel);
    be(static_cast<uint32_t>(size));
  }
  void header_frame(uint16_t channel, ByteView properties, uint64_t body_bytes) {
    head(FrameType::kHeader, channel, kHeaderFixedBytes + properties.size());
    be(BasicDeliver::kId.of_class);
    be(uint16_t{0});
    be(body_bytes);
    bytes(properties);
    u8(kFrameEnd);
  }
  void body_frame(uint16_t channel, ByteView piece) {
    head(FrameType::kBody, channel, piece.size());
    bytes(piece);
    u8(kFrameEnd);
  }
};

uint8_t* extend(ByteVec& out, size_t bytes) {
  size_t at = out.size();
  if (out.capacity() < at + bytes) out.reserve(std::max({at + bytes, 2 * out.capacity(), size_t{16'384}}));
  out.resize(at + bytes);
  return out.data() + at;
}

size_t header_frame_bytes(ByteView properties) { return kFrameOverheadBytes + kHeaderFixedBytes + properties.size(); }

void append_body_frames(uint16_t channel, ByteView body, size_t piece_max, ByteVec& out) {
  while (!body.empty()) {
    ByteView piece = body.first(std::min(piece_max, body.size()));
    Cursor cursor{extend(out, kFrameOverheadBytes + piece.size())};
    cursor.body_frame(channel, piece);
    body = body.subspan(piece.size());
  }
}

void share_body_frames(uint16_t channel, ByteView body, size_t piece_max, const Slice& payload, broker::Output& out) {
  while (!body.empty()) {
    ByteView piece = body.first(std::min(piece_max, body.size()));
    Cursor cursor{extend(out.buffer(), kFrameHeadBytes)};
    cursor.head(FrameType::kBody, channel, piece.size());
    out.share(payload.sub(piece));
    out.buffer().push_back(kFrameEnd);
    body = body.subspan(piece.size());
  }
}

}  // namespace

void write_content(uint16_t channel, ByteView properties, ByteView body, uint32_t frame_max, ByteVec& out) {
  Cursor cursor{extend(out, header_frame_bytes(properties))};
  cursor.header_frame(channel, properties, body.size());
  append_body_frames(channel, body, frame_max - kFrameOverheadBytes, out);
}

DeliverWriter::DeliverWriter(uint16_t channel, std::string_view consumer_tag, uint32_t frame_max)
    : channel_(channel), frame_max_(frame_max) {
  Writer out(prefix_);
  out.u8(static_cast<uint8_t>(FrameType::kMethod));
  out.be(channel);
  out.be(uint32_t{0});  // the size differs from message to message
  out.be(BasicDeliver::kId.of_class);
  out.be(BasicDeliver::kId.of_method);
  out.u8(static_cast<uint8_t>(consumer_tag.size()));
  out.bytes(consumer_tag);
}

void DeliverWriter::write(const OutgoingMessage& m, uint64_t delivery_tag, bool redelivered, const Slice* payload,
                          broker::Output& out) const {
  size_t piece_max = frame_max_ - kFrameOverheadBytes;
  size_t method_bytes =
      prefix_.size() - kFrameHeadBytes + sizeof delivery_tag + 3 + m.exchange.size() + m.routing_key.size();
  bool in_one = !m.body.empty() && m.body.size() < broker::Output::kShareBytesMin && m.body.size() <= piece_max;
  size_t heads = kFrameOverheadBytes + method_bytes + header_frame_bytes(m.properties);
  Cursor cursor{extend(out.buffer(), heads + (in_one ? kFrameHeadBytes : 0))};
  uint8_t* start = cursor.at;
  cursor.bytes(prefix_);
  Cursor{start + 3}.be(static_cast<uint32_t>(method_bytes));
  cursor.be(delivery_tag);
  cursor.u8(redelivered);
  cursor.short_text(m.exchange);
  cursor.short_text(m.routing_key);
  cursor.u8(kFrameEnd);
  cursor.header_frame(channel_, m.properties, m.body.size());
  if (in_one) {
    cursor.head(FrameType::kBody, channel_, m.body.size());
    out.buffer().insert(out.buffer().end(), m.body.begin(), m.body.end());
    out.buffer().push_back(kFrameEnd);
  } else if (payload && m.body.size() >= broker::Output::kShareBytesMin) {
    share_body_frames(channel_, m.body, piece_max, *payload, out);
  } else {
    append_body_frames(channel_, m.body, piece_max, out.buffer());
  }
}

}  // namespace godwit::protocol::amqp091
