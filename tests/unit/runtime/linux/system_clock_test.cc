#include "runtime/linux/system_clock.h"

#include <gtest/gtest.h>

namespace godwit::runtime {
namespace {

TEST(SystemClock, BootTimeStartsAtWallTime) {
  Now now = SystemClock().read();
  EXPECT_NEAR(static_cast<double>(now.boot_ms), static_cast<double>(now.wall_ms), 100);
}

TEST(SystemClock, BootTimeIsNeverBelowStoredTimes) {
  SystemClock clock;
  int64_t stored = clock.read().boot_ms + 3'600'000;
  clock.advance_boot(stored);
  EXPECT_GE(clock.read().boot_ms, stored);
  clock.advance_boot(stored - 1'000'000);
  EXPECT_GE(clock.read().boot_ms, stored);
}

TEST(SteadyView, FollowsTheClockForwardOnly) {
  SystemClock clock;
  SteadyView view(clock);
  Now before = view.now();
  const Now& after = view.refresh();
  EXPECT_GE(after.wall_ms, before.wall_ms);
  EXPECT_GE(after.boot_ms, before.boot_ms);
}

}  // namespace
}  // namespace godwit::runtime
