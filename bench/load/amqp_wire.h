#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/socket.h"

namespace godwit::bench {

enum class FrameType : uint8_t { kMethod = 1, kHeader = 2, kBody = 3, kHeartbeat = 8 };

/// A method's class and number as the wire has them: class in the upper 16 bits.
enum class Method : uint32_t {
  kConnectionStart = 10 << 16 | 10,
  kConnectionStartOk = 10 << 16 | 11,
  kConnectionTune = 10 << 16 | 30,
  kConnectionTuneOk = 10 << 16 | 31,
  kConnectionOpen = 10 << 16 | 40,
  kConnectionOpenOk = 10 << 16 | 41,
  kConnectionClose = 10 << 16 | 50,
  kConnectionCloseOk = 10 << 16 | 51,
  kChannelOpen = 20 << 16 | 10,
  kChannelOpenOk = 20 << 16 | 11,
  kChannelClose = 20 << 16 | 40,
  kQueueDeclare = 50 << 16 | 10,
  kQueueDeclareOk = 50 << 16 | 11,
  kQueueDelete = 50 << 16 | 40,
  kQueueDeleteOk = 50 << 16 | 41,
  kBasicQos = 60 << 16 | 10,
  kBasicQosOk = 60 << 16 | 11,
  kBasicConsume = 60 << 16 | 20,
  kBasicConsumeOk = 60 << 16 | 21,
  kBasicPublish = 60 << 16 | 40,
  kBasicDeliver = 60 << 16 | 60,
  kBasicAck = 60 << 16 | 80,
  kBasicNack = 60 << 16 | 120,
  kConfirmSelect = 85 << 16 | 10,
  kConfirmSelectOk = 85 << 16 | 11,
};

/// Builds frames, one after the other, in one buffer.
class FrameWriter {
 public:
  FrameWriter& begin(FrameType type, uint16_t channel);
  FrameWriter& begin(Method method, uint16_t channel);
  FrameWriter& u8(uint8_t value) { return integer(value, 1); }
  FrameWriter& u16(uint16_t value) { return integer(value, 2); }
  FrameWriter& u32(uint32_t value) { return integer(value, 4); }
  FrameWriter& u64(uint64_t value) { return integer(value, 8); }
  FrameWriter& raw(std::string_view bytes);
  FrameWriter& short_string(std::string_view text);
  FrameWriter& long_string(std::string_view text);
  FrameWriter& end();

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  FrameWriter& integer(uint64_t value, unsigned width);

  std::string bytes_;
  size_t frame_start_ = 0;
};

struct Frame {
  FrameType type;
  std::string_view payload;  ///< valid until the next `receive`

  [[nodiscard]] Method method() const;
  [[nodiscard]] std::string_view arguments() const { return payload.substr(4); }
};

/// Cuts received bytes into frames. Holds whole frames only as long as it takes to look at them.
class FrameReader {
 public:
  /// Reads once from `socket`; false when nothing came.
  bool receive(Socket& socket, bool wait);

  /// The next whole frame among the bytes received, if there is one.
  std::optional<Frame> next();

 private:
  // Twice the largest frame (128 KiB): a partial frame and a full read always fit.
  std::vector<char> buffer_ = std::vector<char>(512 * 1024);
  size_t begin_ = 0;
  size_t end_ = 0;
};

uint64_t read_integer(std::string_view bytes, size_t at, unsigned width);

/// A message as basic.publish to the default exchange: method, header (delivery mode 2) and one body frame.
std::string encode_publish(std::string_view routing_key, std::string_view body);

}  // namespace godwit::bench
