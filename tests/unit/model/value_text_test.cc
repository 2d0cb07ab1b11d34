#include "model/value_text.h"

#include <gtest/gtest.h>

namespace godwit::model {
namespace {

TEST(ValueText, FollowsTheTable) {
  EXPECT_EQ(value_text(Value(Decimal{2, -5})), "-0.05");
  EXPECT_EQ(value_text(Value(Decimal{0, 12})), "12");
  EXPECT_EQ(value_text(Value(TimestampMs{1500})), "1500");
  EXPECT_EQ(value_text(Value(1.5f)), "1.5");
  EXPECT_EQ(value_text(Value(uint64_t{18446744073709551615u})), "18446744073709551615");
  EXPECT_EQ(value_text(Value(Uuid{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}})),
            "00010203-0405-0607-0809-0a0b0c0d0e0f");
  EXPECT_EQ(value_text(Value(ValueMap{{"a", Value()}, {"b", Value(ValueMap{})}})), R"({"a":null,"b":{}})");
  EXPECT_FALSE(value_text(Value()));
}

}  // namespace
}  // namespace godwit::model
