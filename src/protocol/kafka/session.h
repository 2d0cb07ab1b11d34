#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "broker/session.h"
#include "protocol/kafka/converted_batches.h"
#include "protocol/kafka/settings.h"
#include "protocol/kafka/wire/encoder.h"
#include "protocol/kafka/wire/types.h"

namespace godwit::protocol::kafka {

/// The head of every request.
struct RequestHeader {
  int16_t key = 0;
  int16_t version = 0;
  int32_t correlation_id = 0;
  std::optional<std::string> client_id;
};

class Session;

/// One request under way: what was asked, and where the answer goes. A handler takes it, moves it into the callbacks of
/// its commands and calls reply() exactly once, in whatever order requests finish: the session sends answers in the
/// order of the requests.
template <class Request>
struct Call {
  Session* session;
  uint64_t slot;
  RequestHeader header;
  Request request;

  int16_t version() const { return header.version; }
  void reply(const typename Request::Response& response);
  /// Of a request that wants no answer (Produce with acks 0).
  void reply_nothing();
};

/// One Kafka connection: frames of u32 length, then a request. Produce requests are pipelined; at most
/// kSessionRequestsMax and kKafkaInFlightBytesMax are under way. Any other request has the connection to itself, as in
/// Apache Kafka: its answer may be a thousand times as large, so there is never more than one that nobody takes. A
/// malformed frame closes the connection, as does a key or version that was never advertised.
class Session final : public broker::Session {
 public:
  /// `guest_allowed`: the peer is where the user guest, who needs no password, may come from.
  Session(broker::SessionHost& host, std::shared_ptr<const Settings> settings, std::string peer,
          bool guest_allowed = true);

  size_t on_bytes(ByteView in) override;
  size_t bytes_wanted() const override { return wanted_; }
  void on_reply(broker::RequestId id, broker::Reply reply) override { calls_.on_reply(id, std::move(reply)); }
  void on_notice(broker::Notice notice) override;
  void on_timer() override {}
  void on_writable() override {}
  bool paused() const override;
  size_t held_bytes() const override { return answers_bytes_ + converted_.bytes(); }
  void on_closed() override;
  std::string close_reason() const override { return close_reason_; }
  std::string describe() const override;

  // What handlers use.
  template <class C, class F>
  void submit(C command, F then) {
    calls_.call(host_, std::move(command), std::move(then));
  }
  const model::CatalogView& catalog() const { return host_.catalog(); }
  model::Now now() const { return host_.now(); }
  const Settings& settings() const { return *settings_; }
  const std::string& peer() const { return peer_; }
  bool guest_allowed() const { return guest_allowed_; }
  ConvertedBatches& converted() { return converted_; }
  /// Client library name and version, from ApiVersions.
  void set_client(std::string client) { client_ = std::move(client); }
  void set_user(std::string user);
  const std::string& user() const { return user_; }
  /// How long an answer to a producer asks it to wait.
  int32_t throttle_ms() const { return publishers_blocked_ ? kThrottleMs : 0; }
  /// Bytes that an answer may have now.
  size_t answer_bytes_max() const;

  /// Stores the finished answer of `slot`, then sends whatever is next in order. Use Call::reply.
  void finish(uint64_t slot, wire::Encoded answer);
  /// Sends what is finished, then closes. `reason`: see close_reason().
  void close(std::string reason);

 private:
  struct Slot {
    bool done = false;
    size_t request_bytes = 0;
    bool is_produce = false;
    wire::Encoded answer;
  };

  static constexpr int32_t kThrottleMs = 500;

  /// True while the request has to wait: only produce requests go side by side, and none while publishers are held
  /// back.
  bool must_wait(int16_t key) const;
  /// False when the connection is closed because of it.
  bool on_frame(ByteView frame);
  bool close_on_frame(std::string reason) { return close(std::move(reason)), false; }
  void send(const wire::Encoded& answer);

  // Constant after construction.
  broker::SessionHost& host_;
  const std::shared_ptr<const Settings> settings_;
  const std::string peer_;
  const bool guest_allowed_;
  bool signed_in_ = false;  ///< until then only what leads to it is answered

  broker::Calls calls_;
  std::deque<Slot> slots_;   ///< requests without an answer sent, in order
  uint64_t first_slot_ = 0;  ///< number of slots_.front()
  size_t in_flight_bytes_ = 0;
  size_t answers_bytes_ = 0;  ///< of answers that wait for earlier ones
  bool publishers_blocked_ = false;
  std::optional<int16_t> stalled_;  ///< the key of the request that has to wait
  size_t wanted_ = 0;
  bool closed_ = false;
  std::string client_;
  std::string user_;
  std::string close_reason_;
  ConvertedBatches converted_;
};

/// The answer to a request as a frame.
template <class Response>
wire::Encoded encode_answer(const wire::Api& api, int16_t version, int32_t correlation_id, const Response& response) {
  constexpr int16_t kApiVersionsKey = 18;  // its answers never have a flexible head: the client may not know it yet
  bool flexible = api.is_flexible(version);
  wire::Encoded answer;
  Writer out(answer.bytes);
  out.be(int32_t{0});
  out.be(correlation_id);
  if (flexible && api.key != kApiVersionsKey) out.u8(0);
  wire::Encoder(answer, version, flexible).message(response);
  out.patch_be(0, static_cast<int32_t>(answer.size() - 4));
  return answer;
}

template <class Request>
void Call<Request>::reply(const typename Request::Response& response) {
  session->finish(slot, encode_answer(Request::kApi, header.version, header.correlation_id, response));
}

template <class Request>
void Call<Request>::reply_nothing() {
  session->finish(slot, {});
}

}  // namespace godwit::protocol::kafka
