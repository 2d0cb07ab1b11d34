#include <gtest/gtest.h>

#include "model/native_message.h"
#include "storage/segment.h"

namespace godwit::storage {
namespace {

TEST(SegmentWriter, StoresBatchesAsTheyAreAndLargePayloadsByReference) {
  SegmentWriter writer("k");
  model::Batch large = model::seal_batch(model::Encoding::kKafka, 0, 5, 9, Slice::take(ByteVec(10'000, 'x')));
  model::Batch small = model::seal_batch(model::Encoding::kKafka, 0, 1, 9, Slice::take(ByteVec(10, 'y')));
  large.header.base_offset = Offset(10);
  small.header.base_offset = Offset(20);
  writer.add(large);
  writer.add(small);
  SegmentRef ref = writer.end_segment();
  EXPECT_EQ(ref.bytes, large.bytes() + small.bytes());
  EXPECT_EQ(ref.end_offset, Offset(21));
  std::vector<Slice> parts = writer.finish();
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[1].data(), large.payload.data());
  ByteVec bytes;
  for (const Slice& part : parts) bytes.insert(bytes.end(), part.view().begin(), part.view().end());
  Slice blob = Slice::take(std::move(bytes));
  EXPECT_EQ(blob.size(), writer.bytes());
  EXPECT_EQ(model::read_batch(blob)->header, large.header);
  EXPECT_EQ(model::read_batch(blob.sub(large.bytes(), small.bytes()))->header, small.header);
  auto index = decode_segment_index(blob.view().subspan(ref.index_position, ref.index_bytes));
  EXPECT_EQ(index.value(), (SegmentIndex{{Offset(10), 0, 9}}));
}

TEST(SegmentWriterDeathTest, OffsetsGrow) {
  SegmentWriter writer("k");
  model::Batch batch = model::seal_batch(model::Encoding::kKafka, 0, 5, 9, Slice::take(ByteVec(10, 'x')));
  writer.add(batch);
  EXPECT_DEATH(writer.add(batch), "0 after 5");
}

}  // namespace
}  // namespace godwit::storage
