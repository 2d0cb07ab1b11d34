#include "runtime/linux/system_clock.h"

#include <time.h>

#include <algorithm>

#include "base/check.h"

namespace godwit::runtime {
namespace {

int64_t read_ms(clockid_t id) {
  timespec t{};
  CHECK(::clock_gettime(id, &t) == 0);
  return static_cast<int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000;
}

}  // namespace

SystemClock::SystemClock() : boot_offset_ms_(read_ms(CLOCK_REALTIME) - read_ms(CLOCK_BOOTTIME)) {}

void SystemClock::advance_boot(int64_t boot_ms) {
  boot_offset_ms_ = std::max(boot_offset_ms_, boot_ms - read_ms(CLOCK_BOOTTIME));
}

int64_t SystemClock::wall_ms() const { return read_ms(CLOCK_REALTIME); }

Now SystemClock::read() const {
  return {.wall_ms = read_ms(CLOCK_REALTIME), .boot_ms = read_ms(CLOCK_BOOTTIME) + boot_offset_ms_};
}

const Now& SteadyView::advance(const Now& read) {
  now_.boot_ms = std::max(now_.boot_ms, read.boot_ms);
  if (read.wall_ms >= now_.wall_ms) {
    now_.wall_ms = read.wall_ms;
    ahead_since_ = now_;
  } else {
    int64_t slowed_ms = (now_.boot_ms - ahead_since_.boot_ms) * kAheadPace / kAheadPaceOf;
    now_.wall_ms = std::max(read.wall_ms, ahead_since_.wall_ms + slowed_ms);
  }
  return now_;
}

}  // namespace godwit::runtime
