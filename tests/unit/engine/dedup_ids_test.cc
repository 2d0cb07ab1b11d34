#include "engine/dedup_ids.h"

#include <gtest/gtest.h>

namespace godwit::engine {
namespace {

TEST(DedupIds, AnIdIsKnownUntilItsWindowEnds) {
  DedupIds ids;
  ids.remember("a", Offset(3), 100);
  EXPECT_EQ(ids.find("a", 99), Offset(3));
  EXPECT_EQ(ids.find("a", 100), std::nullopt);
  EXPECT_EQ(ids.find("b", 0), std::nullopt);
}

TEST(DedupIds, AWindowThatAClockAheadBeganHoldsUpNoOther) {
  DedupIds ids;
  ids.remember("a", Offset(0), 1'000'000);
  ids.remember("b", Offset(1), 200);
  ids.remember("c", Offset(2), 300);
  ids.expire(200);
  EXPECT_EQ(ids.size(), 2u);
  EXPECT_EQ(ids.find("a", 250), Offset(0));
  ids.remember("a", Offset(3), 400);
  ids.expire(400);
  EXPECT_EQ(ids.size(), 0u);
}

TEST(DedupIds, TheOldestAreForgottenFirst) {
  DedupIds ids;
  ids.remember("a", Offset(1), 100);
  ids.remember("b", Offset(2), 200);
  ids.expire(100);
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(ids.find("b", 150), Offset(2));
}

TEST(DedupIds, AnIdUsedAgainAfterItsWindowCountsFromThen) {
  DedupIds ids;
  ids.remember("a", Offset(1), 100);
  ids.remember("a", Offset(5), 300);
  EXPECT_EQ(ids.size(), 1u);
  ids.expire(100);
  EXPECT_EQ(ids.find("a", 200), Offset(5));
}

TEST(DedupIds, IsWrittenAndRead) {
  DedupIds ids;
  ids.remember("a", Offset(1), 100);
  ids.remember("b", Offset(7), 200);
  ByteVec bytes;
  encode_fields(ids, bytes);
  Reader in(bytes);
  DedupIds read;
  ASSERT_TRUE(decode_fields(in, 2, read));
  EXPECT_EQ(read.find("a", 50), Offset(1));
  EXPECT_EQ(read.find("b", 150), Offset(7));
}

}  // namespace
}  // namespace godwit::engine
