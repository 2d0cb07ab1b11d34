#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/codec.h"
#include "protocol/kafka/messages/produce.h"
#include "protocol/kafka/session.h"
#include "protocol/kafka/wire/decoder.h"
#include "protocol/kafka/wire/encoder.h"
#include "support/fake_host.h"

namespace godwit::protocol::kafka {

/// One request as a frame, as a client would write it.
template <class Request>
ByteVec request_frame(const Request& request, int16_t version, int32_t correlation_id) {
  bool flexible = Request::kApi.is_flexible(version);
  wire::Encoded encoded;
  Writer out(encoded.bytes);
  out.be(int32_t{0});
  out.be(Request::kApi.key);
  out.be(version);
  out.be(correlation_id);
  out.be(int16_t{4});
  out.bytes("test");
  if (flexible) out.u8(0);
  wire::Encoder(encoded, version, flexible).message(request);
  out.patch_be(0, static_cast<int32_t>(encoded.bytes.size() - 4));
  return std::move(encoded.bytes);
}

/// A session with a client that asks one thing after the other.
class Connection {
 public:
  explicit Connection(Settings settings = {})
      : session(std::make_unique<Session>(host, std::make_shared<const Settings>(std::move(settings)), "/127.0.0.1")) {}

  template <class Request>
  void ask(const Request& request, int16_t version) {
    ByteVec frame = request_frame(request, version, next_correlation_++);
    EXPECT_EQ(session->on_bytes(frame), frame.size());
  }
  /// Answers the oldest command, which must be a C.
  template <class C>
  C answer(typename C::ReplyType reply) {
    auto taken = host.take<C>();
    EXPECT_TRUE(taken) << "expected another command";
    if (!taken) return {};
    session->on_reply(taken->first, broker::ReplyValue(std::move(reply)));
    return std::move(taken->second);
  }
  template <class C>
  C refuse(ErrorCode code) {
    auto taken = host.take<C>();
    EXPECT_TRUE(taken) << "expected another command";
    if (!taken) return {};
    session->on_reply(taken->first, fail(code, "refused"));
    return std::move(taken->second);
  }
  /// The next response, read to its last byte.
  template <class Request>
  typename Request::Response response(int16_t version) {
    ByteVec more = host.sent();
    received_.insert(received_.end(), more.begin(), more.end());
    typename Request::Response out;
    Reader in(received_);
    ByteView frame = in.bytes(static_cast<size_t>(std::max(in.be<int32_t>(), 0)));
    EXPECT_TRUE(in.ok()) << "no response";
    Reader body(frame);
    EXPECT_EQ(body.be<int32_t>(), expected_correlation_++);
    bool flexible = Request::kApi.is_flexible(version);
    if (flexible && Request::kApi.key != 18) wire::skip_tags(body);
    EXPECT_TRUE(wire::decode(body, version, flexible, out));
    EXPECT_EQ(body.remaining(), 0u);
    received_.erase(received_.begin(), received_.begin() + static_cast<ptrdiff_t>(in.position()));
    return out;
  }
  bool silent() { return received_.empty() && host.written.empty(); }

  test::FakeHost host;
  std::unique_ptr<Session> session;

 private:
  ByteVec received_;
  int32_t next_correlation_ = 1;
  int32_t expected_correlation_ = 1;
};

}  // namespace godwit::protocol::kafka
