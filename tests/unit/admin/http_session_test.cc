#include "admin/http_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_node.h"
#include "support/fake_host.h"

namespace godwit::admin {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string as_text(const ByteVec& bytes) { return std::string(as_string(bytes)); }

class HttpSessionTest : public ::testing::Test {
 protected:
  /// Feeds bytes as a connection does; returns what was left over.
  size_t feed(std::string_view text) { return text.size() - session_.on_bytes(as_bytes(text)); }
  std::string ask(std::string_view text) {
    EXPECT_EQ(feed(text), 0u);
    return as_text(host_.sent());
  }

  test::FakeHost host_;
  FakeNode node_;
  HttpSession session_{host_, node_, {}};
};

constexpr std::string_view kLive = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_F(HttpSessionTest, AnswersAndKeepsTheConnection) {
  EXPECT_THAT(ask(kLive), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_FALSE(host_.closed);
  EXPECT_THAT(ask(kLive), HasSubstr("{\"status\":\"live\"}"));
}

TEST_F(HttpSessionTest, TakesARequestInPieces) {
  std::string request(kLive);
  for (size_t i = 1; i < request.size(); ++i) {
    HttpSession session(host_, node_, {});
    std::string first = request.substr(0, i);
    size_t taken = session.on_bytes(as_bytes(first));
    std::string rest = first.substr(taken) + request.substr(i);
    EXPECT_EQ(session.on_bytes(as_bytes(rest)), rest.size()) << i;
    EXPECT_THAT(as_text(host_.sent()), StartsWith("HTTP/1.1 200")) << i;
  }
}

TEST_F(HttpSessionTest, TakesABodyInChunksHoweverTheyArrive) {
  for (std::string_view body : {"0\r\n\r\n", "2\r\n{}\r\n0\r\n\r\n", "2;a=b\r\n{}\r\n0;a=b\r\nX: y\r\n\r\n"})
    for (size_t piece = 1; piece < 16; ++piece) {
      HttpSession session(host_, node_, {});
      std::string request =
          "GET /health/live HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
      size_t taken = 0;
      for (size_t arrived = 0; arrived < request.size();) {
        arrived = std::min(request.size(), arrived + piece);
        taken += session.on_bytes(as_bytes(request).subspan(taken, arrived - taken));
      }
      EXPECT_EQ(taken, request.size());
      EXPECT_THAT(as_text(host_.sent()), StartsWith("HTTP/1.1 200")) << body << " in pieces of " << piece;
    }
}

TEST_F(HttpSessionTest, ClosesWhenAsked) {
  EXPECT_THAT(ask("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
              HasSubstr("Connection: close"));
  EXPECT_TRUE(host_.closed);
}

TEST_F(HttpSessionTest, HeadHasNoBody) {
  std::string reply = ask("HEAD /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(reply.ends_with("\r\n\r\n"));
  EXPECT_THAT(reply, HasSubstr("Content-Length: 18"));
}

TEST_F(HttpSessionTest, OneRequestAtATime) {
  std::string_view waits = "GET /api/overview HTTP/1.1\r\nHost: localhost\r\n\r\n";
  EXPECT_EQ(feed(std::string(waits) + std::string(kLive)), kLive.size());
  EXPECT_TRUE(session_.paused());
  EXPECT_EQ(as_text(host_.sent()), "");
  node_.asked({.version = "1"});
  EXPECT_FALSE(session_.paused());
  EXPECT_THAT(as_text(host_.sent()), HasSubstr("\"version\":\"1\""));
}

TEST_F(HttpSessionTest, AnAnswerAfterThePeerLeftGoesNowhere) {
  feed("GET /api/overview HTTP/1.1\r\nHost: localhost\r\n\r\n");
  session_.on_closed();
  node_.asked({.version = "1"});
  EXPECT_EQ(as_text(host_.sent()), "");
}

TEST_F(HttpSessionTest, TellsPathsFromMethods) {
  EXPECT_THAT(ask("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(ask("DELETE /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"), StartsWith("HTTP/1.1 405"));
}

TEST_F(HttpSessionTest, SubmitsCommandsAndTranslatesReplies) {
  host_.names.add_topic("t", 2);
  feed(
      "POST /api/topics/t/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
      "30\r\n\r\n{\"body\":\"hello\",\"partition\":1}");
  ASSERT_EQ(host_.submitted.size(), 1u);
  const auto& append = std::get<model::Append>(host_.submitted[0].second);
  EXPECT_EQ(append.partition, (PartitionId{TopicId(1), 1}));
  session_.on_reply(host_.submitted[0].first, model::Appended{.base_offset = Offset(41)});
  std::string reply = as_text(host_.sent());
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 201"));
  EXPECT_THAT(reply, HasSubstr("\"offset\":41"));
}

TEST_F(HttpSessionTest, RefusalsHaveACodeAndASentence) {
  feed("DELETE /api/topics/t HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_EQ(host_.submitted.size(), 1u);
  session_.on_reply(host_.submitted[0].first, std::unexpected(Error{ErrorCode::kInUse, "has queues"}));
  std::string reply = as_text(host_.sent());
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 409"));
  EXPECT_THAT(reply, HasSubstr("{\"error\":\"in use\",\"message\":\"has queues\"}"));
}

TEST_F(HttpSessionTest, GarbageAndTooMuchAreRefused) {
  EXPECT_THAT(ask("\x01\x02\x03 garbage\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_TRUE(host_.closed);

  test::FakeHost host;
  HttpSession large(host, node_, {});
  std::string head = "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(kHttpHeaderBytesMax, 'x') + "\r\n\r\n";
  large.on_bytes(as_bytes(head));
  EXPECT_THAT(as_text(host.sent()), StartsWith("HTTP/1.1 413"));

  test::FakeHost host2;
  HttpSession body(host2, node_, {});
  std::string claim = "POST /api/bindings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n";
  body.on_bytes(as_bytes(claim));
  EXPECT_THAT(as_text(host2.sent()), StartsWith("HTTP/1.1 413"));
}

TEST_F(HttpSessionTest, AForeignPageIsRefused) {
  EXPECT_THAT(ask("GET /health/live HTTP/1.1\r\nHost: evil.example\r\n\r\n"), StartsWith("HTTP/1.1 403"));
  test::FakeHost host;
  HttpSession remote(host, node_, {.local = false});
  remote.on_bytes(as_bytes(std::string_view("GET /health/live HTTP/1.1\r\nHost: broker.example\r\n\r\n")));
  EXPECT_THAT(as_text(host.sent()), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpSessionTest, FromOtherMachinesOnlyHealthAndMetrics) {
  auto answer = [&](std::string_view path) {
    test::FakeHost host;
    HttpSession remote(host, node_, {.local = false, .guest_allowed = false});
    remote.on_bytes(as_bytes("GET " + std::string(path) + " HTTP/1.1\r\nHost: broker.example\r\n\r\n"));
    EXPECT_TRUE(host.submitted.empty());
    return as_text(host.sent());
  };
  EXPECT_THAT(answer("/api/queues/q/messages"), StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(answer("/%61pi/overview"), StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(answer("/health/ready"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer("/nothing"), StartsWith("HTTP/1.1 404"));
}

TEST_F(HttpSessionTest, NotReadyWhileStopping) {
  node_.is_ready = false;
  EXPECT_THAT(ask("GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n"), StartsWith("HTTP/1.1 503"));
}

TEST_F(HttpSessionTest, IdleConnectionsEnd) {
  EXPECT_EQ(host_.timer_boot_ms, host_.clock.boot_ms + kHttpIdleMs);
  session_.on_timer();
  EXPECT_TRUE(host_.closed);
}

TEST_F(HttpSessionTest, ShowsOneConnection) {
  EXPECT_THAT(ask("GET /api/connections/7 HTTP/1.1\r\nHost: localhost\r\n\r\n"), HasSubstr("\"protocol\":\"kafka\""));
  EXPECT_THAT(ask("GET /api/connections/8 HTTP/1.1\r\nHost: localhost\r\n\r\n"), StartsWith("HTTP/1.1 404"));
}

}  // namespace
}  // namespace godwit::admin
