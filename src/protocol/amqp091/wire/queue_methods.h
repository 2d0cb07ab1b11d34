#pragma once

#include "protocol/amqp091/wire/method.h"

/// Class queue.
namespace godwit::protocol::amqp091 {

struct QueueDeclare {
  static constexpr MethodId kId{50, 10};
  static constexpr std::string_view kName = "queue.declare";

  uint16_t reserved_1 = 0;
  std::string_view queue;
  bool passive = false;
  bool durable = false;
  bool exclusive = false;
  bool auto_delete = false;
  bool no_wait = false;
  model::ValueMap arguments;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1)("queue", queue)("passive", passive)("durable", durable)("exclusive", exclusive)(
        "auto-delete", auto_delete)("no-wait", no_wait)("arguments", arguments);
  }
};

struct QueueDeclareOk {
  static constexpr MethodId kId{50, 11};
  static constexpr std::string_view kName = "queue.declare-ok";

  std::string_view queue;
  uint32_t message_count = 0;
  uint32_t consumer_count = 0;

  template <class F>
  void fields(F& f) {
    f("queue", queue)("message-count", message_count)("consumer-count", consumer_count);
  }
};

struct QueueBind {
  static constexpr MethodId kId{50, 20};
  static constexpr std::string_view kName = "queue.bind";

  uint16_t reserved_1 = 0;
  std::string_view queue;
  std::string_view exchange;
  std::string_view routing_key;
  bool no_wait = false;
  model::ValueMap arguments;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1)("queue", queue)("exchange", exchange)("routing-key", routing_key)("no-wait", no_wait)(
        "arguments", arguments);
  }
};

struct QueueBindOk {
  static constexpr MethodId kId{50, 21};
  static constexpr std::string_view kName = "queue.bind-ok";

  template <class F>
  void fields(F&) {}
};

struct QueuePurge {
  static constexpr MethodId kId{50, 30};
  static constexpr std::string_view kName = "queue.purge";

  uint16_t reserved_1 = 0;
  std::string_view queue;
  bool no_wait = false;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1)("queue", queue)("no-wait", no_wait);
  }
};

struct QueuePurgeOk {
  static constexpr MethodId kId{50, 31};
  static constexpr std::string_view kName = "queue.purge-ok";

  uint32_t message_count = 0;

  template <class F>
  void fields(F& f) {
    f("message-count", message_count);
  }
};

struct QueueDelete {
  static constexpr MethodId kId{50, 40};
  static constexpr std::string_view kName = "queue.delete";

  uint16_t reserved_1 = 0;
  std::string_view queue;
  bool if_unused = false;
  bool if_empty = false;
  bool no_wait = false;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1)("queue", queue)("if-unused", if_unused)("if-empty", if_empty)("no-wait", no_wait);
  }
};

struct QueueDeleteOk {
  static constexpr MethodId kId{50, 41};
  static constexpr std::string_view kName = "queue.delete-ok";

  uint32_t message_count = 0;

  template <class F>
  void fields(F& f) {
    f("message-count", message_count);
  }
};

struct QueueUnbind {
  static constexpr MethodId kId{50, 50};
  static constexpr std::string_view kName = "queue.unbind";

  uint16_t reserved_1 = 0;
  std::string_view queue;
  std::string_view exchange;
  std::string_view routing_key;
  model::ValueMap arguments;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1)("queue", queue)("exchange", exchange)("routing-key", routing_key)("arguments",
                                                                                                  arguments);
  }
};

struct QueueUnbindOk {
  static constexpr MethodId kId{50, 51};
  static constexpr std::string_view kName = "queue.unbind-ok";

  template <class F>
  void fields(F&) {}
};

}  // namespace godwit::protocol::amqp091
