#include <gmock/gmock.h>

#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

class QueuesReceiveTest : public Scenario {};

/// What is asked for lies in segments, of which one is read back, but for a run at the end that is in memory.
TEST_F(QueuesReceiveTest, WhatIsLookedAtHasNoGaps) {
  declare("q");
  constexpr int64_t kMessages = 600;
  for (int64_t i = 0; i < kMessages; ++i) send("q", {std::to_string(i) + std::string(2'000, '.')});
  world.advance(1'000);
  Got last;
  while (last.offset < Offset(kMessages - 10))
    for (const Got& got : receive("q", 1, 600'000)) last = got;
  ASSERT_TRUE(settle_lease(last));
  Offset from(0);
  int calls = 0;
  while (from < Offset(kMessages) && ++calls < 100) {
    auto seen = client.ask(model::Peek{.ledger = ledger("q"), .from = from, .messages_max = 10'000});
    ASSERT_TRUE(seen);
    ASSERT_FALSE(seen->batches.empty()) << from.value;
    for (const model::DeliveredBatch& batch : seen->batches)
      for (const model::DeliveredRun& run : batch.runs) {
        if (from == last.offset) from = from + 1;
        ASSERT_EQ(batch.offset_of(run), from);
        from = from + run.count;
      }
  }
  EXPECT_EQ(from, Offset(kMessages));
  EXPECT_GT(calls, 1) << "everything was at hand";
}

}  // namespace
}  // namespace godwit::scenario
