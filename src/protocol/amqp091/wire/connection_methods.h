#pragma once

#include "protocol/amqp091/wire/method.h"

/// Class connection: one conversation between a client and the broker, always on channel 0.
namespace godwit::protocol::amqp091 {

struct ConnectionStart {
  static constexpr MethodId kId{10, 10};
  static constexpr std::string_view kName = "connection.start";

  uint8_t version_major = 0;
  uint8_t version_minor = 9;
  model::ValueMap server_properties;
  LongText mechanisms;
  LongText locales;

  template <class F>
  void fields(F& f) {
    f("version-major", version_major)("version-minor", version_minor)("server-properties", server_properties)(
        "mechanisms", mechanisms)("locales", locales);
  }
};

struct ConnectionStartOk {
  static constexpr MethodId kId{10, 11};
  static constexpr std::string_view kName = "connection.start-ok";

  model::ValueMap client_properties;
  std::string_view mechanism;
  LongText response;
  std::string_view locale;

  template <class F>
  void fields(F& f) {
    f("client-properties", client_properties)("mechanism", mechanism)("response", response)("locale", locale);
  }
};

struct ConnectionSecure {
  static constexpr MethodId kId{10, 20};
  static constexpr std::string_view kName = "connection.secure";

  LongText challenge;

  template <class F>
  void fields(F& f) {
    f("challenge", challenge);
  }
};

struct ConnectionSecureOk {
  static constexpr MethodId kId{10, 21};
  static constexpr std::string_view kName = "connection.secure-ok";

  LongText response;

  template <class F>
  void fields(F& f) {
    f("response", response);
  }
};

struct ConnectionTune {
  static constexpr MethodId kId{10, 30};
  static constexpr std::string_view kName = "connection.tune";

  uint16_t channel_max = 0;
  uint32_t frame_max = 0;
  uint16_t heartbeat = 0;

  template <class F>
  void fields(F& f) {
    f("channel-max", channel_max)("frame-max", frame_max)("heartbeat", heartbeat);
  }
};

struct ConnectionTuneOk {
  static constexpr MethodId kId{10, 31};
  static constexpr std::string_view kName = "connection.tune-ok";

  uint16_t channel_max = 0;
  uint32_t frame_max = 0;
  uint16_t heartbeat = 0;

  template <class F>
  void fields(F& f) {
    f("channel-max", channel_max)("frame-max", frame_max)("heartbeat", heartbeat);
  }
};

struct ConnectionOpen {
  static constexpr MethodId kId{10, 40};
  static constexpr std::string_view kName = "connection.open";

  std::string_view vhost;
  std::string_view reserved_1;
  bool reserved_2 = false;

  template <class F>
  void fields(F& f) {
    f("vhost", vhost)("reserved-1", reserved_1)("reserved-2", reserved_2);
  }
};

struct ConnectionOpenOk {
  static constexpr MethodId kId{10, 41};
  static constexpr std::string_view kName = "connection.open-ok";

  std::string_view reserved_1;

  template <class F>
  void fields(F& f) {
    f("reserved-1", reserved_1);
  }
};

struct ConnectionClose {
  static constexpr MethodId kId{10, 50};
  static constexpr std::string_view kName = "connection.close";

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

struct ConnectionCloseOk {
  static constexpr MethodId kId{10, 51};
  static constexpr std::string_view kName = "connection.close-ok";

  template <class F>
  void fields(F&) {}
};

struct ConnectionBlocked {
  static constexpr MethodId kId{10, 60};
  static constexpr std::string_view kName = "connection.blocked";

  std::string_view reason;

  template <class F>
  void fields(F& f) {
    f("reason", reason);
  }
};

struct ConnectionUnblocked {
  static constexpr MethodId kId{10, 61};
  static constexpr std::string_view kName = "connection.unblocked";

  template <class F>
  void fields(F&) {}
};

struct ConnectionUpdateSecret {
  static constexpr MethodId kId{10, 70};
  static constexpr std::string_view kName = "connection.update-secret";

  LongText new_secret;
  std::string_view reason;

  template <class F>
  void fields(F& f) {
    f("new-secret", new_secret)("reason", reason);
  }
};

struct ConnectionUpdateSecretOk {
  static constexpr MethodId kId{10, 71};
  static constexpr std::string_view kName = "connection.update-secret-ok";

  template <class F>
  void fields(F&) {}
};

}  // namespace godwit::protocol::amqp091
