#include "model/native_message.h"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace godwit::model {
namespace {

NativeMessage full() {
  return {.origin = Origin::kKafka,
          .durable = false,
          .priority = uint8_t{0},
          .expires_at_ms = std::numeric_limits<int64_t>::max(),
          .deliver_at_ms = std::numeric_limits<int64_t>::min(),
          .key = as_bytes(""),
          .group = as_bytes("g"),
          .dedup_id = as_bytes("d"),
          .patch = as_bytes("patch"),
          .properties = as_bytes("properties"),
          .body = as_bytes("body")};
}

std::string text(ByteView bytes) { return std::string(as_string(bytes)); }

ByteVec payload_of(const NativeMessage& m) {
  NativeBatchBuilder builder;
  builder.add(m);
  return builder.buffer();
}

TEST(NativeMessage, EveryFieldAndBack) {
  NativeBatchBuilder builder;
  builder.add(full());
  Batch batch = builder.seal(7);
  EXPECT_EQ(batch.header.max_timestamp_ms, 7);
  EXPECT_EQ(batch.header.flags, kHasExpiry | kHasPriority | kHasGroup | kHasDeliverAt | kHasDedup);
  NativeBatchReader in(batch.payload);
  NativeMessage m;
  ASSERT_TRUE(in.next(m));
  EXPECT_EQ(m.origin, Origin::kKafka);
  EXPECT_FALSE(m.durable);
  EXPECT_EQ(m.priority, 0);  // present, though it is zero
  EXPECT_EQ(m.expires_at_ms, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(m.deliver_at_ms, std::numeric_limits<int64_t>::min());
  ASSERT_TRUE(m.key);  // present, though it is empty
  EXPECT_TRUE(m.key->empty());
  EXPECT_EQ(text(*m.group), "g");
  EXPECT_EQ(text(*m.dedup_id), "d");
  EXPECT_EQ(text(m.patch), "patch");
  EXPECT_EQ(text(m.properties), "properties");
  EXPECT_EQ(text(m.body), "body");
  EXPECT_FALSE(in.next(m));
  EXPECT_FALSE(in.corrupt());
}

TEST(NativeMessage, WhatIsAbsentStaysAbsent) {
  ByteVec payload = payload_of({});
  NativeBatchReader in(payload);
  NativeMessage m = full();
  ASSERT_TRUE(in.next(m));
  EXPECT_TRUE(m.durable);
  EXPECT_FALSE(m.priority || m.expires_at_ms || m.deliver_at_ms || m.key || m.group || m.dedup_id);
  EXPECT_TRUE(m.patch.empty() && m.properties.empty() && m.body.empty());
}

TEST(NativeMessage, ABodyMayBeAppendedInPieces) {
  NativeBatchBuilder builder;
  builder.begin({.properties = as_bytes("p")}, 4);
  for (uint8_t byte : {'b', 'o', 'd', 'y'}) builder.buffer().push_back(byte);
  builder.add({.body = as_bytes("next")});
  Batch batch = builder.seal(0);
  NativeBatchReader in(batch.payload);
  NativeMessage m;
  ASSERT_TRUE(in.next(m));
  EXPECT_EQ(text(m.body), "body");
  ASSERT_TRUE(in.next(m));
  EXPECT_EQ(text(m.body), "next");
}

TEST(NativeMessage, ASealedBuilderStartsAfresh) {
  NativeBatchBuilder builder;
  builder.add(full());
  builder.seal(0);
  EXPECT_TRUE(builder.empty());
  builder.add({.body = as_bytes("x")});
  Batch second = builder.seal(0);
  EXPECT_EQ(second.header.count, 1u);
  EXPECT_EQ(second.header.flags, 0);
}

TEST(NativeMessage, SkippingLooksAtNothingInside) {
  ByteVec payload{2, 0, 0, 0, 0xff, 0xff};  // no message, yet a length that holds
  ByteVec second = payload_of({.body = as_bytes("x")});
  payload.insert(payload.end(), second.begin(), second.end());
  NativeBatchReader in(payload);
  NativeMessage m;
  ASSERT_TRUE(in.skip());
  ASSERT_TRUE(in.next(m));
  EXPECT_EQ(text(m.body), "x");
  EXPECT_FALSE(in.skip());
  EXPECT_FALSE(in.corrupt());
}

TEST(NativeMessage, EveryTruncationIsCorrupt) {
  ByteVec payload = payload_of(full());
  for (size_t n = 1; n < payload.size(); ++n) {
    NativeMessage m;
    NativeBatchReader reading(ByteView(payload).first(n)), skipping(ByteView(payload).first(n));
    EXPECT_FALSE(reading.next(m) || skipping.skip()) << n;
    EXPECT_TRUE(reading.corrupt() && skipping.corrupt()) << n;
  }
}

TEST(NativeMessage, AFieldBeyondItsMessageIsCorruptAndEndsTheWalk) {
  ByteVec payload = payload_of({.properties = as_bytes("abc")});
  ByteVec second = payload_of({.body = as_bytes("second")});
  payload[8] = 100;  // the length of the properties
  payload.insert(payload.end(), second.begin(), second.end());
  NativeBatchReader in(payload);
  NativeMessage m;
  EXPECT_FALSE(in.next(m));
  EXPECT_TRUE(in.corrupt());
  EXPECT_FALSE(in.next(m));
}

}  // namespace
}  // namespace godwit::model
