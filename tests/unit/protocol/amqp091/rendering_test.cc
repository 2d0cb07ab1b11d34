#include "protocol/amqp091/rendering.h"

#include <gtest/gtest.h>

#include "base/fields.h"
#include "model/amqp091_content.h"
#include "model/amqp091_properties.h"
#include "model/kafka_message.h"

namespace godwit::protocol::amqp091 {
namespace {

constexpr std::string_view kStored{"\2ex\2rk\x10\0\2", 9};

model::Message seen(const OutgoingMessage& out) {
  ByteVec stored;
  model::join_amqp091_properties(out.exchange, out.routing_key, stored);
  stored.insert(stored.end(), out.properties.begin(), out.properties.end());
  model::Message message;
  EXPECT_TRUE(model::decode_amqp091_properties(stored, message));
  return message;
}

TEST(Rendering, AClientsOwnBytesPassVerbatim) {
  model::NativeMessage message{
      .origin = model::Origin::kAmqp091, .properties = as_bytes(kStored), .body = as_bytes("b")};
  Rendering rendering;
  OutgoingMessage out;
  ASSERT_TRUE(rendering.render(message, {}, out));
  EXPECT_EQ(out.exchange, "ex");
  EXPECT_EQ(out.routing_key, "rk");
  EXPECT_EQ(out.properties.data(), message.properties.data() + 6);
  EXPECT_EQ(out.body.data(), message.body.data());
}

TEST(Rendering, AKafkaRecordGetsPropertiesAndTheTopicAsKey) {
  model::KafkaHeaders headers;
  headers.add("message-id", as_bytes("m1"));
  headers.add("colour", as_bytes("blue"));
  model::KafkaRecord record{.timestamp_ms = 7'000, .key = as_bytes("k"), .value = as_bytes("v")};
  record.header_count = headers.count();
  record.headers = headers.bytes();
  ByteVec properties;
  model::NativeMessage message = model::native_of_kafka_record(record, properties);
  Rendering rendering;
  OutgoingMessage out;
  ASSERT_TRUE(rendering.render(message, {.topic = "flights"}, out));
  EXPECT_EQ(out.routing_key, "flights");
  EXPECT_EQ(out.exchange, "");
  EXPECT_EQ(as_string(out.body), "v");
  model::Message m = seen(out);
  EXPECT_EQ(m.message_id, model::Value(std::string("m1")));
  EXPECT_EQ(m.created_ms, 7'000);
  EXPECT_EQ(m.headers, (model::ValueMap{{"colour", model::Value(std::string("blue"))}}));
}

TEST(Rendering, APatchAndExtrasAreHeaders) {
  model::Patch patch;
  patch.exchange = "dlx";
  patch.deaths.push_back({.queue = "jobs", .reason = "rejected"});
  ByteVec patched;
  encode_fields(patch, patched);
  model::NativeMessage message{
      .origin = model::Origin::kAmqp091, .patch = patched, .properties = as_bytes(kStored), .body = as_bytes("b")};
  Rendering rendering;
  OutgoingMessage out;
  ASSERT_TRUE(rendering.render(message, {.delivery_count = 2, .stream_offset = Offset(9)}, out));
  model::Message m = seen(out);
  EXPECT_EQ(m.to, "dlx");
  EXPECT_EQ(m.subject, "rk");
  std::vector<std::string> names;
  for (const auto& [name, value] : m.headers) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"x-death", "x-first-death-exchange", "x-first-death-queue",
                                             "x-first-death-reason", "x-last-death-exchange", "x-last-death-queue",
                                             "x-last-death-reason", "x-delivery-count", "x-stream-offset"}));
}

TEST(Rendering, DamagedPropertiesAreNotShown) {
  model::NativeMessage message{.origin = model::Origin::kAmqp091, .properties = as_bytes("\x09")};
  Rendering rendering;
  OutgoingMessage out;
  EXPECT_FALSE(rendering.render(message, {}, out));
}

TEST(BatchCursor, GoesOnAndStartsAgain) {
  model::NativeBatchBuilder builder;
  for (const char* body : {"a", "b", "c", "d"}) builder.add({.properties = as_bytes("p"), .body = as_bytes(body)});
  model::Batch batch = builder.seal(0);
  BatchCursor cursor;
  model::NativeMessage message;
  for (uint32_t index : {0u, 2u, 3u, 1u, 1u}) {
    ASSERT_TRUE(cursor.seek(batch, index) && cursor.next(message)) << index;
    EXPECT_EQ(as_string(message.body), std::string(1, static_cast<char>('a' + index)));
  }
  EXPECT_FALSE(cursor.seek(batch, 5));
}

}  // namespace
}  // namespace godwit::protocol::amqp091
