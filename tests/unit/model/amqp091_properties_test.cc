#include "model/amqp091_properties.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "model/amqp091_content.h"
#include "model/amqp091_table.h"

namespace godwit::model {
namespace {

Message sample() {
  Message m;
  m.to = "ex";
  m.subject = "rk";
  m.content_type = "text/plain";
  m.content_encoding = "gzip";
  m.reply_to = "back";
  m.type = "t";
  m.app_id = "app";
  m.user_id = "guest";
  m.message_id = Value(std::string("id-1"));
  m.correlation_id = Value(std::string("c-1"));
  m.created_ms = 5'000;
  m.priority = 7;
  m.reply_to_group = "rg";
  m.headers.emplace_back("n", Value(int32_t{3}));
  return m;
}

Message round_trip(const Message& m, int64_t now_ms = 0) {
  ByteVec stored;
  encode_amqp091_properties(m, now_ms, stored);
  Message back;
  EXPECT_TRUE(decode_amqp091_properties(stored, back));
  return back;
}

Amqp091Content content_of(ByteView stored) {
  Amqp091Stored split;
  Amqp091Content c;
  EXPECT_TRUE(split_amqp091_properties(stored, split));
  EXPECT_TRUE(parse_amqp091_content(split.content, c));
  return c;
}

ValueMap headers_of(const Amqp091Content& c) {
  ByteVec table;
  Writer out(table);
  out.be(static_cast<uint32_t>(c.headers.size()));
  out.bytes(c.headers);
  Reader in(table);
  ValueMap headers;
  EXPECT_TRUE(decode_amqp091_table(in, headers));
  return headers;
}

TEST(Amqp091Properties, TheHubAndBack) {
  Message m = sample();
  Message back = round_trip(m);
  EXPECT_EQ(back.to, m.to);
  EXPECT_EQ(back.subject, m.subject);
  EXPECT_EQ(back.content_type, m.content_type);
  EXPECT_EQ(back.content_encoding, m.content_encoding);
  EXPECT_EQ(back.reply_to, m.reply_to);
  EXPECT_EQ(back.type, m.type);
  EXPECT_EQ(back.app_id, m.app_id);
  EXPECT_EQ(back.user_id, m.user_id);
  EXPECT_EQ(back.message_id, m.message_id);
  EXPECT_EQ(back.correlation_id, m.correlation_id);
  EXPECT_EQ(back.created_ms, m.created_ms);
  EXPECT_EQ(back.priority, m.priority);
  EXPECT_EQ(back.reply_to_group, m.reply_to_group);
  EXPECT_EQ(back.headers, m.headers);
  EXPECT_TRUE(back.durable);
}

TEST(Amqp091Properties, GoldenBytes) {
  Message m;
  m.to = "e";
  m.subject = "k";
  m.content_type = "a/b";
  ByteVec stored;
  encode_amqp091_properties(m, 0, stored);
  EXPECT_EQ(stored, (ByteVec{1, 'e', 1, 'k', 0x90, 0x00, 3, 'a', '/', 'b', 2}));
}

TEST(Amqp091Properties, ExpiryIsWhatIsLeft) {
  Message m;
  m.expires_at_ms = 10'500;
  ByteVec stored;
  encode_amqp091_properties(m, 10'000, stored);
  EXPECT_EQ(content_of(stored).expiration, "500");
  stored.clear();
  encode_amqp091_properties(m, 11'000, stored);
  EXPECT_EQ(content_of(stored).expiration, "0");
}

TEST(Amqp091Properties, IdsThatNoShortStringHoldsAreHeaders) {
  Message m;
  m.message_id = Value(std::string(256, 'x'));
  m.correlation_id = Value(ByteVec{1, 2});
  Message back = round_trip(m);
  EXPECT_EQ(back.message_id, m.message_id);
  EXPECT_EQ(back.correlation_id, m.correlation_id);
  EXPECT_TRUE(back.headers.empty());
  m.message_id = Value(uint64_t{77});
  m.correlation_id = Value(Uuid{});
  back = round_trip(m);
  EXPECT_EQ(back.message_id, Value(std::string("77")));
  EXPECT_EQ(back.correlation_id, Value(std::string("urn:uuid:00000000-0000-0000-0000-000000000000")));
}

TEST(Amqp091Properties, KeyGroupAndDedupAreHeaders) {
  Message m;
  m.key = as_bytes("key");
  m.group = "g";
  m.dedup_id = "d";
  ByteVec stored;
  encode_amqp091_properties(m, 0, stored);
  ValueMap expected;
  expected.emplace_back("x-partition-key", Value(std::string("key")));
  expected.emplace_back("x-group-id", Value(std::string("g")));
  expected.emplace_back("x-deduplication-id", Value(std::string("d")));
  EXPECT_EQ(headers_of(content_of(stored)), expected);
}

TEST(Amqp091Properties, OfOneNameTheLastHeaderStays) {
  Message m;
  m.headers.emplace_back("a", Value(int32_t{1}));
  m.headers.emplace_back("b", Value(int32_t{2}));
  m.headers.emplace_back("a", Value(int32_t{3}));
  ValueMap expected(m.headers.begin() + 1, m.headers.end());
  EXPECT_EQ(round_trip(m).headers, expected);
}

TEST(Amqp091Properties, APatchAddsItsDeaths) {
  Message m = sample();
  m.expires_at_ms = 100;
  ByteVec stored, patched;
  encode_amqp091_properties(m, 0, stored);
  Patch patch;
  patch.exchange = "dlx";
  patch.routing_key = "dead";
  patch.drop_expiration = true;
  patch.deaths.push_back({.queue = "q2", .reason = "expired", .exchange = "e2", .routing_keys = {"r"}, .count = 2});
  patch.deaths.push_back({.queue = "q1", .reason = "rejected", .exchange = "e1", .original_expiration = "60"});
  ASSERT_TRUE(patch_amqp091_properties(stored, patch, patched));
  Message back;
  ASSERT_TRUE(decode_amqp091_properties(patched, back));
  EXPECT_EQ(back.to, "dlx");
  EXPECT_EQ(back.subject, "dead");
  EXPECT_FALSE(content_of(patched).has(kExpiration));
  ASSERT_EQ(back.headers.size(), 8u);
  EXPECT_EQ(back.headers[1].first, "x-death");
  const auto& deaths = std::get<ValueList>(back.headers[1].second.v);
  ASSERT_EQ(deaths.size(), 2u);
  EXPECT_EQ(std::get<ValueMap>(deaths[0].v)[0].second, Value(int64_t{2}));
  EXPECT_EQ(back.headers[3], (std::pair<std::string, Value>("x-first-death-queue", Value(std::string("q1")))));
  EXPECT_EQ(back.headers[7], (std::pair<std::string, Value>("x-last-death-reason", Value(std::string("expired")))));
}

TEST(Amqp091Properties, AddedHeadersReplaceThoseOfTheirName) {
  ByteVec stored, changed;
  encode_amqp091_properties(sample(), 0, stored);
  ValueMap headers;
  headers.emplace_back("n", Value(int64_t{9}));
  ASSERT_TRUE(add_amqp091_headers(stored, headers, changed));
  ValueMap expected;
  expected.emplace_back("x-reply-to-group-id", Value(std::string("rg")));
  expected.emplace_back("n", Value(int64_t{9}));
  EXPECT_EQ(headers_of(content_of(changed)), expected);
}

TEST(Amqp091Properties, EveryTruncationIsRefused) {
  ByteVec stored;
  encode_amqp091_properties(sample(), 0, stored);
  for (size_t n = 0; n < stored.size(); ++n) {
    Message m;
    EXPECT_FALSE(decode_amqp091_properties(ByteView(stored).first(n), m)) << n;
  }
}

TEST(Amqp091Properties, ATextOfAnyOriginThatNoShortStringHoldsIsLeftOut) {
  Message m;
  m.content_type = std::string(255, 'c');
  m.reply_to = std::string(256, 'r');
  Message back = round_trip(m);
  EXPECT_EQ(back.content_type, m.content_type);
  EXPECT_FALSE(back.reply_to);
}

TEST(Amqp091Properties, RoutesAreCutToShortStrings) {
  Message m;
  m.to = std::string(300, 'e');
  m.subject = std::string(300, 'k');
  Message back = round_trip(m);
  EXPECT_EQ(back.to, std::string(255, 'e'));
  EXPECT_EQ(back.subject, std::string(255, 'k'));
}

TEST(Amqp091Properties, TimesOutsideTheirRangeAreNotInvented) {
  Message m;
  m.created_ms = -1;
  EXPECT_FALSE(round_trip(m).created_ms);
  ByteVec stored{0, 0, 0, 0x40, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};  // a timestamp of 2^64 - 1 seconds
  Message back;
  ASSERT_TRUE(decode_amqp091_properties(stored, back));
  EXPECT_GT(back.created_ms, 0);
}

TEST(Amqp091Properties, OnlyDeliveryModeTwoIsDurable) {
  for (uint8_t mode : {0, 1, 2, 3}) {
    Message m;
    ASSERT_TRUE(decode_amqp091_properties(ByteVec{0, 0, 0x10, 0, mode}, m));
    EXPECT_EQ(m.durable, mode == 2) << int{mode};
  }
}

TEST(Amqp091Properties, AKeyThatIsNoTextIsAHeaderOfBytes) {
  Message m;
  ByteVec key{0xff, 0xfe};
  m.key = key;
  ByteVec stored;
  encode_amqp091_properties(m, 0, stored);
  EXPECT_EQ(headers_of(content_of(stored)), (ValueMap{{"x-partition-key", Value(key)}}));
}

TEST(Amqp091Properties, APatchOfMalformedPropertiesIsRefused) {
  ByteVec out;
  for (const ByteVec& bad : {ByteVec{}, ByteVec{5, 'a'}, ByteVec{0, 0, 0x80}, ByteVec{0, 0, 0, 1}}) {
    EXPECT_FALSE(patch_amqp091_properties(bad, {}, out)) << testing::PrintToString(bad);
    EXPECT_FALSE(add_amqp091_headers(bad, {}, out)) << testing::PrintToString(bad);
  }
  EXPECT_TRUE(out.empty());
}

TEST(Amqp091Properties, APatchLeavesTheRestAsItLies) {
  ByteVec stored, patched;
  encode_amqp091_properties(sample(), 0, stored);
  ASSERT_TRUE(patch_amqp091_properties(stored, {}, patched));
  EXPECT_EQ(patched, stored);
}

TEST(Amqp091Properties, ADeathCountIsASignedNumberOnTheWire) {
  ValueMap headers = amqp091_death_headers({{.queue = "q", .count = std::numeric_limits<uint64_t>::max()}});
  const auto& deaths = std::get<ValueList>(headers.at(0).second.v);
  EXPECT_EQ(std::get<ValueMap>(deaths.at(0).v).at(0).second, Value(std::numeric_limits<int64_t>::max()));
  EXPECT_TRUE(amqp091_death_headers({}).empty());
}

}  // namespace
}  // namespace godwit::model
