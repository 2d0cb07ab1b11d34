#include "storage/journal_ring.h"

#include <gtest/gtest.h>

namespace godwit::storage {
namespace {

/// A ring [10, 110).
class JournalRingTest : public testing::Test {
 protected:
  uint64_t add(uint64_t bytes) {
    std::optional<uint64_t> position = ring_.place(bytes);
    if (!position) return 0;
    ring_.add(*position, bytes, 0);
    return *position;
  }
  JournalRing ring_{10, 110, {ChunkSeq(5), 10, 77}};
};

TEST_F(JournalRingTest, FillsWrapsAndNeverReachesWhatIsProtected) {
  EXPECT_EQ(add(40), 10u);
  EXPECT_EQ(add(40), 50u);
  EXPECT_EQ(add(30), 0u) << "20 are left at the end, none at the beginning";
  ring_.trim(ChunkSeq(6));
  EXPECT_EQ(ring_.used_bytes(), 40u);
  EXPECT_EQ(add(30), 0u) << "trimmed, but protected";
  EXPECT_EQ(ring_.releasable_bytes(), 40u);
  ring_.release(ring_.needed_tail());
  EXPECT_EQ(add(30), 10u);
  EXPECT_EQ(ring_.used_bytes(), 90u) << "with the gap of 20 at the end";
  EXPECT_EQ(add(11), 0u);
  EXPECT_EQ(add(10), 40u);
  EXPECT_EQ(ring_.used_bytes(), 100u);
  EXPECT_EQ(add(1), 0u);
}

TEST_F(JournalRingTest, AnEmptyRingTakesAnythingThatFits) {
  add(70);
  ring_.trim(ring_.next_seq());
  EXPECT_EQ(ring_.used_bytes(), 0u);
  EXPECT_EQ(ring_.needed_tail(), (JournalTail{ChunkSeq(6), 80, 0}));
  ring_.release(ring_.needed_tail());
  EXPECT_FALSE(ring_.place(101));
  EXPECT_EQ(ring_.place(30), 80u);
  EXPECT_EQ(add(100), 10u);
  EXPECT_EQ(ring_.used_bytes(), 100u);
}

TEST_F(JournalRingTest, TheTailNamesTheCrcBeforeIt) {
  EXPECT_EQ(ring_.needed_tail(), (JournalTail{ChunkSeq(5), 10, 77}));
  ring_.add(10, 20, 88);
  ring_.add(30, 20, 99);
  ring_.trim(ChunkSeq(6));
  EXPECT_EQ(ring_.needed_tail(), (JournalTail{ChunkSeq(6), 30, 88}));
  ring_.trim(ChunkSeq(2));
  EXPECT_EQ(ring_.needed_tail().seq, ChunkSeq(6)) << "forwards only";
  EXPECT_DEATH(ring_.trim(ChunkSeq(8)), "trim to 8");
  EXPECT_DEATH(ring_.release({ChunkSeq(7), 50, 99}), "chunk 6 is needed");
}

}  // namespace
}  // namespace godwit::storage
