#include <gtest/gtest.h>

#include "golden.h"
#include "model/batch.h"
#include "model/native_message.h"

namespace godwit::model {
namespace {

/// The worked example of docs/formats/batch.md: two native messages, one with every field.
TEST(Golden, NativeBatch) {
  NativeBatchBuilder builder;
  builder.add({.origin = Origin::kAmqp091, .properties = as_bytes("p"), .body = as_bytes("one")});
  builder.add({.origin = Origin::kAmqp091,
               .durable = false,
               .priority = uint8_t{9},
               .expires_at_ms = 1'700'000'060'000,
               .deliver_at_ms = 1'700'000'030'000,
               .key = as_bytes("key"),
               .group = as_bytes("group"),
               .dedup_id = as_bytes("id"),
               .patch = as_bytes("patch"),
               .properties = as_bytes("p"),
               .body = as_bytes("two")});
  Batch batch = builder.seal(1'700'000'000'000);
  batch.header.base_offset = Offset(40);
  batch.header.append_ms = 1'700'000'000'005;
  ByteVec written;
  Writer out(written);
  write_batch_header(out, batch.header);
  out.bytes(batch.payload);

  Result<Batch> read = read_batch(Slice::take(golden("batch_native_v1", written)));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->header, batch.header);
  NativeBatchReader in(read->payload);
  NativeMessage message;
  ASSERT_TRUE(in.next(message));
  EXPECT_EQ(as_string(message.body), "one");
  ASSERT_TRUE(in.next(message));
  EXPECT_EQ(message.deliver_at_ms, 1'700'000'030'000);
  EXPECT_EQ(as_string(*message.dedup_id), "id");
  EXPECT_EQ(as_string(message.body), "two");
  EXPECT_FALSE(in.next(message));
  EXPECT_FALSE(in.corrupt());
}

}  // namespace
}  // namespace godwit::model
