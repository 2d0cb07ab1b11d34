#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "protocol/amqp091/wire/method.h"

/// Frames: u8 type | u16 channel | u32 size | payload | 0xCE. Spec: AMQP 0-9-1, 4.2.3.
namespace godwit::protocol::amqp091 {

enum class FrameType : uint8_t { kMethod = 1, kHeader = 2, kBody = 3, kHeartbeat = 8 };

constexpr uint8_t kFrameEnd = 0xce;
constexpr size_t kFrameHeadBytes = 7;
/// Head and end octet: what a frame has around its payload.
constexpr size_t kFrameOverheadBytes = kFrameHeadBytes + 1;
/// The 8 bytes that open a connection: "AMQP" 0 0 9 1.
constexpr uint8_t kProtocolHeader[8] = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};

struct Frame {
  FrameType type = FrameType::kMethod;
  uint16_t channel = 0;
  ByteView payload;
  size_t bytes = 0;  ///< of the whole frame, known as soon as its head is there
};

enum class FrameState : uint8_t {
  kWhole,
  kPartial,  ///< `bytes` tells how many are needed
  kTooLarge,
  kMalformed,  ///< an unknown type, or no end octet where it must be
};

/// Reads the frame at the front of `in`, at most `frame_max` bytes with head and end.
inline FrameState read_frame(ByteView in, size_t frame_max, Frame& frame) {
  frame.bytes = kFrameHeadBytes;
  if (in.size() < kFrameHeadBytes) return FrameState::kPartial;
  Reader head(in.first(kFrameHeadBytes));
  frame.type = static_cast<FrameType>(head.u8());
  frame.channel = head.be<uint16_t>();
  size_t size = head.be<uint32_t>();
  bool known = frame.type == FrameType::kMethod || frame.type == FrameType::kHeader || frame.type == FrameType::kBody ||
               frame.type == FrameType::kHeartbeat;
  if (!known) return FrameState::kMalformed;
  if (size + kFrameOverheadBytes > frame_max) return FrameState::kTooLarge;
  frame.bytes = size + kFrameOverheadBytes;
  if (in.size() < frame.bytes) return FrameState::kPartial;
  if (in[frame.bytes - 1] != kFrameEnd) return FrameState::kMalformed;
  frame.payload = in.subspan(kFrameHeadBytes, size);
  return FrameState::kWhole;
}

/// Appends a method frame.
template <class M>
void write_method(uint16_t channel, const M& method, ByteVec& out) {
  Writer writer(out);
  writer.u8(static_cast<uint8_t>(FrameType::kMethod));
  writer.be(channel);
  writer.be(uint32_t{0});
  size_t start = out.size();
  encode_method(method, out);
  writer.patch_be(start - 4, static_cast<uint32_t>(out.size() - start));
  writer.u8(kFrameEnd);
}

inline void write_heartbeat(ByteVec& out) {
  constexpr uint8_t kBytes[] = {static_cast<uint8_t>(FrameType::kHeartbeat), 0, 0, 0, 0, 0, 0, kFrameEnd};
  out.insert(out.end(), std::begin(kBytes), std::end(kBytes));
}

}  // namespace godwit::protocol::amqp091
