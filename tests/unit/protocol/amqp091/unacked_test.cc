#include "protocol/amqp091/unacked.h"

#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace godwit::protocol::amqp091 {
namespace {

TEST(Unacked, OneEntryStandsForSixtyFourInARow) {
  Unacked unacked;
  for (uint64_t tag = 1; tag <= 640; ++tag) unacked.delivered(0, tag, Offset(static_cast<int64_t>(tag)), 1);
  EXPECT_EQ(unacked.entries(), 10u);
  EXPECT_EQ(unacked.count(), 640u);
  uint32_t runs = 0;
  EXPECT_EQ(unacked.take_through(100, [&](uint32_t, Offset, uint32_t) { ++runs; }), 100u);
  EXPECT_EQ(runs, 2u);
  EXPECT_EQ(unacked.count(), 540u);
}

TEST(Unacked, ATagIsClosedOnce) {
  Unacked unacked;
  unacked.delivered(0, 1, Offset(10), 3);
  auto ignore = [](uint32_t, Offset, uint32_t) {};
  EXPECT_TRUE(unacked.take_one(2, ignore));
  EXPECT_FALSE(unacked.take_one(2, ignore));
  EXPECT_FALSE(unacked.take_one(4, ignore));
  EXPECT_EQ(unacked.take_through(2, ignore), 1u);
  EXPECT_EQ(unacked.take_through(2, ignore), 0u);
}

TEST(Unacked, AgreesWithAMapOfTags) {
  std::mt19937 random(7);
  Unacked unacked;
  std::map<uint64_t, std::pair<uint32_t, int64_t>> model;
  uint64_t next = 1;
  int64_t offsets[2] = {0, 500};
  for (int step = 0; step < 20'000; ++step) {
    std::map<uint64_t, std::pair<uint32_t, int64_t>> expected;
    std::vector<std::pair<uint32_t, int64_t>> taken;
    auto take = [&](uint32_t source, Offset first, uint32_t count) {
      for (uint32_t i = 0; i < count; ++i) taken.emplace_back(source, (first + i).value);
    };
    if (random() % 3 == 0) {
      uint32_t source = random() % 2, count = 1 + random() % 90;
      if (random() % 4 == 0) offsets[source] += 2;
      unacked.delivered(source, next, Offset(offsets[source]), count);
      for (uint32_t i = 0; i < count; ++i) model[next++] = {source, offsets[source]++};
    } else if (random() % 8 != 0) {
      uint64_t tag = next > 200 ? next - random() % 200 : random() % next;
      auto it = model.find(tag);
      EXPECT_EQ(unacked.take_one(tag, take), it != model.end());
      if (it != model.end()) expected.insert(*it);
    } else {
      uint64_t tag = next > 300 ? next - 100 - random() % 200 : random() % next;
      expected.insert(model.begin(), model.upper_bound(tag));
      EXPECT_EQ(unacked.take_through(tag, take), expected.size());
    }
    std::vector<std::pair<uint32_t, int64_t>> wanted;
    for (const auto& [tag, place] : expected) wanted.push_back(place), model.erase(tag);
    ASSERT_EQ(taken, wanted) << step;
    ASSERT_EQ(unacked.count(), model.size()) << step;
  }
}

}  // namespace
}  // namespace godwit::protocol::amqp091
