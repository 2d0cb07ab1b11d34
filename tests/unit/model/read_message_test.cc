#include "model/read_message.h"

#include <gtest/gtest.h>

#include "base/fields.h"
#include "model/amqp091_properties.h"
#include "model/kafka_message.h"

namespace godwit::model {
namespace {

TEST(ReadMessage, TheEnginesFieldsWinOverTheProperties) {
  Message written;
  written.subject = "a.b";
  written.to = "exchange";
  written.content_type = "text/plain";
  ByteVec properties;
  encode_amqp091_properties(written, 0, properties);
  NativeMessage native{.origin = Origin::kAmqp091,
                       .durable = false,
                       .priority = uint8_t{4},
                       .expires_at_ms = 9000,
                       .key = as_bytes("k"),
                       .group = as_bytes("g"),
                       .properties = properties,
                       .body = as_bytes("body")};
  Result<Message> m = read_message(native);
  ASSERT_TRUE(m) << m.error().message;
  EXPECT_EQ(m->origin, Origin::kAmqp091);
  EXPECT_EQ(as_string(m->body), "body");
  EXPECT_EQ(m->subject, "a.b");
  EXPECT_EQ(m->content_type, "text/plain");
  EXPECT_FALSE(m->durable);
  EXPECT_EQ(m->priority, 4);
  EXPECT_EQ(m->expires_at_ms, 9000);
  EXPECT_EQ(m->group, "g");
  EXPECT_EQ(as_string(*m->key), "k");
}

TEST(ReadMessage, APatchReplacesRouteAndExpiry) {
  Patch patch;
  patch.exchange = "dlx";
  patch.routing_key = "dead";
  patch.drop_expiration = true;
  patch.deaths.push_back({.queue = "q", .reason = "expired"});
  ByteVec bytes;
  encode_fields(patch, bytes);
  NativeMessage native{.expires_at_ms = 1, .patch = bytes, .body = as_bytes("x")};
  Result<Message> m = read_message(native);
  ASSERT_TRUE(m);
  EXPECT_EQ(m->to, "dlx");
  EXPECT_EQ(m->subject, "dead");
  EXPECT_FALSE(m->expires_at_ms);
  ASSERT_TRUE(read_patch(native));
  EXPECT_EQ(read_patch(native)->deaths.at(0).reason, "expired");
}

TEST(ReadMessage, MalformedPropertiesAreCorrupt) {
  NativeMessage native{.origin = Origin::kAmqp091, .properties = as_bytes("\xff")};
  EXPECT_EQ(read_message(native).error().code, ErrorCode::kCorrupt);
}

TEST(BatchMessages, AKafkaBatchWalksLikeANativeOne) {
  KafkaBatchBuilder builder;
  KafkaHeaders headers;
  headers.add("content-type", as_bytes("text/plain"));
  for (int i = 0; i < 3; ++i)
    builder.add({.timestamp_ms = 1000 + i,
                 .key = as_bytes("k"),
                 .value = as_bytes("v"),
                 .header_count = headers.count(),
                 .headers = headers.bytes()});
  Slice payload = Slice::take(builder.finish(Compression::kLz4).value());
  Batch batch = seal_batch(Encoding::kKafka, 0, 3, 1002, payload);
  Result<BatchMessages> walk = BatchMessages::open(batch);
  ASSERT_TRUE(walk);
  ASSERT_TRUE(walk->skip(1));
  NativeMessage native;
  ASSERT_TRUE(walk->next(native));
  Result<Message> m = read_message(native);
  ASSERT_TRUE(m);
  EXPECT_EQ(m->created_ms, 1001);
  EXPECT_EQ(m->content_type, "text/plain");
  EXPECT_EQ(m->group, "k");
  ASSERT_TRUE(walk->next(native));
  EXPECT_FALSE(walk->next(native));
  EXPECT_FALSE(walk->corrupt());
}

TEST(BatchMessages, ANativeBatchIsWalkedAsItIs) {
  NativeBatchBuilder builder;
  builder.add({.body = as_bytes("one")});
  builder.add({.body = as_bytes("two")});
  Result<BatchMessages> walk = BatchMessages::open(builder.seal(5));
  ASSERT_TRUE(walk);
  NativeMessage native;
  ASSERT_TRUE(walk->skip(1));
  ASSERT_TRUE(walk->next(native));
  EXPECT_EQ(as_string(native.body), "two");
  EXPECT_FALSE(walk->skip(1));
}

}  // namespace
}  // namespace godwit::model
