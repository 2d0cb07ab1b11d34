#include "load/amqp_wire.h"

#include <cstring>

#include "load/process_usage.h"

namespace godwit::bench {
namespace {

constexpr size_t kFrameHeaderBytes = 7;  // type, channel, payload size
constexpr char kFrameEnd = '\xCE';

}  // namespace

FrameWriter& FrameWriter::integer(uint64_t value, unsigned width) {
  for (unsigned byte = width; byte > 0; --byte) bytes_.push_back(static_cast<char>(value >> (8 * (byte - 1))));
  return *this;
}

FrameWriter& FrameWriter::begin(FrameType type, uint16_t channel) {
  frame_start_ = bytes_.size();
  return u8(static_cast<uint8_t>(type)).u16(channel).u32(0);
}

FrameWriter& FrameWriter::begin(Method method, uint16_t channel) {
  return begin(FrameType::kMethod, channel).u32(static_cast<uint32_t>(method));
}

FrameWriter& FrameWriter::raw(std::string_view bytes) {
  bytes_ += bytes;
  return *this;
}

FrameWriter& FrameWriter::short_string(std::string_view text) {
  return u8(static_cast<uint8_t>(text.size())).raw(text);
}

FrameWriter& FrameWriter::long_string(std::string_view text) {
  return u32(static_cast<uint32_t>(text.size())).raw(text);
}

FrameWriter& FrameWriter::end() {
  const size_t payload = bytes_.size() - frame_start_ - kFrameHeaderBytes;
  for (unsigned byte = 0; byte < 4; ++byte) {
    bytes_[frame_start_ + 3 + byte] = static_cast<char>(payload >> (8 * (3 - byte)));
  }
  bytes_.push_back(kFrameEnd);
  return *this;
}

uint64_t read_integer(std::string_view bytes, size_t at, unsigned width) {
  if (at + width > bytes.size()) fail("a frame ends early");
  uint64_t value = 0;
  for (unsigned byte = 0; byte < width; ++byte) value = value << 8 | static_cast<uint8_t>(bytes[at + byte]);
  return value;
}

Method Frame::method() const { return static_cast<Method>(read_integer(payload, 0, 4)); }

bool FrameReader::receive(Socket& socket, bool wait) {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) fail("a frame is larger than negotiated");
  const size_t got = socket.receive(buffer_.data() + end_, buffer_.size() - end_, wait);
  end_ += got;
  return got > 0;
}

std::optional<Frame> FrameReader::next() {
  const std::string_view unread(buffer_.data() + begin_, end_ - begin_);
  if (unread.size() < kFrameHeaderBytes) return std::nullopt;
  const size_t payload = read_integer(unread, 3, 4);
  if (unread.size() < kFrameHeaderBytes + payload + 1) return std::nullopt;
  if (unread[kFrameHeaderBytes + payload] != kFrameEnd) fail("a frame has no end octet");
  begin_ += kFrameHeaderBytes + payload + 1;
  return Frame{static_cast<FrameType>(unread[0]), unread.substr(kFrameHeaderBytes, payload)};
}

std::string encode_publish(std::string_view routing_key, std::string_view body) {
  constexpr uint16_t kBasicClass = 60;
  constexpr uint16_t kDeliveryModePresent = 1 << 12;
  constexpr uint8_t kPersistent = 2;
  FrameWriter writer;
  writer.begin(Method::kBasicPublish, 1).u16(0).short_string("").short_string(routing_key).u8(0).end();
  writer.begin(FrameType::kHeader, 1).u16(kBasicClass).u16(0).u64(body.size());
  writer.u16(kDeliveryModePresent).u8(kPersistent).end();
  if (!body.empty()) writer.begin(FrameType::kBody, 1).raw(body).end();
  return writer.bytes();
}

}  // namespace godwit::bench
