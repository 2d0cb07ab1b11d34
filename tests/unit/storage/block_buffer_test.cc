#include "storage/block_buffer.h"

#include <gtest/gtest.h>

namespace godwit::storage {
namespace {

TEST(BlockBuffer, IsAlignedAndGrowsOnlyWhenItMust) {
  BlockBuffer buffer(100);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % kBlockBytes, 0u);
  uint8_t* before = buffer.data();
  buffer.reserve(100);
  EXPECT_EQ(buffer.data(), before);
  buffer.reserve(10'000);
  EXPECT_EQ(buffer.capacity(), 10'000u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % kBlockBytes, 0u);
  EXPECT_EQ(buffer.first(10'000).size(), 10'000u);
}

}  // namespace
}  // namespace godwit::storage
