#include "broker/shard_image.h"

#include "base/crc32c.h"
#include "model/placement.h"
#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using broker::encode_shard_image;
using broker::restore_shard_image;

class ShardImageTest : public Scenario {
 protected:
  ShardImageTest() {
    declare("q");
    send("q", {"a", "b", "c"});
    EXPECT_EQ(receive("q", 1).size(), 1u);
    shard_ = model::shard_of(partition("q"));
  }
  broker::Worker& worker() { return world.broker().worker(WorkerId(0)); }
  ByteVec image() { return encode_shard_image(worker(), *worker().stage().find(shard_), {}); }
  /// Restores into a broker that has nothing of the shard.
  ErrorCode code(ByteView bytes) {
    sim::World fresh({.seed = 2});
    EXPECT_TRUE(fresh.start());
    auto restored = restore_shard_image(fresh.broker().worker(WorkerId(0)), shard_, bytes, 7);
    return restored ? ErrorCode::kAlreadyExists : restored.error().code;
  }

  ShardId shard_;
};

TEST_F(ShardImageTest, HoldsTheFactsAndWhereTheMessagesAre) {
  std::map<PartitionId, std::vector<storage::SegmentRef>> written;
  written[partition("q")] = {{.blob = "one", .base_offset = Offset(0), .end_offset = Offset(2)},
                             {.blob = "two", .base_offset = Offset(2), .end_offset = Offset(3)}};
  broker::Stage::OwnedShard& owner = *worker().stage().find(shard_);
  owner.dirty = true;
  ByteVec bytes = encode_shard_image(worker(), owner, broker::segments_of_dirty(worker(), written)[shard_]);
  sim::World other({.seed = 2});
  ASSERT_TRUE(other.start());
  broker::Worker& there = other.broker().worker(WorkerId(0));
  auto segments = restore_shard_image(there, shard_, bytes, owner.shard.seq());
  ASSERT_TRUE(segments) << segments.error().message;
  EXPECT_TRUE(there.stage().find(shard_)->shard.same_facts(owner.shard));
  ASSERT_EQ(segments->size(), 1u);
  EXPECT_EQ((*segments)[0].partition, partition("q"));
  ASSERT_EQ((*segments)[0].segments.size(), 2u);
  EXPECT_EQ((*segments)[0].segments[1].blob, "two");
  EXPECT_EQ((*segments)[0].segments[1].base_offset, Offset(2));
}

TEST_F(ShardImageTest, SegmentsAreLookedUpForDirtyShardsOnly) {
  std::map<PartitionId, std::vector<storage::SegmentRef>> written;
  written[partition("q")] = {{.blob = "one", .base_offset = Offset(0), .end_offset = Offset(2)}};
  worker().stage().find(shard_)->dirty = false;
  EXPECT_TRUE(broker::segments_of_dirty(worker(), written).empty());
  worker().stage().find(shard_)->dirty = true;
  EXPECT_EQ(broker::segments_of_dirty(worker(), written).size(), 1u);
}

TEST_F(ShardImageTest, DamageIsFoundWhereverItIs) {
  ByteVec whole = image();
  ASSERT_EQ(code(whole), ErrorCode::kAlreadyExists);
  for (size_t cut = 0; cut < whole.size(); cut += 7) EXPECT_EQ(code(ByteView(whole).first(cut)), ErrorCode::kCorrupt);
  for (size_t at = 0; at < whole.size(); at += 5) {
    ByteVec flipped = whole;
    flipped[at] ^= 0x10;
    EXPECT_EQ(code(flipped), ErrorCode::kCorrupt) << at;
  }
}

TEST_F(ShardImageTest, ANewerReleasesImageIsRefusedAsSuch) {
  ByteVec newer = image();
  newer.resize(newer.size() - 4);
  newer[0] = 99;
  uint32_t crc = crc32c(newer);
  Writer(newer).le(crc);
  EXPECT_EQ(code(newer), ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace godwit::scenario
