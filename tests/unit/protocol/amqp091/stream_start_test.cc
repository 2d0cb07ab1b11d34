#include "protocol/amqp091/stream_start.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace godwit::protocol::amqp091 {
namespace {

using At = StreamStart::At;
using model::Value;

constexpr int64_t kNowMs = 1'700'000'000'000;

std::optional<StreamStart> start(Value value) { return read_stream_start(value, kNowMs); }
std::optional<StreamStart> start(const char* text) { return start(Value(std::string(text))); }
int64_t age_ms(const std::string& text) { return kNowMs - start(text.c_str()).value().value; }

TEST(StreamStart, Words) {
  EXPECT_EQ(start("first")->at, At::kFirst);
  EXPECT_EQ(start("last")->at, At::kLast);
  EXPECT_EQ(start("next")->at, At::kNext);
}

TEST(StreamStart, AnOffsetIsAnIntegerOfAnyType) {
  EXPECT_EQ(start(Value(uint8_t{7}))->at, At::kOffset);
  EXPECT_EQ(start(Value(uint8_t{7}))->value, 7);
  EXPECT_EQ(start(Value(int64_t{0}))->value, 0);
  EXPECT_EQ(start(Value(uint64_t{1} << 62))->value, int64_t{1} << 62);
  EXPECT_FALSE(start(Value(int8_t{-1})));
  EXPECT_FALSE(start(Value(uint64_t{1} << 63)));
}

TEST(StreamStart, ATimestampIsATime) {
  EXPECT_EQ(start(Value(model::TimestampMs{5'000}))->at, At::kTimestamp);
  EXPECT_EQ(start(Value(model::TimestampMs{5'000}))->value, 5'000);
}

TEST(StreamStart, AnAgeCountsBackFromNow) {
  EXPECT_EQ(start("7D")->at, At::kTimestamp);
  EXPECT_EQ(age_ms("1h30m"), 5'400'000);
  EXPECT_EQ(age_ms("0s"), 0);
  EXPECT_EQ(age_ms("1Y"), 365 * 86'400'000ll);
  EXPECT_EQ(age_ms("1M"), 30 * 86'400'000ll);
  EXPECT_EQ(age_ms("100000s"), 100'000'000);
}

TEST(StreamStart, AnAgeBeyondAllTimesIsTheBeginning) {
  std::string ages;
  for (int i = 0; i < 20'000; ++i) ages += "65535Y";
  for (const std::string& age : {ages, std::string("4294967295Y"), std::string("4294967295Y4294967295Y")}) {
    auto from = start(age.c_str());
    ASSERT_TRUE(from);
    EXPECT_EQ(from->at, At::kTimestamp);
    EXPECT_LT(from->value, 0);
  }
}

TEST(StreamStart, AnythingElseIsRefused) {
  for (const char* bad : {"", "soon", "First", "5", "5d", "h", "-5s", "1h30", "1h 30m", "99999999999s"})
    EXPECT_FALSE(start(bad)) << bad;
  EXPECT_FALSE(start(Value(true)));
  EXPECT_FALSE(start(Value(1.0)));
  EXPECT_FALSE(start(Value(ByteVec{'f', 'i', 'r', 's', 't'})));
  EXPECT_FALSE(start(Value()));
}

}  // namespace
}  // namespace godwit::protocol::amqp091
