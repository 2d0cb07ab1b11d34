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

TEST(SteadyView, AClockThatWasSetBackIsWaitedForAtASlowerPace) {
  SystemClock clock;
  SteadyView view(clock);
  const Now start = view.now();
  const int64_t ahead = start.wall_ms + 80'000;
  view.advance({.wall_ms = ahead, .boot_ms = start.boot_ms + 10});
  view.advance({.wall_ms = start.wall_ms + 11, .boot_ms = start.boot_ms + 11});
  EXPECT_EQ(view.now().wall_ms, ahead);
  for (int64_t ms = 12; ms <= 8'010; ++ms)  // however often it is looked at
    view.advance({.wall_ms = start.wall_ms + ms, .boot_ms = start.boot_ms + ms});
  EXPECT_EQ(view.now().wall_ms, ahead + 7'000);
  const int64_t later = 1'000'000;
  view.advance({.wall_ms = start.wall_ms + later, .boot_ms = start.boot_ms + later});
  EXPECT_EQ(view.now().wall_ms, start.wall_ms + later);
}

}  // namespace
}  // namespace godwit::runtime
