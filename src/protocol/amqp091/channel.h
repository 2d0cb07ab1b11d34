#pragma once

#include <cstdint>
#include <memory>

#include "protocol/amqp091/deliveries.h"
#include "protocol/amqp091/publisher.h"
#include "protocol/amqp091/requests.h"
#include "protocol/amqp091/subscriber.h"
#include "protocol/amqp091/topology.h"
#include "protocol/amqp091/wire/frame.h"

namespace godwit::protocol::amqp091 {

/// One open channel: takes its frames apart and hands methods to the part that knows them.
class Channel {
 public:
  Channel(Link& link, uint16_t number, uint32_t incarnation);

  /// True when the frame has to wait: a method or what it builds on is under way, or publishers are held back.
  bool must_wait(const Frame& frame) const;
  /// Takes a frame, except channel.close and close-ok, which are the connection's.
  Outcome on_frame(const Frame& frame);
  /// After a reading: what was gathered is submitted, what is due is written.
  void flush();
  void resume() { deliveries_.resume(); }
  void trim() { publisher_.trim(); }
  void on_appended(const std::vector<PublishRun>& publishes, bool ok, uint32_t refused) {
    publisher_.on_appended(publishes, ok, refused);
  }
  /// A consumer was cancelled by the broker.
  void on_cancelled(Consumer& consumer);

  uint32_t incarnation() const { return incarnation_; }
  /// The method that came last: while a reply of the broker is due, the one that it is for.
  MethodId handling() const { return handling_; }
  /// The channel sent channel.close: nothing but the answer matters.
  bool closing() const { return closing_; }
  /// Consumers detach and what they hold goes back; publishes that are whole are submitted.
  void close();

 private:
  Outcome on_method(ByteView payload);
  template <class M, class Part>
  Outcome decode_to(Part& part, ByteView arguments);
  Outcome on_exchange_or_queue(uint32_t key, ByteView arguments);
  Outcome on_basic(uint32_t key, ByteView arguments);
  Outcome on_other(uint32_t key, ByteView arguments);

  Link& link_;
  const uint16_t number_;
  const uint32_t incarnation_;
  bool closing_ = false;
  MethodId handling_;
  std::shared_ptr<Requests> requests_;
  Publisher publisher_;
  Deliveries deliveries_;
  Topology topology_;
  Subscriber subscriber_;
};

}  // namespace godwit::protocol::amqp091
