#include "storage/partition_log.h"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/native_message.h"

namespace godwit::storage {
namespace {

constexpr uint64_t kNoLsn = std::numeric_limits<uint64_t>::max();

model::Batch batch(int64_t base, uint32_t count, size_t body_bytes = 10) {
  model::NativeBatchBuilder builder;
  for (uint32_t i = 0; i < count; ++i) builder.add({.body = ByteVec(body_bytes)});
  model::Batch sealed = builder.seal(0);
  sealed.header.base_offset = Offset(base);
  return sealed;
}

SegmentRef segment(int64_t base, int64_t end) {
  return {.blob = std::to_string(base), .base_offset = Offset(base), .end_offset = Offset(end), .bytes = 100};
}

class PartitionLogTest : public testing::Test {
 protected:
  /// The base offsets of what a read gives.
  std::vector<int64_t> read(int64_t from, int64_t end, uint64_t bytes_max = 1'000'000) {
    std::vector<model::Batch> batches;
    log_.read(Offset(from), Offset(end), bytes_max, batches);
    std::vector<int64_t> bases;
    for (const model::Batch& b : batches) bases.push_back(b.base_offset().value);
    return bases;
  }
  int64_t found(int64_t offset) {
    const model::Batch* b = log_.find(Offset(offset));
    return b ? b->base_offset().value : -1;
  }
  /// Batches of ten at 0, 10, 20 with lsn 1, 2, 3, needed by `queues` queues.
  void fill(uint64_t queues = 1, bool keep = false) {
    for (int64_t i = 0; i < 3; ++i) log_.append(batch(i * 10, 10), static_cast<uint64_t>(i) + 1, queues * 10, keep);
  }

  PartitionLog log_;
};

using Bases = std::vector<int64_t>;

TEST_F(PartitionLogTest, ABatchNobodyNeedsIsNotHeld) {
  log_.append(batch(0, 10), 1, 0, false);
  EXPECT_EQ(log_.memory_bytes(), 0u);
  EXPECT_EQ(found(0), -1);
  EXPECT_EQ(log_.oldest_lsn(), kNoLsn);
  EXPECT_EQ(log_.first(Offset(10)), Offset(10));
}

TEST_F(PartitionLogTest, FindsTheBatchOfAnOffset) {
  fill();
  EXPECT_EQ(found(-1), -1);
  EXPECT_EQ(found(0), 0);
  EXPECT_EQ(found(9), 0);
  EXPECT_EQ(found(10), 10);
  EXPECT_EQ(found(29), 20);
  EXPECT_EQ(found(30), -1);
}

TEST_F(PartitionLogTest, ReadsWholeBatchesUpToTheDurableEnd) {
  fill();
  EXPECT_EQ(read(0, 30), (Bases{0, 10, 20}));
  EXPECT_EQ(read(15, 30), (Bases{10, 20}));
  EXPECT_EQ(read(0, 29), (Bases{0, 10}));  // the last one is not durable yet
  EXPECT_EQ(read(30, 30), Bases{});
  EXPECT_EQ(read(0, 30, 1), Bases{0});  // at least one
  EXPECT_EQ(read(0, 30, 2 * batch(0, 10).bytes()), (Bases{0, 10}));
}

TEST_F(PartitionLogTest, TheLastOfAllQueuesFreesABatch) {
  fill(2);
  uint64_t held = log_.memory_bytes();
  EXPECT_EQ(log_.settle(Offset(0), Offset(30)), 0u);
  EXPECT_EQ(log_.settle(Offset(0), Offset(5)), 0u);
  EXPECT_EQ(log_.settle(Offset(5), Offset(15)), held / 3);
  EXPECT_EQ(found(0), -1);
  EXPECT_EQ(found(10), 10);
  EXPECT_EQ(log_.memory_bytes(), held - held / 3);
  EXPECT_EQ(log_.first(Offset(30)), Offset(10));
  EXPECT_EQ(log_.oldest_lsn(), 2u);
}

TEST_F(PartitionLogTest, AHoleInTheMiddleIsReadOver) {
  fill();
  log_.settle(Offset(10), Offset(20));
  EXPECT_EQ(read(0, 30), (Bases{0, 20}));
  EXPECT_EQ(read(10, 30), Bases{20});
  EXPECT_EQ(found(15), -1);
  EXPECT_EQ(log_.settle(Offset(10), Offset(20)), 0u);  // freed once
  log_.settle(Offset(0), Offset(10));
  EXPECT_EQ(log_.first(Offset(30)), Offset(20));
}

TEST_F(PartitionLogTest, WhatReadersNeedStaysThoughAllIsSettled) {
  fill(1, true);
  EXPECT_EQ(log_.settle(Offset(0), Offset(30)), 0u);
  EXPECT_EQ(read(0, 30), (Bases{0, 10, 20}));
}

TEST_F(PartitionLogTest, AQueueThatAttachesIsWaitedFor) {
  fill();
  log_.add_live(Offset(10), Offset(30), 1);
  EXPECT_GT(log_.settle(Offset(0), Offset(30)), 0u);
  EXPECT_EQ(read(0, 30), (Bases{10, 20}));
  log_.add_live(Offset(15), Offset(30), -1);
  EXPECT_EQ(read(0, 30), Bases{10});  // five of its messages are still needed
  log_.add_live(Offset(10), Offset(15), -1);
  EXPECT_EQ(log_.memory_bytes(), 0u);
}

TEST_F(PartitionLogTest, TrimDropsWhatEndsBeforeTheStart) {
  log_.restore_segments({segment(-20, -10), segment(-10, 0)});
  fill(1, true);
  std::vector<SegmentRef> dead;
  EXPECT_EQ(log_.trim(Offset(-10), dead), 0u);
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].base_offset, Offset(-20));
  uint64_t freed = log_.trim(Offset(19), dead);
  EXPECT_EQ(dead.size(), 2u);
  EXPECT_EQ(freed, batch(0, 10).bytes());
  EXPECT_EQ(log_.first(Offset(30)), Offset(10));  // holds the start
}

