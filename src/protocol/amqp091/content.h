#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "model/amqp091_content.h"
#include "protocol/amqp091/fault.h"
#include "protocol/amqp091/wire/basic_methods.h"

namespace godwit::protocol::amqp091 {

/// The message that a channel is receiving: basic.publish, a content header, and body frames until the announced size
/// is there. Its buffers are reused for the next message.
class IncomingContent {
 public:
  bool active() const { return state_ != State::kIdle; }
  bool wants_header() const { return state_ == State::kHeader; }

  void begin(const BasicPublish& publish);
  /// True when the message is whole (its body is empty).
  std::expected<bool, Fault> header(ByteView payload, uint64_t bytes_max);
  /// True when the message is whole. A body that came in one frame is not copied: it lies in `payload`.
  std::expected<bool, Fault> body(ByteView payload);
  /// Ready for the next message; the memory of a large body is given back.
  void finish();
  /// Gives back memory kept for the next message.
  void trim();
  /// Memory of a body in pieces.
  size_t held_bytes() const { return pieces_.capacity(); }

  std::string_view exchange() const { return text_at(0); }
  std::string_view routing_key() const { return text_at(1 + size_t{stored_[0]}); }
  bool mandatory() const { return mandatory_; }
  const model::Amqp091Content& properties() const { return properties_; }
  /// Exchange, routing key, property flags and values: as a message is stored.
  ByteView stored() const { return stored_; }
  /// Flags and values alone.
  ByteView raw_properties() const { return ByteView(stored_).subspan(2 + exchange().size() + routing_key().size()); }
  ByteView body() const { return body_view_; }

 private:
  enum class State : uint8_t { kIdle, kHeader, kBody };

  std::string_view text_at(size_t at) const { return as_string(ByteView(stored_).subspan(at + 1, stored_[at])); }

  State state_ = State::kIdle;
  bool mandatory_ = false;
  ByteVec stored_;
  model::Amqp091Content properties_;  ///< views into stored_
  uint64_t body_bytes_ = 0;
  ByteVec pieces_;
  ByteView body_view_;
};

}  // namespace godwit::protocol::amqp091
