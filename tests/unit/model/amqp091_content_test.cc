#include "model/amqp091_content.h"

#include <string>

#include <gtest/gtest.h>

namespace godwit::model {
namespace {

constexpr uint16_t kAll = 0xfffc;

ByteVec table_entries() { return {1, 'n', 'I', 0, 0, 0, 3}; }

Amqp091Content every_property(ByteView headers) {
  Amqp091Content c;
  c.flags = kAll;
  c.content_type = "text/plain";
  c.content_encoding = "gzip";
  c.headers = headers;
  c.delivery_mode = 2;
  c.priority = 9;
  c.correlation_id = "c";
  c.reply_to = "r";
  c.expiration = "60000";
  c.message_id = "m";
  c.timestamp = 0x1'0000'0000;
  c.type = "t";
  c.user_id = "u";
  c.app_id = "a";
  c.cluster_id = "z";
  return c;
}

ByteVec written(const Amqp091Content& c) {
  ByteVec bytes;
  write_amqp091_content(c, bytes);
  return bytes;
}

TEST(Amqp091Content, EveryPropertyAndBack) {
  ByteVec entries = table_entries();
  ByteVec bytes = written(every_property(entries));
  Amqp091Content c;
  ASSERT_TRUE(parse_amqp091_content(bytes, c));
  EXPECT_EQ(c.flags, kAll);
  EXPECT_EQ(c.content_type, "text/plain");
  EXPECT_EQ(ByteVec(c.headers.begin(), c.headers.end()), entries);
  EXPECT_EQ(c.delivery_mode, 2);
  EXPECT_EQ(c.priority, 9);
  EXPECT_EQ(c.expiration, "60000");
  EXPECT_EQ(c.timestamp, 0x1'0000'0000u);
  EXPECT_EQ(c.cluster_id, "z");
  EXPECT_EQ(written(c), bytes);
}

TEST(Amqp091Content, ValuesFollowTheOrderOfTheFlags) {
  ByteVec bytes{0x89, 0x40, 1, 'a', 5, 1, 'e', 0, 0, 0, 0, 0, 0, 0, 7};
  Amqp091Content c;
  ASSERT_TRUE(parse_amqp091_content(bytes, c));
  EXPECT_EQ(c.content_type, "a");
  EXPECT_EQ(c.priority, 5);
  EXPECT_EQ(c.expiration, "e");
  EXPECT_EQ(c.timestamp, 7u);
  EXPECT_FALSE(c.has(kHeaders));
}

TEST(Amqp091Content, EveryTruncationAndATrailingByteAreRefused) {
  ByteVec entries = table_entries();
  ByteVec bytes = written(every_property(entries));
  Amqp091Content c;
  for (size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(parse_amqp091_content(ByteView(bytes).first(n), c)) << n;
  bytes.push_back(0);
  EXPECT_FALSE(parse_amqp091_content(bytes, c));
}

TEST(Amqp091Content, ASecondWordOfFlagsIsRefused) {
  Amqp091Content c;
  for (uint8_t low : {1, 2, 3}) EXPECT_FALSE(parse_amqp091_content(ByteVec{0, low}, c)) << int{low};
  EXPECT_TRUE(parse_amqp091_content(ByteVec{0, 0}, c));
}

TEST(Amqp091Content, HeadersThatAreNoTableAreRefused) {
  const ByteVec bad[] = {
      {1, 'n', 'I', 0, 0, 0},                      // a value cut short
      {1, 'n', '?', 0},                            // no such type
      {9, 'n'},                                    // a name beyond the table
      {1, 'n', 'S', 0xff, 0xff, 0xff, 0xff},       // a text beyond the table
      {1, 'n', 'F', 0, 0, 0, 3, 1, 'x', 'Q'},      // a nested table with an unknown type
      {1, 'n', 'A', 0, 0, 0, 5, 'S', 0, 0, 0, 9},  // a text beyond its array
  };
  for (const ByteVec& entries : bad) {
    Amqp091Content c;
    c.headers = entries;
    c.set(kHeaders);
    Amqp091Content back;
    EXPECT_FALSE(parse_amqp091_content(written(c), back)) << testing::PrintToString(entries);
  }
}

TEST(Amqp091Content, AClearedPropertyTakesNoBytes) {
  ByteVec entries = table_entries();
  Amqp091Content c = every_property(entries);
  size_t before = written(c).size();
  c.clear(kExpiration);
  EXPECT_EQ(written(c).size(), before - 6);
}

}  // namespace
}  // namespace godwit::model
