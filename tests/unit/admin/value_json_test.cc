#include <limits>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "admin/message_json.h"
#include "base/limits.h"

namespace godwit::admin {
namespace {

namespace json = boost::json;
using model::Value;

std::string shown(const Value& value) { return json::serialize(value_to_json(value)); }

TEST(ValueJson, KeepsTypesThatJsonHasNot) {
  model::ValueMap map{{"n", Value(int32_t{5})}, {"t", Value(model::TimestampMs{7})}};
  EXPECT_EQ(shown(Value(map)), R"({"n":5,"t":{"timestamp_ms":7}})");
  EXPECT_EQ(shown(Value(ByteVec{0xff})), R"({"base64":"/w=="})");
  EXPECT_EQ(shown(Value(std::string("\xff"))), R"({"base64":"/w=="})");
  EXPECT_EQ(shown(Value(model::Symbol{"s"})), R"({"symbol":"s"})");
  EXPECT_EQ(shown(Value(model::Decimal{2, -150})), R"({"decimal":"-1.50"})");
  EXPECT_EQ(shown(Value(model::Uuid{})), R"({"uuid":"00000000-0000-0000-0000-000000000000"})");
}

TEST(ValueJson, NumbersAtTheirEnds) {
  EXPECT_EQ(shown(Value(int8_t{-128})), "-128");
  EXPECT_EQ(shown(Value(uint8_t{255})), "255");
  EXPECT_EQ(shown(Value(std::numeric_limits<int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(shown(Value(std::numeric_limits<uint64_t>::max())), "18446744073709551615");
}

TEST(ValueJson, ANumberThatJsonHasNotIsStillJson) {
  for (double odd : {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                     std::numeric_limits<double>::quiet_NaN()}) {
    boost::system::error_code error;
    json::value back = json::parse(shown(Value(odd)), error);
    EXPECT_FALSE(error) << shown(Value(odd));
    EXPECT_TRUE(back.is_object()) << shown(Value(odd));
  }
  EXPECT_EQ(shown(Value(-std::numeric_limits<float>::infinity())), R"({"double":"-inf"})");
}

TEST(ValueJson, ReadsWhatItWrites) {
  for (const char* text : {"null", "true", "5", "2.5", R"("x")", R"([1,"a"])", R"({"a":{"b":1}})",
                           R"({"base64":"AAE="})", R"({"timestamp_ms":9})", "18446744073709551615"}) {
    auto value = value_from_json(json::parse(text));
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(json::serialize(value_to_json(*value)), json::serialize(json::parse(text)));
  }
}

TEST(ValueJson, OnlyOneMemberNamesAType) {
  auto two = value_from_json(json::parse(R"({"base64":"AAE=","other":1})"));
  ASSERT_TRUE(two);
  EXPECT_TRUE(std::holds_alternative<model::ValueMap>(two->v));
  EXPECT_EQ(value_from_json(json::parse(R"({"base64":"!"})")).error().code, ErrorCode::kInvalidArgument);
}

TEST(ValueJson, DepthHasItsLimit) {
  json::parse_options options;
  options.max_depth = 100;
  auto nested = [&](size_t levels, char open, const std::string& close) {
    std::string text;
    for (size_t i = 0; i < levels; ++i) text += open == '[' ? "[" : R"({"a":)";
    text += "1";
    for (size_t i = 0; i < levels; ++i) text += close;
    return value_from_json(json::parse(text, {}, options));
  };
  EXPECT_TRUE(nested(kValueDepthMax, '[', "]"));
  EXPECT_FALSE(nested(kValueDepthMax + 1, '[', "]"));
  EXPECT_TRUE(nested(kValueDepthMax, '{', "}"));
  EXPECT_FALSE(nested(kValueDepthMax + 1, '{', "}"));
}

}  // namespace
}  // namespace godwit::admin
