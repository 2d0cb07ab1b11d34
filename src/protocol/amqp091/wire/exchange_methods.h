#pragma once

#include "protocol/amqp091/wire/method.h"

/// Class exchange: routers. bind and unbind between exchanges are RabbitMQ's.
namespace godwit::protocol::amqp091 {

struct ExchangeDeclare {
  static constexpr MethodId kId{40, 10};
  static constexpr std::string_view kName = "exchange.declare";

  uint16_t reserved_1 = 0;
  std::string_view exchange;
  std::string_view type;
  bool passive = false;
  bool durable = false;
  bool auto_delete = false;
  bool internal = false;
  bool no_wait = false;
  model::ValueMap arguments;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1)("exchange", exchange)("type", type)("passive", passive)("durable", durable)(
        "auto-delete", auto_delete)("internal", internal)("no-wait", no_wait)("arguments", arguments);
  }
};

struct ExchangeDeclareOk {
  static constexpr MethodId kId{40, 11};
  static constexpr std::string_view kName = "exchange.declare-ok";

  template <class F>
  void fields(F&) {}
};

struct ExchangeDelete {
  static constexpr MethodId kId{40, 20};
  static constexpr std::string_view kName = "exchange.delete";

  uint16_t reserved_1 = 0;
  std::string_view exchange;
  bool if_unused = false;
  bool no_wait = false;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1)("exchange", exchange)("if-unused", if_unused)("no-wait", no_wait);
  }
};

struct ExchangeDeleteOk {
  static constexpr MethodId kId{40, 21};
  static constexpr std::string_view kName = "exchange.delete-ok";

  template <class F>
  void fields(F&) {}
};

struct ExchangeBind {
  static constexpr MethodId kId{40, 30};
  static constexpr std::string_view kName = "exchange.bind";

  uint16_t reserved_1 = 0;
  std::string_view destination;
  std::string_view source;
  std::string_view routing_key;
  bool no_wait = false;
  model::ValueMap arguments;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1)("destination", destination)("source", source)("routing-key", routing_key)(
        "no-wait", no_wait)("arguments", arguments);
  }
};

struct ExchangeBindOk {
  static constexpr MethodId kId{40, 31};
  static constexpr std::string_view kName = "exchange.bind-ok";

  template <class F>
  void fields(F&) {}
};

struct ExchangeUnbind {
  static constexpr MethodId kId{40, 40};
  static constexpr std::string_view kName = "exchange.unbind";

  uint16_t reserved_1 = 0;
  std::string_view destination;
  std::string_view source;
  std::string_view routing_key;
  bool no_wait = false;
  model::ValueMap arguments;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1)("destination", destination)("source", source)("routing-key", routing_key)(
        "no-wait", no_wait)("arguments", arguments);
  }
};

struct ExchangeUnbindOk {
  static constexpr MethodId kId{40, 51};
  static constexpr std::string_view kName = "exchange.unbind-ok";

  template <class F>
  void fields(F&) {}
};

}  // namespace godwit::protocol::amqp091
