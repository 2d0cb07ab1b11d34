#include "storage/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/sim_disk.h"
#include "storage/local_blob_store.h"
#include "support/queued_executor.h"

namespace godwit::storage {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

Manifest sample(uint64_t counter) {
  return {.counter = counter,
          .journal_from = ChunkSeq(40),
          .shards = {{ShardId(0), "snapshot/1-0", 0, 100, 9}, {ShardId(4095), "snapshot/1-0", 100, 50, 3}}};
}

TEST(Manifest, ReadsBackAndRefusesEveryFlippedBitAndCut) {
  ByteVec bytes = encode_manifest(sample(3));
  EXPECT_EQ(decode_manifest(bytes).value(), sample(3));
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    ByteVec flipped = bytes;
    flipped[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    ASSERT_FALSE(decode_manifest(flipped)) << bit;
  }
  for (size_t cut = 0; cut < bytes.size(); ++cut) ASSERT_FALSE(decode_manifest(ByteView(bytes).first(cut)));
}

TEST(Manifest, ANewerFeatureLevelIsRefused) {
  Manifest newer = sample(1);
  newer.feature_level = kFeatureLevel + 1;
  EXPECT_EQ(decode_manifest(encode_manifest(newer)).error().code, ErrorCode::kUnsupported);
}

class ManifestsTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(blobs_.open()); }
  void put(const Manifest& manifest) {
    blobs_.put(manifest_key(manifest.counter), {Slice::take(encode_manifest(manifest))}, io_,
               [](Result<void> r) { ASSERT_TRUE(r); });
    io_.run();
  }

  sim::SimDisk disk_{1};
  QueuedExecutor io_;
  LocalBlobStore blobs_{disk_, io_};
};

TEST_F(ManifestsTest, TheNewestWholeOneCountsAndDamagedOnesAreNamed) {
  EXPECT_EQ(load_latest_manifest(blobs_)->manifest, Manifest{});
  for (uint64_t counter : {1, 2, 255, 256}) put(sample(counter));
  EXPECT_EQ(load_latest_manifest(blobs_)->manifest.counter, 256u);
  disk_.flip_bit("blobs/manifest/0000000000000100", 30, 1);
  LoadedManifest loaded = load_latest_manifest(blobs_).value();
  EXPECT_EQ(loaded.manifest, sample(255));
  EXPECT_THAT(loaded.damaged, ElementsAre("manifest/0000000000000100"));
  EXPECT_EQ(loaded.keys.size(), 4u);
}

TEST_F(ManifestsTest, NoneWholeIsDamageAndANewerVersionIsNotSkipped) {
  put(sample(1));
  disk_.flip_bit("blobs/manifest/0000000000000001", 3, 1);
  Error none = load_latest_manifest(blobs_).error();
  EXPECT_EQ(none.code, ErrorCode::kCorrupt);
  EXPECT_THAT(none.message, StartsWith("blobs/manifest/0000000000000001: "));
  Manifest newer = sample(2);
  newer.feature_level = kFeatureLevel + 1;
  put(newer);
  put(sample(3));
  EXPECT_TRUE(load_latest_manifest(blobs_));
  disk_.flip_bit("blobs/manifest/0000000000000003", 3, 1);
  EXPECT_EQ(load_latest_manifest(blobs_).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace godwit::storage
