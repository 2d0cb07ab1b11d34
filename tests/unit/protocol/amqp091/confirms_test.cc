#include "protocol/amqp091/confirms.h"

#include <tuple>

#include <gtest/gtest.h>

namespace godwit::protocol::amqp091 {
namespace {

using Said = std::vector<std::tuple<uint64_t, uint32_t, bool>>;

Said take(Confirms& confirms) {
  Said said;
  confirms.take_done([&](uint64_t last, uint32_t count, bool ok) { said.emplace_back(last, count, ok); });
  return said;
}

TEST(Confirms, RunsFromTheFront) {
  Confirms confirms;
  for (int i = 0; i < 5; ++i) confirms.add(1);
  confirms.answer({2, 2}, true);
  EXPECT_EQ(take(confirms), Said{});
  confirms.answer({1, 1}, true);
  EXPECT_EQ(take(confirms), (Said{{3, 3, true}}));
  confirms.answer({4, 1}, false);
  confirms.answer({5, 1}, true);
  EXPECT_EQ(take(confirms), (Said{{4, 1, false}, {5, 1, true}}));
  EXPECT_EQ(confirms.under_way(), 0u);
}

TEST(Confirms, APublishWaitsForAllItsAppends) {
  Confirms confirms;
  confirms.add(2);
  confirms.add(0);
  confirms.answer({1, 1}, false);
  EXPECT_EQ(take(confirms), Said{});
  confirms.answer({1, 1}, true);
  EXPECT_EQ(take(confirms), (Said{{1, 1, false}, {2, 1, true}}));
}

TEST(Confirms, TheRingGrowsAndTurns) {
  Confirms confirms;
  uint64_t confirmed = 0;
  for (uint64_t round = 0; round < 50; ++round) {
    for (int i = 0; i < 70; ++i) confirms.add(1);
    confirms.answer({confirmed + 1, 40}, true);
    Said said = take(confirms);
    ASSERT_EQ(said.size(), 1u);
    confirmed += 40;
    EXPECT_EQ(std::get<0>(said[0]), confirmed);
  }
  EXPECT_EQ(confirms.under_way(), 50u * 30);
}

}  // namespace
}  // namespace godwit::protocol::amqp091
