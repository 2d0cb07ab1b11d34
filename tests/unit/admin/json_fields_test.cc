#include "admin/json_fields.h"

#include <gtest/gtest.h>

namespace godwit::admin {
namespace {

namespace json = boost::json;

/// What is said of `text` when it is read as {name, count, limit?, on, kind}.
std::string refusal(std::string_view text) {
  json::object object = json::parse(text).as_object();
  JsonFields in(object);
  std::string name;
  std::optional<std::string> alias;
  uint8_t count = 0;
  std::optional<uint32_t> limit;
  bool on = false;
  int kind = 0;
  in.text("name", name);
  in.text("alias", alias);
  in.number("count", count, 1, 255);
  in.number("limit", limit, 0, UINT32_MAX);
  in.flag("on", on);
  in.choice<int>("kind", kind, {{"a", 1}, {"b", 2}});
  auto done = in.done();
  return done ? "" : done.error().message;
}

TEST(JsonFields, WhatIsLeftOutStaysAsItWas) {
  json::object object;
  JsonFields in(object);
  int number = 7;
  std::optional<int> optional;
  std::string text = "before";
  in.number("number", number, 0, 1);
  in.number("optional", optional, 0, 1);
  in.text("text", text);
  EXPECT_TRUE(in.done());
  EXPECT_EQ(number, 7);
  EXPECT_FALSE(optional);
  EXPECT_EQ(text, "before");
}

TEST(JsonFields, RangesAreInclusive) {
  EXPECT_EQ(refusal(R"({"count":1,"limit":4294967295})"), "");
  EXPECT_EQ(refusal(R"({"count":255,"limit":0})"), "");
  EXPECT_EQ(refusal(R"({"count":256})"), "count: expected a whole number from 1 to 255");
  for (const char* bad : {"0", "-1", "1.0", "\"1\"", "null", "18446744073709551615", "true"})
    EXPECT_NE(refusal(std::string(R"({"count":)") + bad + "}"), "") << bad;
  EXPECT_NE(refusal(R"({"limit":4294967296})"), "");
}

TEST(JsonFields, TheFirstThatWillNotDoIsNamed) {
  EXPECT_EQ(refusal(R"({"on":1,"name":2,"kind":"c"})"), "name: expected a text");
  EXPECT_EQ(refusal(R"({"on":1})"), "on: expected true or false");
  EXPECT_EQ(refusal(R"({"kind":"c"})"), "kind: expected one of a, b");
  EXPECT_EQ(refusal(R"({"kind":["a"]})"), "kind: expected one of a, b");
}

TEST(JsonFields, AMisspeltNameIsRefusedWithTheKnownOnes) {
  EXPECT_EQ(refusal(R"({"cuont":1})"), "it has unknown members; known are: name, alias, count, limit, on, kind");
  EXPECT_EQ(refusal(R"({"alias":"x","limit":1,"limits":1})"),
            "it has unknown members; known are: name, alias, count, limit, on, kind");
}

}  // namespace
}  // namespace godwit::admin
