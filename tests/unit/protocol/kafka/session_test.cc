#include "protocol/kafka/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "protocol/kafka/apis.h"
#include "protocol/kafka/client.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/batches.h"
#include "protocol/kafka/handlers/handlers.h"

namespace godwit::protocol::kafka {
namespace {

/// Version 7 to 12: one batch for partition 0 of topic t.
ProduceRequest producing(ByteView records) {
  ProduceRequest request{.transactional_id = {}, .acks = -1, .topics = {}};
  request.topics.push_back({.name = "t", .partitions = {{.index = 0, .records = records}}});
  return request;
}

TEST(Session, AdvertisesExactlyWhatItServes) {
  for (int16_t version = 0; version <= 4; ++version) {
    Connection c;
    c.ask(ApiVersionsRequest{}, version);
    ApiVersionsResponse response = c.response<ApiVersionsRequest>(version);
    EXPECT_EQ(response.error, error::kNone);
    ASSERT_EQ(response.apis.size(), served_apis().size());
    EXPECT_EQ(response.apis.front().key, 0);
    EXPECT_EQ(response.apis.front().first, 0);  // librdkafka reads its features from this row
    EXPECT_EQ(response.apis.front().last, 13);
  }
}

TEST(Session, AnApiVersionsFromTheFutureIsAnsweredInVersion0) {
  Connection c;
  ByteVec frame = request_frame(ApiVersionsRequest{}, 4, 1);
  frame[7] = 9;  // the low byte of the version
  EXPECT_EQ(c.session->on_bytes(frame), frame.size());
  ApiVersionsResponse response = c.response<ApiVersionsRequest>(0);
  EXPECT_EQ(response.error, error::kUnsupportedVersion);
  ASSERT_EQ(response.apis.size(), 1u);
  EXPECT_EQ(response.apis[0].key, 18);
  EXPECT_FALSE(c.host.closed);
}

TEST(Session, UnknownKeysAndVersionsCloseTheConnection) {
  for (auto [key, version] : {std::pair<int16_t, int16_t>{24, 0}, {1, 3}, {1, 19}, {999, 0}}) {
    Connection c;
    ByteVec frame = request_frame(HeartbeatRequest{}, 0, 1);
    frame[4] = static_cast<uint8_t>(key >> 8), frame[5] = static_cast<uint8_t>(key);
    frame[7] = static_cast<uint8_t>(version);
    c.session->on_bytes(frame);
    EXPECT_TRUE(c.host.closed) << key << " " << version;
    EXPECT_TRUE(c.silent());
  }
}

TEST(Session, AnswersToProducersLeaveInTheOrderOfTheRequests) {
  Connection c;
  c.host.names.add_topic("t");
  ByteVec records = records_of({"a"});
  for (int i = 0; i < 2; ++i) c.ask(producing(records), 7);
  c.ask(producing({}), 7);
  ASSERT_EQ(c.host.submitted.size(), 2u);
  auto first = c.host.take<model::Append>();
  auto second = c.host.take<model::Append>();
  c.session->on_reply(second->first, broker::ReplyValue(model::Appended{.base_offset = Offset(2)}));
  EXPECT_TRUE(c.silent());
  c.session->on_reply(first->first, broker::ReplyValue(model::Appended{.base_offset = Offset(1)}));
  EXPECT_EQ(c.response<ProduceRequest>(7).topics[0].partitions[0].base_offset, 1);
  EXPECT_EQ(c.response<ProduceRequest>(7).topics[0].partitions[0].base_offset, 2);
  EXPECT_EQ(c.response<ProduceRequest>(7).topics[0].partitions[0].error, error::kInvalidRecord);
}

TEST(Session, OtherRequestsHaveTheConnectionToThemselves) {
  Connection c;
  c.host.names.add_topic("t");
  ByteVec records = records_of({"a"});
  ByteVec produce = request_frame(producing(records), 7, 2);
  ByteVec beat = request_frame(HeartbeatRequest{.group = "b"}, 3, 2);
  c.ask(HeartbeatRequest{.group = "a"}, 3);
  EXPECT_FALSE(c.session->paused()) << "a peer that waits is still listened to";
  EXPECT_EQ(c.session->on_bytes(beat), 0u);
  EXPECT_TRUE(c.session->paused());
  EXPECT_EQ(c.session->on_bytes(produce), 0u);
  EXPECT_TRUE(c.session->paused());
  c.answer<model::HeartbeatGroup>({});
  EXPECT_FALSE(c.session->paused());
  EXPECT_EQ(c.session->on_bytes(produce), produce.size());
  EXPECT_EQ(c.session->on_bytes(beat), 0u);
  EXPECT_TRUE(c.session->paused());
  c.answer<model::Append>({});
  EXPECT_EQ(c.session->on_bytes(beat), beat.size());
}

TEST(Session, WhatIsAskedAtOnceIsAnsweredOneAfterTheOther) {
  Connection c;
  ByteVec all;
  for (int i = 0; i < 3; ++i) {
    ByteVec frame = request_frame(OffsetFetchRequest{.one = {.id = "g"}}, 2, i);
    all.insert(all.end(), frame.begin(), frame.end());
  }
  ByteView left(all);
  for (int i = 0; i < 3; ++i) {
    left = left.subspan(c.session->on_bytes(left));
    EXPECT_EQ(c.host.submitted.size(), 1u);
    c.host.unsent = kSessionOutputBytesMax;
    c.answer<model::FetchOffsets>({});
    EXPECT_EQ(c.session->on_bytes(left), 0u) << "nobody takes the answer";
    c.host.unsent = 0;
  }
  EXPECT_TRUE(left.empty());
}

TEST(Session, AnswersThatWaitForAnEarlierOneAreBounded) {
  Connection c;
  c.host.names.add_topic("t");
  ByteVec records = records_of({"a"});
  c.ask(producing(records), 7);
  ProduceRequest bad = producing({});
  bad.topics[0].partitions.resize(10'000, bad.topics[0].partitions[0]);
  ByteVec frame = request_frame(bad, 7, 2);
  size_t taken = 0;
  while (c.session->on_bytes(frame) > 0) ASSERT_LT(++taken, 10u);
  EXPECT_GT(taken, 1u);
  EXPECT_TRUE(c.session->paused());
  c.answer<model::Append>({});
  c.host.sent();
  EXPECT_FALSE(c.session->paused());
}

TEST(Session, FramesMayArriveInAnyPieces) {
  Connection c;
  ByteVec frame = request_frame(ApiVersionsRequest{}, 3, 1);
  for (size_t n = 0; n < frame.size(); ++n) {
    EXPECT_EQ(c.session->on_bytes(ByteView(frame).first(n)), 0u);
    EXPECT_EQ(c.session->bytes_wanted(), n < 4 ? 4 : frame.size());
  }
  EXPECT_EQ(c.session->on_bytes(frame), frame.size());
  EXPECT_EQ(c.response<ApiVersionsRequest>(3).error, error::kNone);
}

TEST(Session, ALengthBeyondTheLimitClosesAtOnce) {
  for (uint8_t first : {uint8_t{0x7f}, uint8_t{0xff}}) {
    Connection c;
    ByteVec lie = {first, 0xff, 0xff, 0xff};
    c.session->on_bytes(lie);
    EXPECT_TRUE(c.host.closed);
    EXPECT_THAT(c.session->close_reason(), ::testing::HasSubstr("too large, or another protocol"));
  }
}

TEST(Session, AMalformedBodyCloses) {
  Connection c;
  ByteVec frame = request_frame(HeartbeatRequest{.group = "group"}, 0, 1);
  frame.pop_back();
  frame[3] = static_cast<uint8_t>(frame[3] - 1);
  EXPECT_EQ(c.session->close_reason(), "");
  c.session->on_bytes(frame);
  EXPECT_TRUE(c.host.closed);
  EXPECT_EQ(c.session->close_reason(), "a malformed request of API 12 in version 0");
}

TEST(Session, StopsReadingAtItsLimitOfRequests) {
  Connection c;
  c.host.names.add_topic("t");
  ByteVec records = records_of({"a"});
  ByteVec frame = request_frame(producing(records), 7, 1);
  for (size_t i = 0; i < kSessionRequestsMax; ++i) ASSERT_EQ(c.session->on_bytes(frame), frame.size());
  EXPECT_TRUE(c.session->paused());
  EXPECT_EQ(c.session->on_bytes(frame), 0u);
  c.answer<model::Append>({});
  EXPECT_FALSE(c.session->paused());
}

TEST(Session, StopsReadingWhileThePeerTakesNothing) {
  Connection c;
  c.host.unsent = kSessionOutputBytesMax;
  EXPECT_TRUE(c.session->paused());
  c.host.unsent = 0;
  EXPECT_FALSE(c.session->paused());
}

TEST(Session, OneFetchAtATime) {
  Connection c;
  c.host.names.add_topic("t");
  FetchRequest fetch{.max_wait_ms = 100, .bytes_min = 1, .bytes_max = 1'000'000};
  fetch.topics.push_back({.name = "t", .partitions = {{.index = 0, .bytes_max = 1'000'000}}});
  c.ask(fetch, 4);
  ASSERT_TRUE(c.host.take<model::Fetch>());
  ByteVec second = request_frame(fetch, 4, 2);
  EXPECT_EQ(c.session->on_bytes(second), 0u);
  EXPECT_TRUE(c.session->paused());
}

TEST(Session, ProducersWaitWhileTheyAreHeldBackAndOthersDoNot) {
  Connection c;
  c.session->on_notice(broker::PublishersBlocked{true, "memory is short"});
  c.ask(HeartbeatRequest{.group = "a"}, 3);
  c.answer<model::HeartbeatGroup>({});
  EXPECT_FALSE(c.session->paused());
  ByteVec frame = request_frame(ProduceRequest{}, 3, 2);
  EXPECT_EQ(c.session->on_bytes(frame), 0u);
  EXPECT_TRUE(c.session->paused());
  c.session->on_notice(broker::PublishersBlocked{false, ""});
  EXPECT_FALSE(c.session->paused());
  EXPECT_EQ(c.session->on_bytes(frame), frame.size());
}

TEST(Session, BytesInFlightAreBounded) {
  Connection c;
  SyncGroupRequest sync;
  sync.assignments.push_back({"m", ByteVec(kKafkaInFlightBytesMax)});
  c.ask(sync, 3);
  EXPECT_TRUE(c.session->paused());
  c.answer<model::SyncGroup>({});
  EXPECT_FALSE(c.session->paused());
}

TEST(Session, RepliesAfterTheEndAreIgnored) {
  Connection c;
  c.ask(HeartbeatRequest{.group = "a"}, 0);
  c.session->on_closed();
  c.answer<model::HeartbeatGroup>({});
  EXPECT_TRUE(c.silent());
}

TEST(Session, PlainAuthenticationKnowsGuest) {
  for (bool right : {true, false}) {
    Connection c;
    c.ask(SaslHandshakeRequest{.mechanism = "PLAIN"}, 1);
    EXPECT_EQ(c.response<SaslHandshakeRequest>(1).error, error::kNone);
    std::string auth = std::string("\0guest\0", 7) + (right ? "guest" : "wrong");
    c.ask(SaslAuthenticateRequest{.auth = ByteVec(auth.begin(), auth.end())}, 1);
    EXPECT_EQ(c.response<SaslAuthenticateRequest>(1).error, right ? error::kNone : error::kSaslAuthenticationFailed);
    EXPECT_EQ(c.host.closed, !right);
    EXPECT_EQ(c.session->close_reason(),
              right ? "" : "login of user 'guest' was refused: unknown user or wrong password");
  }
}

TEST(Session, NamesTheClientInItsDescription) {
  Connection c;
  c.ask(ApiVersionsRequest{.client_name = "librdkafka", .client_version = "2.15"}, 3);
  EXPECT_EQ(c.session->describe(), "kafka librdkafka 2.15");
}

TEST(Session, WhereGuestMayNotComeFromOnlySigningInIsAnswered) {
  test::FakeHost host;
  host.principal.user.clear();
  Session session(host, std::make_shared<const Settings>(), "/192.0.2.1", false);
  EXPECT_EQ(host.principal.user, "");
  session.on_bytes(request_frame(ApiVersionsRequest{}, 3, 1));
  EXPECT_FALSE(host.closed);
  session.on_bytes(request_frame(MetadataRequest{}, 1, 2));
  EXPECT_TRUE(host.closed);
  EXPECT_THAT(session.close_reason(), ::testing::HasSubstr("API 3 before a login"));
  EXPECT_TRUE(host.submitted.empty());
}

TEST(Session, GuestIsRefusedWhereItMayNotComeFrom) {
  test::FakeHost host;
  host.principal.user.clear();
  Session session(host, std::make_shared<const Settings>(), "/192.0.2.1", false);
  std::string_view guest("\0guest\0guest", 12);
  session.on_bytes(request_frame(SaslAuthenticateRequest{.auth = ByteVec(guest.begin(), guest.end())}, 1, 1));
  EXPECT_TRUE(host.closed);
  EXPECT_EQ(host.principal.user, "");
}

}  // namespace
}  // namespace godwit::protocol::kafka
