#include "storage/segment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/native_message.h"
#include "sim/sim_disk.h"
#include "storage/local_blob_store.h"
#include "support/queued_executor.h"

namespace godwit::storage {
namespace {

using testing::HasSubstr;

model::Batch batch_at(int64_t offset, uint32_t count, size_t bytes, int64_t timestamp_ms) {
  model::NativeBatchBuilder builder;
  std::string body(bytes, static_cast<char>('a' + offset % 26));
  for (uint32_t i = 0; i < count; ++i) builder.add({.body = as_bytes(body)});
  model::Batch batch = builder.seal(timestamp_ms);
  batch.header.base_offset = Offset(offset);
  batch.header.append_ms = timestamp_ms + 1;
  return batch;
}

/// Two segments in one blob: a small one, and one of 3,000 batches at even offsets 0, 2, … of about 1 KiB each, every
/// tenth with a timestamp 50 later; at offset 2,000 one batch of 600 KiB.
class SegmentTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store_.open());
    SegmentWriter writer("segment/1");
    writer.add(batch_at(100, 3, 50, 7));
    small_ = writer.end_segment();
    for (int64_t i = 0; i < 3000; ++i)
      writer.add(batch_at(i * 2, 1, i == 1000 ? 600'000 : 1000, i * 10 + (i % 10 == 0 ? 50 : 0)));
    large_ = writer.end_segment();
    uint64_t bytes = writer.bytes();
    store_.put("segment/1", writer.finish(), worker_, [](Result<void> r) { ASSERT_TRUE(r); });
    io_.run(), worker_.run();
    ASSERT_EQ(store_.get_now("segment/1")->size(), bytes);
  }

  Result<std::vector<model::Batch>> wait(Result<std::vector<model::Batch>>& result) {
    result = fail(ErrorCode::kTimeout, "not called");
    gets_ = 0;
    while (io_.waiting() + worker_.waiting() > 0) {
      gets_ += io_.waiting();
      io_.run(), worker_.run();
    }
    return std::move(result);
  }
  Result<std::vector<model::Batch>> read(const SegmentRef& segment, int64_t from, uint64_t bytes_max) {
    Result<std::vector<model::Batch>> result;
    reader_.read(segment, Offset(from), bytes_max, [&](auto r) { result = std::move(r); });
    return wait(result);
  }
  Result<std::vector<model::Batch>> read_at_time(const SegmentRef& segment, int64_t timestamp_ms) {
    Result<std::vector<model::Batch>> result;
    reader_.read_at_time(segment, timestamp_ms, [&](auto r) { result = std::move(r); });
    return wait(result);
  }

  sim::SimDisk disk_{1};
  QueuedExecutor io_, worker_;
  LocalBlobStore store_{disk_, io_};
  SegmentReader reader_{store_, worker_};
  SegmentRef small_, large_;
  size_t gets_ = 0;
};

TEST_F(SegmentTest, TellsWhatIsInIt) {
  EXPECT_EQ(small_.base_offset, Offset(100));
  EXPECT_EQ(small_.end_offset, Offset(103));
  EXPECT_EQ(small_.messages, 3u);
  EXPECT_EQ(small_.max_timestamp_ms, 7);
  EXPECT_EQ(small_.last_append_ms, 8);
  EXPECT_EQ(large_.end_offset, Offset(5999));
  EXPECT_EQ(large_.messages, 3000u);
  EXPECT_EQ(large_.max_timestamp_ms, 29990);
  EXPECT_GT(large_.position, small_.bytes);
  EXPECT_LT(large_.index_bytes, 24u * (large_.bytes / kSegmentIndexInterval + 2) + 16);
}

TEST_F(SegmentTest, ReadsFromAnyOffsetAndTheNextOneInAGap) {
  EXPECT_EQ(read(small_, 0, 1)->front().base_offset(), Offset(100));
  EXPECT_EQ(read(small_, 102, 1)->front().base_offset(), Offset(100));
  EXPECT_TRUE(read(small_, 103, 1)->empty());
  for (int64_t from : {0, 1, 2, 3, 127, 128, 1999, 2000, 2001, 2002, 4321, 5997, 5998}) {
    auto batches = read(large_, from, 1);
    ASSERT_TRUE(batches) << batches.error().message;
    ASSERT_EQ(batches->size(), 1u);
    EXPECT_EQ(batches->front().base_offset(), Offset((from + 1) / 2 * 2)) << from;
  }
  EXPECT_TRUE(read(large_, 5999, 1)->empty());
}

TEST_F(SegmentTest, ReadsAboutAsMuchAsIsAsked) {
  auto batches = read(large_, 3000, 100'000).value();
  size_t bytes = 0;
  for (size_t i = 0; i < batches.size(); ++i) {
    ASSERT_EQ(batches[i].base_offset(), Offset(3000 + 2 * static_cast<int64_t>(i)));
    bytes += batches[i].bytes();
  }
  EXPECT_GE(bytes, 100'000u);
  EXPECT_LT(bytes, 102'000u);
  EXPECT_EQ(gets_, 2u) << "the index, then one piece";
  EXPECT_EQ(read(large_, 3000, 1)->size(), 1u);
  EXPECT_EQ(gets_, 1u) << "the index is remembered";
}

TEST_F(SegmentTest, EveryBatchIsReachedByGoingOn) {
  int64_t next = 0;
  size_t batches = 0;
  while (true) {
    auto piece = read(large_, next, 300'000).value();
    if (piece.empty()) break;
    batches += piece.size();
    next = piece.back().end_offset().value;
  }
  EXPECT_EQ(batches, 3000u);
}

TEST_F(SegmentTest, FindsATimestamp) {
  EXPECT_EQ(read_at_time(large_, 0)->front().base_offset(), Offset(0));
  EXPECT_EQ(read_at_time(large_, 50)->front().base_offset(), Offset(0));
  EXPECT_EQ(read_at_time(large_, 51)->front().base_offset(), Offset(12));
  EXPECT_EQ(read_at_time(large_, 19'945)->front().base_offset(), Offset(3980)) << "batch 1990 is ahead of its time";
  EXPECT_EQ(read_at_time(large_, 29'985)->front().base_offset(), Offset(5998));
  EXPECT_TRUE(read_at_time(large_, 29'991)->empty());
}

TEST_F(SegmentTest, DamageIsFoundAndNamed) {
  disk_.flip_bit("blobs/segment/1", large_.position + 500, 1);
  auto payload = read(large_, 0, 1);
  ASSERT_FALSE(payload);
  EXPECT_EQ(payload.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(payload.error().message, HasSubstr("blob segment/1 at offset"));
  EXPECT_TRUE(read(large_, 4000, 1)) << "what lies elsewhere is read";

  SegmentReader fresh(store_, worker_);
  disk_.flip_bit("blobs/segment/1", large_.index_position + 20, 1);
  Result<std::vector<model::Batch>> result;
  fresh.read(large_, Offset(4000), 1, [&](auto r) { result = std::move(r); });
  EXPECT_THAT(wait(result).error().message, HasSubstr("segment index fails its check"));
}

TEST_F(SegmentTest, ABlobCutShortOrGoneIsNamed) {
  SegmentRef longer = small_;
  longer.position = large_.index_position;
  longer.bytes = 200'000;
  EXPECT_THAT(read(longer, 100, 1).error().message, HasSubstr("the blob ends before its segment"));
  SegmentRef gone = small_;
  gone.blob = "segment/2";
  EXPECT_EQ(read(gone, 100, 1).error().code, ErrorCode::kNotFound);
}

TEST_F(SegmentTest, AReadMayOutliveItsReader) {
  auto reader = std::make_unique<SegmentReader>(store_, worker_);
  Result<std::vector<model::Batch>> result;
  reader->read(large_, Offset(4000), 1, [&](auto r) { result = std::move(r); });
  reader.reset();
  EXPECT_EQ(wait(result)->size(), 1u);
}

}  // namespace
}  // namespace godwit::storage
