#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "protocol/amqp091/link.h"

namespace godwit::protocol::amqp091 {

/// The synchronous methods of a channel. While one waits for the broker the channel is busy: its next frames stay in
/// the connection's buffer, so that they take effect in order. Always held by a shared_ptr.
class Requests : public std::enable_shared_from_this<Requests> {
 public:
  Requests(Link& link, uint16_t channel) : link_(link), channel_(channel) {}

  Link& link() { return link_; }
  uint16_t channel() const { return channel_; }
  bool busy() const { return under_way_ > 0; }
  /// The channel is closing: replies that are still to come are dropped.
  void stop() { stopped_ = true; }

  /// Submits a command. `then(Result<reply>)` returns an Outcome and runs unless the channel has gone.
  template <class C, class F>
  void call(C command, F then) {
    ++under_way_;
    link_.calls.call(link_.host, std::move(command),
                     [weak = weak_from_this(), then = std::move(then)](Result<typename C::ReplyType> reply) mutable {
                       auto self = weak.lock();
                       if (!self) return;
                       --self->under_way_;
                       if (self->stopped_) return;
                       Outcome done = then(std::move(reply));
                       if (!done) self->link_.raise(self->channel_, std::move(done.error()));
                     });
  }
  template <class M>
  void answer(bool no_wait, const M& method) {
    if (!no_wait) link_.send(channel_, method);
  }

  /// The queue that an empty name means: the last one declared on the channel.
  std::string last_queue;

 private:
  Link& link_;
  const uint16_t channel_;
  int under_way_ = 0;
  bool stopped_ = false;
};

}  // namespace godwit::protocol::amqp091
