#pragma once

#include "protocol/amqp091/wire/method.h"

/// Class basic: publishing, consuming, settling. nack is RabbitMQ's.
namespace godwit::protocol::amqp091 {

struct BasicQos {
  static constexpr MethodId kId{60, 10};
  static constexpr std::string_view kName = "basic.qos";

  uint32_t prefetch_size = 0;
  uint16_t prefetch_count = 0;
  bool global = false;

  template <class F>
  void fields(F& f) {
    f("prefetch-size", prefetch_size)("prefetch-count", prefetch_count)("global", global);
  }
};

struct BasicQosOk {
  static constexpr MethodId kId{60, 11};
  static constexpr std::string_view kName = "basic.qos-ok";

  template <class F>
  void fields(F&) {}
};

struct BasicConsume {
  static constexpr MethodId kId{60, 20};
  static constexpr std::string_view kName = "basic.consume";

  uint16_t reserved_1 = 0;
  std::string_view queue;
  std::string_view consumer_tag;
  bool no_local = false;
  bool no_ack = false;
  bool exclusive = false;
  bool no_wait = false;
  model::ValueMap arguments;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1)("queue", queue)("consumer-tag", consumer_tag)("no-local", no_local)("no-ack", no_ack)(
        "exclusive", exclusive)("no-wait", no_wait)("arguments", arguments);
  }
};

struct BasicConsumeOk {
  static constexpr MethodId kId{60, 21};
  static constexpr std::string_view kName = "basic.consume-ok";

  std::string_view consumer_tag;

  template <class F>
  void fields(F& f) {
    f("consumer-tag", consumer_tag);
  }
};

struct BasicCancel {
  static constexpr MethodId kId{60, 30};
  static constexpr std::string_view kName = "basic.cancel";

  std::string_view consumer_tag;
  bool no_wait = false;

  template <class F>
  void fields(F& f) {
    f("consumer-tag", consumer_tag)("no-wait", no_wait);
  }
};

struct BasicCancelOk {
  static constexpr MethodId kId{60, 31};
  static constexpr std::string_view kName = "basic.cancel-ok";

  std::string_view consumer_tag;

  template <class F>
  void fields(F& f) {
    f("consumer-tag", consumer_tag);
  }
};

struct BasicPublish {
  static constexpr MethodId kId{60, 40};
  static constexpr std::string_view kName = "basic.publish";

  uint16_t reserved_1 = 0;
  std::string_view exchange;
  std::string_view routing_key;
  bool mandatory = false;
  bool immediate = false;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1)("exchange", exchange)("routing-key", routing_key)("mandatory", mandatory)("immediate",
                                                                                                          immediate);
  }
};

struct BasicReturn {
  static constexpr MethodId kId{60, 50};
  static constexpr std::string_view kName = "basic.return";

  uint16_t reply_code = 0;
  std::string_view reply_text;
  std::string_view exchange;
  std::string_view routing_key;

  template <class F>
  void fields(F& f) {
    f("reply-code", reply_code)("reply-text", reply_text)("exchange", exchange)("routing-key", routing_key);
  }
};

struct BasicDeliver {
  static constexpr MethodId kId{60, 60};
  static constexpr std::string_view kName = "basic.deliver";

  std::string_view consumer_tag;
  uint64_t delivery_tag = 0;
  bool redelivered = false;
  std::string_view exchange;
  std::string_view routing_key;

  template <class F>
  void fields(F& f) {
    f("consumer-tag", consumer_tag)("delivery-tag", delivery_tag)("redelivered", redelivered)("exchange", exchange)(
        "routing-key", routing_key);
  }
};

struct BasicGet {
  static constexpr MethodId kId{60, 70};
  static constexpr std::string_view kName = "basic.get";

  uint16_t reserved_1 = 0;
  std::string_view queue;
  bool no_ack = false;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1)("queue", queue)("no-ack", no_ack);
  }
};

struct BasicGetOk {
  static constexpr MethodId kId{60, 71};
  static constexpr std::string_view kName = "basic.get-ok";

  uint64_t delivery_tag = 0;
  bool redelivered = false;
  std::string_view exchange;
  std::string_view routing_key;
  uint32_t message_count = 0;

  template <class F>
  void fields(F& f) {
    f("delivery-tag", delivery_tag)("redelivered", redelivered)("exchange", exchange)("routing-key", routing_key)(
        "message-count", message_count);
  }
};

struct BasicGetEmpty {
  static constexpr MethodId kId{60, 72};
  static constexpr std::string_view kName = "basic.get-empty";

  std::string_view reserved_1;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1);
  }
};

struct BasicAck {
  static constexpr MethodId kId{60, 80};
  static constexpr std::string_view kName = "basic.ack";

  uint64_t delivery_tag = 0;
  bool multiple = false;

  template <class F>
  void fields(F& f) {
    f("delivery-tag", delivery_tag)("multiple", multiple);
  }
};

struct BasicReject {
  static constexpr MethodId kId{60, 90};
  static constexpr std::string_view kName = "basic.reject";

  uint64_t delivery_tag = 0;
  bool requeue = false;

  template <class F>
  void fields(F& f) {
    f("delivery-tag", delivery_tag)("requeue", requeue);
  }
};

struct BasicRecoverAsync {
  static constexpr MethodId kId{60, 100};
  static constexpr std::string_view kName = "basic.recover-async";

  bool requeue = false;

  template <class F>
  void fields(F& f) {
    f("requeue", requeue);
  }
};

struct BasicRecover {
  static constexpr MethodId kId{60, 110};
  static constexpr std::string_view kName = "basic.recover";

  bool requeue = false;

  template <class F>
  void fields(F& f) {
    f("requeue", requeue);
  }
};

struct BasicRecoverOk {
  static constexpr MethodId kId{60, 111};
  static constexpr std::string_view kName = "basic.recover-ok";

  template <class F>
  void fields(F&) {}
};

struct BasicNack {
  static constexpr MethodId kId{60, 120};
  static constexpr std::string_view kName = "basic.nack";

  uint64_t delivery_tag = 0;
  bool multiple = false;
  bool requeue = false;

  template <class F>
  void fields(F& f) {
    f("delivery-tag", delivery_tag)("multiple", multiple)("requeue", requeue);
  }
};

}  // namespace godwit::protocol::amqp091
