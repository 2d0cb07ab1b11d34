#include "engine/message_sizes.h"

#include <gtest/gtest.h>

#include "engine/ledger.h"

namespace godwit::engine {
namespace {

TEST(MessageSizes, NeighboursOfEqualSizeAreOneEntry) {
  MessageSizes sizes;
  sizes.add(Offset(10), Offset(20), 5);
  sizes.add(Offset(20), Offset(25), 5);
  sizes.add(Offset(30), Offset(31), 100);
  EXPECT_EQ(sizes.entries(), 4u) << "before, ten to twenty-four, the gap, thirty";
  EXPECT_EQ(sizes.of(Offset(0), Offset(100)), 175u);
  EXPECT_EQ(sizes.of(Offset(12), Offset(14)), 10u);
  EXPECT_EQ(sizes.of(Offset(24), Offset(31)), 105u);
  EXPECT_EQ(sizes.of(Offset(25), Offset(30)), 0u);
  sizes.forget_before(Offset(25));
  EXPECT_EQ(sizes.entries(), 2u);
  EXPECT_EQ(sizes.of(Offset(25), Offset(31)), 100u);
}

TEST(MessageSizes, SaysHowManyMakeUpSoManyBytes) {
  MessageSizes sizes;
  sizes.add(Offset(0), Offset(10), 7);
  sizes.add(Offset(10), Offset(12), 100);
  EXPECT_EQ(sizes.count_for(Offset(0), Offset(12), 1), 1u);
  EXPECT_EQ(sizes.count_for(Offset(0), Offset(12), 14), 2u);
  EXPECT_EQ(sizes.count_for(Offset(0), Offset(12), 15), 3u);
  EXPECT_EQ(sizes.count_for(Offset(5), Offset(12), 36), 6u);
  EXPECT_EQ(sizes.count_for(Offset(0), Offset(12), 1'000), 12u);
  EXPECT_EQ(sizes.count_for(Offset(20), Offset(22), 1), 0u) << "unknown";
}

/// Bytes follow messages through every state, in lanes and in groups.
class LedgerBytes : public testing::TestWithParam<bool> {};

TEST_P(LedgerBytes, CountWhatIsReady) {
  bool grouped = GetParam();
  LedgerId id{QueueId(1), PartitionId{TopicId(1), 0}};
  Ledger ledger(LedgerOpened{id, Offset(0), 3, grouped});
  ledger.count_bytes();
  std::vector<Facet> facets;
  for (uint8_t i = 0; i < 6; ++i)
    facets.push_back({.priority = static_cast<uint8_t>(i % 3), .group = i % 2 ? "g" : ""});
  ledger.apply_append(Offset(0), 6, facets);
  EXPECT_EQ(ledger.ready_bytes(), 0u);
  for (int64_t i = 0; i < 6; ++i) ledger.set_size(Offset(i), Offset(i + 1), uint64_t{1} << i);
  EXPECT_EQ(ledger.ready_bytes(), 63u);
  ledger.hold({Offset(0), 2}, nullptr);
  EXPECT_EQ(ledger.ready_bytes(), 60u);
  ledger.apply(Settled{id, SettledAs::kAccepted, {{Offset(0), 1}}});
  ledger.apply(Returned{id, {{Offset(1), 1}}, true, 0});
  EXPECT_EQ(ledger.ready_bytes(), 62u);
  ledger.apply(Leased{id, {{Offset(4), 1}}, 100, 1});
  EXPECT_EQ(ledger.ready_bytes(), 46u);
  ledger.apply(Deferred{id, {{Offset(4), 1}}});
  EXPECT_TRUE(ledger.hide({Offset(2), 1}, 50));
  EXPECT_EQ(ledger.ready_bytes(), 42u);
  ledger.unhide(std::vector<OffsetRun>{{Offset(2), 1}});
  ledger.leave({Offset(5), 1});
  EXPECT_EQ(ledger.ready_bytes(), 14u);
  uint64_t taken = 0;
  for (const OffsetRun& run : ledger.oldest_ready_bytes(3)) taken += run.count;
  EXPECT_GE(taken, 1u);
  EXPECT_LE(taken, 2u);
  ledger.apply_log_start(Offset(3));
  EXPECT_EQ(ledger.ready_bytes(), 8u);
  ledger.apply(Settled{id, SettledAs::kPurged, {{Offset(0), 10}}});
  EXPECT_EQ(ledger.ready_bytes(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Of, LedgerBytes, testing::Bool());

}  // namespace
}  // namespace godwit::engine