TEST_F(PartitionLogTest, ACheckpointTakesWhatIsNeededAndDropsTheRest) {
  fill(1);
  log_.settle(Offset(10), Offset(20));
  std::vector<model::Batch> needed = log_.needed(2);
  ASSERT_EQ(needed.size(), 1u);
  EXPECT_EQ(needed[0].base_offset(), Offset(0));
  uint64_t freed = log_.replace(2, {segment(0, 10)});
  EXPECT_EQ(freed, needed[0].bytes());
  EXPECT_EQ(read(0, 30), Bases{});  // its segment is to be read first
  ASSERT_TRUE(log_.segment_for(Offset(5)));
  EXPECT_EQ(log_.segment_for(Offset(10)), nullptr);
  EXPECT_EQ(read(10, 30), Bases{20});
  EXPECT_EQ(log_.oldest_lsn(), 3u);
  EXPECT_EQ(log_.bytes(), 100 + log_.memory_bytes());
}

TEST_F(PartitionLogTest, ASegmentIsFoundForAnOffsetInTheGapBeforeIt) {
  log_.restore_segments({segment(0, 10), segment(50, 60)});
  EXPECT_EQ(log_.segment_for(Offset(20))->base_offset, Offset(50));
  EXPECT_EQ(log_.segment_for(Offset(60)), nullptr);
}

TEST_F(PartitionLogTest, PiecesAreWalkedFromTheOldest) {
  log_.restore_segments({segment(-10, 0)});
  fill();
  log_.settle(Offset(10), Offset(20));
  Bases bases;
  uint64_t bytes = 0;
  log_.for_each_piece([&](Offset base, Offset, uint64_t size, int64_t, int64_t) {
    bases.push_back(base.value);
    bytes += size;
  });
  EXPECT_EQ(bases, (Bases{-10, 0, 20}));
  EXPECT_EQ(bytes, log_.bytes());
}

TEST_F(PartitionLogTest, BatchesComeInOrder) {
  fill();
  EXPECT_DEATH(log_.append(batch(29, 1), 4, 1, false), "CHECK failed");
}

}  // namespace
}  // namespace godwit::storage
