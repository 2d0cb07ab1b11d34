#include "admin/message_json.h"

#include <gtest/gtest.h>

#include "model/read_message.h"

namespace godwit::admin {
namespace {

namespace json = boost::json;

TEST(MessageJson, ThereAndBack) {
  json::object from = json::parse(R"({"body":"hello","key":"k","message_id":"m1","content_type":"text/plain",
    "priority":3,"ttl_ms":1000,"headers":{"a":1,"b":"x"},"routing_key":"r"})")
                          .as_object();
  auto published = message_from_json(from, "ex", "", {.wall_ms = 5'000, .boot_ms = 0});
  ASSERT_TRUE(published) << published.error().message;
  EXPECT_EQ(published->routing_key, "r");
  EXPECT_EQ(published->key, "k");
  auto messages = model::BatchMessages::open(published->batch);
  ASSERT_TRUE(messages);
  model::NativeMessage native;
  ASSERT_TRUE(messages->next(native));
  auto out = message_to_json(native, Offset(4), 6'000);
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(out->at("offset"), 4);
  EXPECT_EQ(out->at("body"), "hello");
  EXPECT_EQ(out->at("key"), "k");
  EXPECT_EQ(json::serialize(out->at("headers")), R"({"a":1,"b":"x"})");
  const json::object& properties = out->at("properties").as_object();
  EXPECT_EQ(properties.at("message_id"), "m1");
  EXPECT_EQ(properties.at("content_type"), "text/plain");
  EXPECT_EQ(properties.at("subject"), "r");
  EXPECT_EQ(properties.at("to"), "ex");
  EXPECT_EQ(properties.at("priority"), 3);
  EXPECT_EQ(properties.at("expires_at_ms"), 6'000);
}

TEST(MessageJson, SaysWhatWillNotDo) {
  auto refused = [](const char* text) {
    auto published = message_from_json(json::parse(text).as_object(), "", "", {});
    return published ? std::string("accepted") : published.error().message;
  };
  EXPECT_EQ(refused(R"({"body":5})").substr(0, 5), "body:");
  EXPECT_EQ(refused(R"({"priority":256})").substr(0, 9), "priority:");
  EXPECT_EQ(refused(R"({"headers":[]})").substr(0, 8), "headers:");
  EXPECT_EQ(refused(R"({"body":{"base64":"!"}})").substr(0, 5), "body:");
  EXPECT_EQ(refused(R"({"bdoy":"x"})").substr(0, 37), "it has unknown members; known are: bo");
}

TEST(MessageJson, ATextKeepsItsZeroBytes) {
  json::object from = json::parse(R"({"group":"a\u0000b","routing_key":"r\u0000k"})").as_object();
  auto published = message_from_json(from, "", "", {});
  ASSERT_TRUE(published);
  EXPECT_EQ(published->routing_key, std::string("r\0k", 3));
  model::NativeBatchReader in(published->batch.payload);
  model::NativeMessage native;
  ASSERT_TRUE(in.next(native));
  EXPECT_EQ(as_string(*native.group), std::string_view("a\0b", 3));
}

}  // namespace
}  // namespace godwit::admin
