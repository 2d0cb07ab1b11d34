#include "runtime/linux/random.h"

#include <array>
#include <set>

#include <gtest/gtest.h>

namespace godwit::runtime {
namespace {

TEST(Random, FillsEveryByte) {
  std::array<std::set<uint8_t>, 16> seen;
  for (int round = 0; round < 64; ++round) {
    std::array<uint8_t, 16> bytes{};
    fill_random(bytes);
    for (size_t i = 0; i < bytes.size(); ++i) seen[i].insert(bytes[i]);
  }
  for (const auto& values : seen) EXPECT_GT(values.size(), 20u);
}

TEST(Random, NumbersDiffer) { EXPECT_NE(random_u64(), random_u64()); }

}  // namespace
}  // namespace godwit::runtime
