#include "storage/read_ahead.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/native_message.h"
#include "sim/sim_disk.h"
#include "storage/local_blob_store.h"
#include "support/queued_executor.h"

namespace godwit::storage {
namespace {

model::Batch batch_at(int64_t offset) {
  model::NativeBatchBuilder builder;
  std::string body(50'000, static_cast<char>('a' + offset % 26));
  builder.add({.body = as_bytes(body)});
  model::Batch batch = builder.seal(offset);
  batch.header.base_offset = Offset(offset);
  return batch;
}

/// A segment of 100 batches of 50 kB, read through a reader whose blob reads run when the test says so.
class ReadAheadTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store_.open());
    SegmentWriter writer("segment/1");
    for (int64_t i = 0; i < 100; ++i) writer.add(batch_at(i));
    segment_ = writer.end_segment();
    store_.put("segment/1", writer.finish(), worker_, [](Result<void> r) { ASSERT_TRUE(r); });
    settle();
  }

  void settle() {
    while (reads_.waiting() + worker_.waiting() > 0) reads_.run(), worker_.run();
  }

  /// Reads a quarter of a MiB from `from` on; the offset behind what came. -1: an error, 0: no answer.
  int64_t read(int64_t from, bool with_disk = true) {
    next_ = 0;
    reader_.read(segment_, Offset(from), 256_KiB, [this, from](Result<std::vector<model::Batch>> batches) {
      EXPECT_TRUE(!batches || batches->front().base_offset() == Offset(from));
      next_ = batches ? batches->back().end_offset().value : -1;
    });
    with_disk ? settle() : (void)worker_.run();
    return next_;
  }

  int64_t next_ = 0;
  sim::SimDisk disk_{1};
  QueuedExecutor reads_, worker_;
  LocalBlobStore store_{disk_, reads_};
  SegmentReader reader_{store_, worker_};
  SegmentRef segment_;
};

TEST_F(ReadAheadTest, TheThirdReadInARowFindsItsBytes) {
  int64_t second = read(0);
  ASSERT_GT(second, 0);
  int64_t third = read(second);
  EXPECT_GT(read(third, false), third) << "without the disk";
  EXPECT_EQ(read(third, false), 0) << "nobody left off there";
  settle();
}

TEST_F(ReadAheadTest, ReadsTheWholeSegmentOnce) {
  int64_t next = 0;
  while (next < 100) {
    int64_t after = read(next);
    ASSERT_GT(after, next);
    next = after;
  }
  EXPECT_EQ(next, 100);
  EXPECT_EQ(reads_.waiting(), 0u);
}

TEST_F(ReadAheadTest, WhoComesBackBeforeTheBytesWaitsForThem) {
  int64_t second = read(0);
  int64_t third = 0, fourth = 0;
  reader_.read(segment_, Offset(second), 256_KiB, [&](auto batches) {
    third = batches->back().end_offset().value;
    reader_.read(segment_, Offset(third), 256_KiB, [&](auto more) { fourth = more->back().end_offset().value; });
  });
  reads_.run(), worker_.run();
  EXPECT_GT(third, second);
  EXPECT_EQ(reads_.waiting(), 1u) << "one read for both: ahead, and asked for";
  reads_.run(), worker_.run();
  EXPECT_GT(fourth, third);
}

TEST_F(ReadAheadTest, AFailedReadAheadIsNoError) {
  int64_t second = read(0);
  int64_t third = 0;
  reader_.read(segment_, Offset(second), 256_KiB, [&](auto batches) { third = batches->back().end_offset().value; });
  reads_.run(), worker_.run();
  disk_.fail_next_read();
  settle();
  EXPECT_GT(read(third), third);
}

TEST_F(ReadAheadTest, KeepsTheNewestPiecesOnly) {
  ReadAhead ahead;
  for (int64_t i = 0; i < 40; ++i)
    ahead.leave(segment_, Offset(i), static_cast<uint64_t>(i), true, 1000, store_, worker_);
  settle();
  for (int64_t i = 0; i < 40; ++i) {
    auto place = ahead.take(segment_, Offset(i));
    EXPECT_EQ(place.has_value(), i >= 8) << i;
    if (!place) continue;
    EXPECT_EQ(place->position, static_cast<uint64_t>(i));
    EXPECT_EQ(place->piece != nullptr, i >= 36) << i;
  }
  EXPECT_FALSE(ahead.take(segment_, Offset(39))) << "taken once";
  SegmentRef other = segment_;
  other.blob = "segment/2";
  ahead.leave(segment_, Offset(1), 1, false, 1000, store_, worker_);
  EXPECT_FALSE(ahead.take(other, Offset(1)));
}

}  // namespace
}  // namespace godwit::storage
