#include "broker/snapshot_blobs.h"

#include <gmock/gmock.h>

namespace godwit::broker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SnapshotBlobsTest : public testing::Test {
 protected:
  void add(uint16_t shard, const std::string& blob, uint64_t bytes, uint64_t blob_bytes) {
    blobs_.add({ShardId(shard), blob, 0, bytes, 1}, blob_bytes);
  }
  std::vector<ShardId> to_move(uint16_t anew) {
    return blobs_.to_move([anew](ShardId shard) { return shard == ShardId(anew); });
  }

 private:
  SnapshotBlobs blobs_;
};

TEST_F(SnapshotBlobsTest, WhatIsLeftOfABlobMovesWhenMoreThanHalfOfItIsDead) {
  add(1, "a", 10, 100);
  add(2, "a", 30, 100);
  add(3, "a", 60, 100);
  EXPECT_THAT(to_move(3), ElementsAre(ShardId(1), ShardId(2)));
  EXPECT_THAT(to_move(2), IsEmpty());
  EXPECT_THAT(to_move(9), IsEmpty());
}

TEST_F(SnapshotBlobsTest, AShardsEarlierPlaceDoesNotCount) {
  add(1, "a", 10, 100);
  add(2, "a", 90, 100);
  add(2, "b", 90, 90);
  EXPECT_THAT(to_move(9), ElementsAre(ShardId(1)));
  add(1, "c", 10, 10);
  EXPECT_THAT(to_move(9), IsEmpty());
  EXPECT_THAT(to_move(2), IsEmpty());
}

}  // namespace
}  // namespace godwit::broker
