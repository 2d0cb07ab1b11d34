#include "model/amqp091_table.h"

#include <limits>

#include <gtest/gtest.h>

#include "base/limits.h"

namespace godwit::model {
namespace {

ValueMap every_type() {
  ValueMap t;
  t.emplace_back("bool", Value(true));
  t.emplace_back("i8", Value(int8_t{-8}));
  t.emplace_back("u8", Value(uint8_t{200}));
  t.emplace_back("i16", Value(int16_t{-1600}));
  t.emplace_back("u16", Value(uint16_t{60000}));
  t.emplace_back("i32", Value(int32_t{-32}));
  t.emplace_back("u32", Value(uint32_t{4000000000}));
  t.emplace_back("i64", Value(std::numeric_limits<int64_t>::min()));
  t.emplace_back("f32", Value(1.5f));
  t.emplace_back("f64", Value(-2.25));
  t.emplace_back("decimal", Value(Decimal{2, 12345}));
  t.emplace_back("text", Value(std::string("grüße")));
  t.emplace_back("bytes", Value(ByteVec{0, 255, 1}));
  t.emplace_back("time", Value(TimestampMs{1'700'000'000'000}));
  t.emplace_back("nothing", Value());
  t.emplace_back("list", Value(ValueList{Value(int32_t{1}), Value(std::string("two"))}));
  ValueMap inner;
  inner.emplace_back("a", Value(ValueMap{}));
  t.emplace_back("map", Value(std::move(inner)));
  return t;
}

ByteVec encoded(const ValueMap& t) {
  ByteVec bytes;
  encode_amqp091_table(t, bytes);
  return bytes;
}

TEST(Amqp091Table, EveryTypeReadsBackAsItWas) {
  ByteVec bytes = encoded(every_type());
  Reader in(bytes);
  ValueMap read;
  ASSERT_TRUE(decode_amqp091_table(in, read));
  EXPECT_EQ(in.remaining(), 0u);
  EXPECT_EQ(read, every_type());
}

TEST(Amqp091Table, GoldenBytes) {
  ValueMap t;
  t.emplace_back("n", Value(int32_t{258}));
  t.emplace_back("s", Value(std::string("ab")));
  EXPECT_EQ(encoded(t), (ByteVec{0, 0, 0, 16, 1, 'n', 'I', 0, 0, 1, 2, 1, 's', 'S', 0, 0, 0, 2, 'a', 'b'}));
}

TEST(Amqp091Table, WhatHasNoTypeBecomesItsNearest) {
  ValueMap t;
  t.emplace_back("big", Value(std::numeric_limits<uint64_t>::max()));
  t.emplace_back("uuid", Value(Uuid{{0x12, 0x34}}));
  t.emplace_back("symbol", Value(Symbol{"s"}));
  ByteVec bytes = encoded(t);
  Reader in(bytes);
  ValueMap read;
  ASSERT_TRUE(decode_amqp091_table(in, read));
  EXPECT_EQ(read[0].second, Value(std::string("18446744073709551615")));
  EXPECT_EQ(read[1].second, Value(std::string("12340000-0000-0000-0000-000000000000")));
  EXPECT_EQ(read[2].second, Value(std::string("s")));
}

TEST(Amqp091Table, TextThatIsNotUtf8IsBytes) {
  ByteVec bytes{0, 0, 0, 8, 1, 'k', 'S', 0, 0, 0, 1, 0xff};
  Reader in(bytes);
  ValueMap read;
  ASSERT_TRUE(decode_amqp091_table(in, read));
  EXPECT_EQ(read[0].second, Value(ByteVec{0xff}));
}

TEST(Amqp091Table, EveryTruncationIsRefused) {
  ByteVec bytes = encoded(every_type());
  for (size_t n = 0; n < bytes.size(); ++n) {
    Reader in(ByteView(bytes).first(n));
    ValueMap read;
    EXPECT_FALSE(decode_amqp091_table(in, read)) << n;
  }
}

ByteVec nested(int levels) {
  ValueMap t;
  for (int i = 1; i < levels; ++i) {
    ValueMap outer;
    outer.emplace_back("t", Value(std::move(t)));
    t = std::move(outer);
  }
  return encoded(t);
}

TEST(Amqp091Table, DepthIsBounded) {
  for (int levels : {kValueDepthMax + 1, kValueDepthMax + 2}) {
    ByteVec bytes = nested(levels);
    Reader in(bytes);
    ValueMap read;
    EXPECT_EQ(decode_amqp091_table(in, read), levels == kValueDepthMax + 1) << levels;
    Amqp091TableWalk walk(ByteView(bytes).subspan(4));
    Amqp091Entry entry;
    EXPECT_EQ(walk.next(entry), levels == kValueDepthMax + 1) << levels;
  }
}

TEST(Amqp091Table, WalkSeesWhatDecodeSees) {
  ByteVec bytes = encoded(every_type());
  Amqp091TableWalk walk(ByteView(bytes).subspan(4));
  Amqp091Entry entry;
  ByteVec again;
  size_t n = 0;
  while (walk.next(entry)) {
    EXPECT_EQ(entry.name, every_type()[n++].first);
    again.insert(again.end(), entry.whole.begin(), entry.whole.end());
    if (entry.name == "text") {
      EXPECT_EQ(entry.text(), "grüße");
    }
  }
  EXPECT_FALSE(walk.corrupt());
  EXPECT_EQ(again, ByteVec(bytes.begin() + 4, bytes.end()));
}

}  // namespace
}  // namespace godwit::model
