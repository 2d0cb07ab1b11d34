#include "protocol/amqp091/content.h"

#include <gtest/gtest.h>

#include "base/codec.h"

namespace godwit::protocol::amqp091 {
namespace {

constexpr uint64_t kMost = 1 << 20;

ByteVec header_of(uint64_t body_bytes, const ByteVec& properties = {0, 0}, uint16_t of_class = 60) {
  ByteVec bytes;
  Writer out(bytes);
  out.be(of_class);
  out.be(uint16_t{0});
  out.be(body_bytes);
  out.bytes(ByteView(properties));
  return bytes;
}

void expect_fault(const std::expected<bool, Fault>& result, Scope scope, ReplyCode code) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().scope, scope);
  EXPECT_EQ(result.error().code, code);
}

TEST(IncomingContent, ABodyInOneFrameIsNotCopied) {
  IncomingContent content;
  content.begin({.exchange = "ex", .routing_key = "key", .mandatory = true});
  EXPECT_FALSE(content.header(header_of(4, {0x80, 0, 1, 't'}), kMost).value());
  ByteVec frame{'b', 'o', 'd', 'y'};
  EXPECT_TRUE(content.body(frame).value());
  EXPECT_EQ(content.body().data(), frame.data());
  EXPECT_EQ(content.exchange(), "ex");
  EXPECT_EQ(content.routing_key(), "key");
  EXPECT_TRUE(content.mandatory());
  EXPECT_EQ(content.properties().content_type, "t");
  EXPECT_EQ(as_string(content.stored()), std::string_view("\2ex\3key\x80\0\1t", 11));
  EXPECT_EQ(as_string(content.raw_properties()), std::string_view("\x80\0\1t", 4));
}

TEST(IncomingContent, AnEmptyBodyIsWholeAtItsHeader) {
  IncomingContent content;
  content.begin({});
  EXPECT_TRUE(content.header(header_of(0), kMost).value());
  EXPECT_TRUE(content.body().empty());
}

TEST(IncomingContent, PiecesAreJoinedAndTheNextMessageStartsAfresh) {
  IncomingContent content;
  for (std::string_view body : {"first", "other"}) {
    content.begin({.routing_key = "k"});
    EXPECT_FALSE(content.header(header_of(5), kMost).value());
    EXPECT_FALSE(content.body(as_bytes(body.substr(0, 2))).value());
    EXPECT_FALSE(content.body({}).value());
    EXPECT_TRUE(content.body(as_bytes(body.substr(2))).value());
    EXPECT_EQ(as_string(content.body()), body);
    content.finish();
    EXPECT_FALSE(content.active());
  }
}

TEST(IncomingContent, MoreBodyThanAnnouncedIsAFrameError) {
  IncomingContent content;
  content.begin({});
  ASSERT_TRUE(content.header(header_of(3), kMost));
  expect_fault(content.body(as_bytes("four")), Scope::kConnection, ReplyCode::kFrameError);
  IncomingContent pieces;
  pieces.begin({});
  ASSERT_TRUE(pieces.header(header_of(3), kMost));
  ASSERT_TRUE(pieces.body(as_bytes("ab")));
  expect_fault(pieces.body(as_bytes("cd")), Scope::kConnection, ReplyCode::kFrameError);
}

TEST(IncomingContent, TheLimitIsInclusive) {
  IncomingContent content;
  content.begin({});
  EXPECT_TRUE(content.header(header_of(kMost), kMost));
  IncomingContent above;
  above.begin({});
  expect_fault(above.header(header_of(kMost + 1), kMost), Scope::kChannel, ReplyCode::kPreconditionFailed);
  expect_fault(above.header(header_of(UINT64_MAX), kMost), Scope::kChannel, ReplyCode::kPreconditionFailed);
}

TEST(IncomingContent, FramesOutOfTurnAreUnexpected) {
  IncomingContent content;
  expect_fault(content.header(header_of(1), kMost), Scope::kConnection, ReplyCode::kUnexpectedFrame);
  expect_fault(content.body(as_bytes("x")), Scope::kConnection, ReplyCode::kUnexpectedFrame);
  content.begin({});
  expect_fault(content.body(as_bytes("x")), Scope::kConnection, ReplyCode::kUnexpectedFrame);
  ASSERT_TRUE(content.header(header_of(1), kMost));
  expect_fault(content.header(header_of(1), kMost), Scope::kConnection, ReplyCode::kUnexpectedFrame);
}

TEST(IncomingContent, AMalformedHeaderIsRefused) {
  auto read = [](const ByteVec& payload) {
    IncomingContent content;
    content.begin({});
    return content.header(payload, kMost);
  };
  expect_fault(read(header_of(1, {0, 0}, 50)), Scope::kConnection, ReplyCode::kFrameError);
  expect_fault(read({0, 60, 0, 0, 0}), Scope::kConnection, ReplyCode::kFrameError);
  expect_fault(read(header_of(1, {})), Scope::kConnection, ReplyCode::kSyntaxError);
  expect_fault(read(header_of(1, {0x80, 0, 9, 't'})), Scope::kConnection, ReplyCode::kSyntaxError);
  expect_fault(read(header_of(1, {0, 0, 7})), Scope::kConnection, ReplyCode::kSyntaxError);
}

}  // namespace
}  // namespace godwit::protocol::amqp091
