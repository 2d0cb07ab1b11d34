#include "engine/run_set.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "base/fields.h"

namespace godwit::engine {
namespace {

TEST(RunSet, MergesNeighbours) {
  RunSet set;
  EXPECT_EQ(set.add(Offset(0), Offset(10)), 10u);
  EXPECT_EQ(set.add(Offset(10), Offset(20)), 10u);
  EXPECT_EQ(set.runs(), 1u);
  EXPECT_EQ(set.remove(Offset(5), Offset(8)), 3u);
  EXPECT_EQ(set.runs(), 2u);
  EXPECT_EQ(set.add(Offset(4), Offset(9)), 3u);
  EXPECT_EQ(set.runs(), 1u);
  EXPECT_EQ(set.count(), 20u);
}

TEST(RunSet, BehavesLikeASetOfOffsets) {
  std::mt19937 random(7);
  RunSet set;
  std::set<int64_t> model;
  auto draw = [&](int n) { return static_cast<int64_t>(random() % static_cast<unsigned>(n)); };
  for (int step = 0; step < 20'000; ++step) {
    int64_t first = draw(200), end = first + draw(30);
    uint64_t changed = 0, expected = 0;
    if (draw(2)) {
      changed = set.add(Offset(first), Offset(end));
      for (int64_t o = first; o < end; ++o) expected += model.insert(o).second;
    } else {
      changed = set.remove(Offset(first), Offset(end));
      for (int64_t o = first; o < end; ++o) expected += model.erase(o);
    }
    ASSERT_EQ(changed, expected);
    ASSERT_EQ(set.count(), model.size());
    int64_t from = draw(220);
    auto it = model.lower_bound(from);
    ASSERT_EQ(set.next(Offset(from)), it == model.end() ? std::nullopt : std::optional(Offset(*it)));
    ASSERT_EQ(set.contains(Offset(from)), model.contains(from));
    int64_t n = 0;
    while (model.contains(from + n) && n < 12) ++n;
    ASSERT_EQ(set.contiguous(Offset(from), Offset(from + 12)), static_cast<uint64_t>(n));
  }
  ByteVec bytes;
  encode_fields(set, bytes);
  Reader in(bytes);
  RunSet read;
  ASSERT_TRUE(decode_fields(in, 1, read));
  EXPECT_EQ(read, set);
}

}  // namespace
}  // namespace godwit::engine
