#include "model/batch.h"

#include <gtest/gtest.h>

#include "model/native_message.h"

namespace godwit::model {
namespace {

Batch sample() {
  NativeBatchBuilder builder;
  builder.add({.origin = Origin::kAmqp091, .properties = as_bytes("props"), .body = as_bytes("one")});
  builder.add({.origin = Origin::kAmqp091,
               .durable = false,
               .priority = uint8_t{9},
               .expires_at_ms = 1234,
               .deliver_at_ms = 99,
               .key = as_bytes("key"),
               .group = as_bytes("group"),
               .dedup_id = as_bytes("id"),
               .patch = as_bytes("patch"),
               .properties = as_bytes(""),
               .body = as_bytes("two")});
  Batch batch = builder.seal(1000);
  batch.header.base_offset = Offset(40);
  batch.header.append_ms = 1001;
  return batch;
}

ByteVec stored(const Batch& batch) {
  ByteVec bytes;
  Writer out(bytes);
  write_batch_header(out, batch.header);
  out.bytes(batch.payload);
  return bytes;
}

TEST(Batch, ReadsBackWhatWasWritten) {
  Batch batch = sample();
  Result<Batch> read = read_batch(Slice::take(stored(batch)));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->header, batch.header);
  EXPECT_EQ(read->end_offset(), Offset(42));
  EXPECT_EQ(batch.header.flags, kHasExpiry | kHasPriority | kHasGroup | kHasDeliverAt | kHasDedup);

  NativeBatchReader in(read->payload);
  NativeMessage m;
  ASSERT_TRUE(in.next(m));
  EXPECT_EQ(as_string(m.body), "one");
  EXPECT_EQ(as_string(m.properties), "props");
  EXPECT_TRUE(m.durable);
  EXPECT_FALSE(m.priority || m.expires_at_ms || m.key || m.group);
  ASSERT_TRUE(in.next(m));
  EXPECT_EQ(as_string(m.body), "two");
  EXPECT_FALSE(m.durable);
  EXPECT_EQ(m.priority, 9);
  EXPECT_EQ(m.expires_at_ms, 1234);
  EXPECT_EQ(m.deliver_at_ms, 99);
  EXPECT_EQ(as_string(*m.key), "key");
  EXPECT_EQ(as_string(*m.group), "group");
  EXPECT_EQ(as_string(*m.dedup_id), "id");
  EXPECT_EQ(as_string(m.patch), "patch");
  EXPECT_FALSE(in.next(m));
  EXPECT_FALSE(in.corrupt());
}

TEST(Batch, EveryFlippedBitIsFound) {
  ByteVec bytes = stored(sample());
  for (size_t i = 0; i < bytes.size() * 8; ++i) {
    ByteVec bad = bytes;
    bad[i / 8] ^= static_cast<uint8_t>(1 << (i % 8));
    EXPECT_FALSE(read_batch(Slice::take(bad))) << "bit " << i;
  }
}

TEST(Batch, EveryTruncationIsFound) {
  ByteVec bytes = stored(sample());
  for (size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(read_batch(Slice::copy(ByteView(bytes).first(n)))) << n;
}

TEST(NativeBatch, ABodyMayArriveInPieces) {
  NativeBatchBuilder builder;
  builder.begin({.properties = as_bytes("p")}, 4);
  for (uint8_t c : {'b', 'o', 'd', 'y'}) builder.buffer().push_back(c);
  Batch batch = builder.seal(0);
  NativeBatchReader in(batch.payload);
  NativeMessage m;
  ASSERT_TRUE(in.next(m));
  EXPECT_EQ(as_string(m.body), "body");
  EXPECT_TRUE(builder.empty());
}

TEST(NativeBatch, ATruncatedMessageIsCorrupt) {
  Batch batch = sample();
  for (size_t n = 1; n < batch.payload.size(); ++n) {
    NativeBatchReader in(batch.payload.view().first(n));
    NativeMessage m;
    size_t read = 0;
    while (in.next(m)) ++read;
    EXPECT_LT(read, 2u);
  }
}

}  // namespace
}  // namespace godwit::model
