#pragma once

#include "protocol/amqp091/wire/method.h"

/// Class channel: one of the streams of methods that share a connection.
namespace godwit::protocol::amqp091 {

struct ChannelOpen {
  static constexpr MethodId kId{20, 10};
  static constexpr std::string_view kName = "channel.open";

  std::string_view reserved_1;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1);
  }
};

struct ChannelOpenOk {
  static constexpr MethodId kId{20, 11};
  static constexpr std::string_view kName = "channel.open-ok";

  LongText reserved_1;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1);
  }
};

struct ChannelFlow {
  static constexpr MethodId kId{20, 20};
  static constexpr std::string_view kName = "channel.flow";

  bool active = false;

  template <class F>
  void fields(F& f) {
    f("active", active);
  }
};

struct ChannelFlowOk {
  static constexpr MethodId kId{20, 21};
  static constexpr std::string_view kName = "channel.flow-ok";

  bool active = false;

  template <class F>
  void fields(F& f) {
    f("active", active);
  }
};

struct ChannelClose {
  static constexpr MethodId kId{20, 40};
  static constexpr std::string_view kName = "channel.close";

  uint16_t reply_code = 0;
  std::string_view reply_text;
  uint16_t failing_class = 0;
  uint16_t failing_method = 0;

  template <class F>
  void fields(F& f) {
    f("reply-code", reply_code)("reply-text", reply_text)("failing-class", failing_class)("failing-method",
                                                                                          failing_method);
  }
};

struct ChannelCloseOk {
  static constexpr MethodId kId{20, 41};
  static constexpr std::string_view kName = "channel.close-ok";

  template <class F>
  void fields(F&) {}
};

}  // namespace godwit::protocol::amqp091
