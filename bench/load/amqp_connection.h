#pragma once

#include <cstdint>
#include <string>

#include "load/amqp_wire.h"
#include "load/socket.h"

namespace godwit::bench {

struct Address {
  std::string host = "127.0.0.1";
  uint16_t port = 5672;
};

/// An open connection to vhost `/` as guest, with channel 1 open. Any refusal by the broker ends the process.
class AmqpConnection {
 public:
  explicit AmqpConnection(const Address& address);

  /// Declares a durable queue; `type` is the `x-queue-type` argument, none when empty. Returns its ready messages.
  uint64_t declare_queue(const std::string& name, const std::string& type);
  void delete_queue(const std::string& name);
  void select_confirms();
  void consume(const std::string& queue, uint16_t prefetch);

  /// Waits for the broker to have handled everything sent before, then closes the connection.
  void close();

  /// Sends what `request` holds, skips frames until `reply` comes, and returns its arguments.
  std::string call(const FrameWriter& request, Method reply);

  Socket& socket() { return socket_; }
  FrameReader& reader() { return reader_; }

 private:
  Socket socket_;
  FrameReader reader_;
};

/// Ends the process with the broker's words if `frame` closes the channel or the connection.
void fail_if_closed(const Frame& frame);

}  // namespace godwit::bench
