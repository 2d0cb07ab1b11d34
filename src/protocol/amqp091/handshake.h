#pragma once

#include <cstdint>
#include <string>

#include "protocol/amqp091/link.h"
#include "protocol/amqp091/wire/connection_methods.h"

namespace godwit::protocol::amqp091 {

/// What a client says of itself and agrees to, from the protocol header to connection.open.
/// Spec: AMQP 0-9-1, 2.2.4, and RabbitMQ's capabilities.
class Handshake {
 public:
  Handshake(Link& link, const Authenticate& authenticate) : link_(link), authenticate_(authenticate) {}

  /// The client sent the right header: connection.start.
  void start();
  /// True when the handshake is over and the connection is open.
  std::expected<bool, Fault> on_method(ByteView payload);

  uint16_t heartbeat_s() const { return heartbeat_s_; }
  uint16_t channel_max() const { return channel_max_; }
  /// "pika 1.3.2", from the client's properties.
  const std::string& client() const { return client_; }

 private:
  enum class Step : uint8_t { kStartOk, kTuneOk, kOpen };

  Outcome on(const ConnectionStartOk& method);
  Outcome on(const ConnectionTuneOk& method);
  Outcome on(const ConnectionOpen& method);
  void read_client(const model::ValueMap& properties);
  Outcome log_in(std::string_view user, std::string_view password);

  Link& link_;
  const Authenticate& authenticate_;
  Step step_ = Step::kStartOk;
  uint16_t heartbeat_s_ = 0;
  uint16_t channel_max_ = 0;
  std::string client_;
};

}  // namespace godwit::protocol::amqp091
