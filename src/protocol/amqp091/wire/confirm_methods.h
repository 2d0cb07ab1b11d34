#pragma once

#include "protocol/amqp091/wire/method.h"

/// Class confirm, RabbitMQ's: the broker answers every publish with basic.ack or basic.nack.
namespace godwit::protocol::amqp091 {

struct ConfirmSelect {
  static constexpr MethodId kId{85, 10};
  static constexpr std::string_view kName = "confirm.select";

  bool no_wait = false;

  template <class F>
  void fields(F& f) {
    f("no-wait", no_wait);
  }
};

struct ConfirmSelectOk {
  static constexpr MethodId kId{85, 11};
  static constexpr std::string_view kName = "confirm.select-ok";

  template <class F>
  void fields(F&) {}
};

}  // namespace godwit::protocol::amqp091
