#pragma once

#include "protocol/kafka/wire/types.h"

/// What opens a connection: ApiVersions (18), SaslHandshake (17), SaslAuthenticate (36), InitProducerId (22).
namespace godwit::protocol::kafka {

struct ApiVersionsResponse {
  struct Range {
    int16_t key = 0;
    int16_t first = 0;
    int16_t last = 0;

    template <class F>
    void fields(F& f) {
      f("key", key);
      f("first", first);
      f("last", last);
    }
  };
  int16_t error = 0;
  std::vector<Range> apis;
  int32_t throttle_ms = 0;

  template <class F>
  void fields(F& f) {
    f("error", error);
    f("apis", apis);
    f("throttle_ms", throttle_ms, wire::since(1));
  }
};

struct ApiVersionsRequest {
  using Response = ApiVersionsResponse;
  static constexpr wire::Api kApi{.key = 18, .name = "ApiVersions", .first = 0, .last = 4, .flexible = 3};

  std::string client_name;
  std::string client_version;

  template <class F>
  void fields(F& f) {
    f("client_name", client_name, wire::since(3));
    f("client_version", client_version, wire::since(3));
  }
};

struct SaslHandshakeResponse {
  int16_t error = 0;
  std::vector<std::string> mechanisms;

  template <class F>
  void fields(F& f) {
    f("error", error);
    f("mechanisms", mechanisms);
  }
};

struct SaslHandshakeRequest {
  using Response = SaslHandshakeResponse;
  static constexpr wire::Api kApi{
      .key = 17, .name = "SaslHandshake", .first = 1, .last = 1, .flexible = wire::kNeverFlexible, .advertised = 0};

  std::string mechanism;

  template <class F>
  void fields(F& f) {
    f("mechanism", mechanism);
  }
};

struct SaslAuthenticateResponse {
  int16_t error = 0;
  std::optional<std::string> error_message;
  ByteVec auth;
  int64_t session_lifetime_ms = 0;

  template <class F>
  void fields(F& f) {
    f("error", error);
    f("error_message", error_message);
    f("auth", auth);
    f("session_lifetime_ms", session_lifetime_ms, wire::since(1));
  }
};

struct SaslAuthenticateRequest {
  using Response = SaslAuthenticateResponse;
  static constexpr wire::Api kApi{.key = 36, .name = "SaslAuthenticate", .first = 0, .last = 2, .flexible = 2};

  ByteVec auth;

  template <class F>
  void fields(F& f) {
    f("auth", auth);
  }
};

struct InitProducerIdResponse {
  int32_t throttle_ms = 0;
  int16_t error = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms);
    f("error", error);
    f("producer_id", producer_id);
    f("producer_epoch", producer_epoch);
  }
};

struct InitProducerIdRequest {
  using Response = InitProducerIdResponse;
  static constexpr wire::Api kApi{.key = 22, .name = "InitProducerId", .first = 0, .last = 5, .flexible = 2};

  std::optional<std::string> transactional_id;
  int32_t transaction_timeout_ms = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;

  template <class F>
  void fields(F& f) {
    f("transactional_id", transactional_id);
    f("transaction_timeout_ms", transaction_timeout_ms);
    f("producer_id", producer_id, wire::since(3));
    f("producer_epoch", producer_epoch, wire::since(3));
  }
};

}  // namespace godwit::protocol::kafka
