#include "broker/memory.h"

#include <gtest/gtest.h>

namespace godwit::broker {
namespace {

using Use = Memory::Use;

constexpr int64_t kShare = 64 << 20;

TEST(Memory, EachUseHasItsPart) {
  Memory memory(Options{.workers = 2, .memory_limit = 2 * kShare});
  memory.add(Use::kVolatile, kShare / 8);
  memory.add(Use::kMessages, kShare / 2);
  EXPECT_FALSE(memory.volatile_full() || memory.messages_full() || memory.exhausted());
  memory.add(Use::kVolatile, 1);
  memory.add(Use::kMessages, 1);
  EXPECT_TRUE(memory.volatile_full() && memory.messages_full());
  memory.add(Use::kVolatile, -1);
  EXPECT_FALSE(memory.volatile_full());
}

TEST(Memory, ARefusalIsNewsOnceAMinute) {
  Memory memory(Options{.workers = 1, .memory_limit = kShare});
  EXPECT_TRUE(memory.refusal_is_news(5));
  EXPECT_FALSE(memory.refusal_is_news(6));
  EXPECT_FALSE(memory.refusal_is_news(60'004));
  EXPECT_TRUE(memory.refusal_is_news(60'005));
}

}  // namespace
}  // namespace godwit::broker
