#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "broker/session.h"

namespace godwit::protocol::amqp091 {

/// Appends a content header and the body in as many frames as `frame_max` asks for. `properties` are flags and values.
void write_content(uint16_t channel, ByteView properties, ByteView body, uint32_t frame_max, ByteVec& out);

/// What goes on the wire for one message to a consumer.
struct OutgoingMessage {
  std::string_view exchange;
  std::string_view routing_key;
  ByteView properties;  ///< flags and values
  ByteView body;
};

/// Writes basic.deliver with content for one consumer: method ids and tag are encoded once.
class DeliverWriter {
 public:
  DeliverWriter(uint16_t channel, std::string_view consumer_tag, uint32_t frame_max);

  /// `payload` owns message.body when it is a slice of a batch: a large body is then passed on without a copy.
  void write(const OutgoingMessage& message, uint64_t delivery_tag, bool redelivered, const Slice* payload,
             broker::Output& out) const;

 private:
  uint16_t channel_;
  uint32_t frame_max_;
  ByteVec prefix_;  ///< from the frame's head to the consumer tag
};

}  // namespace godwit::protocol::amqp091
