#include "runtime/linux/time_slice.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <thread>

#include <gtest/gtest.h>

namespace godwit::runtime {
namespace {

struct Scheduling {
  uint32_t policy = 0;
  int32_t nice = 0;
  uint64_t slice_ns = 0;
};

Scheduling of_this_thread() {
  std::array<uint64_t, 6> words{};
  EXPECT_EQ(::syscall(SYS_sched_getattr, 0, words.data(), sizeof words, 0), 0);
  return {static_cast<uint32_t>(words[0] >> 32), static_cast<int32_t>(words[2]), words[3]};
}

bool kernel_has_slices() {
  utsname name{};
  ::uname(&name);
  int major = 0, minor = 0;
  EXPECT_EQ(std::sscanf(name.release, "%d.%d", &major, &minor), 2);
  return major > 6 || (major == 6 && minor >= 12);
}

TEST(TimeSlice, IsShortOnTheThreadThatAsksAndNothingElseChanges) {
  Scheduling other = of_this_thread();
  std::thread([&] {
    ASSERT_EQ(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 3), 0);
    shorten_time_slices();
    Scheduling mine = of_this_thread();
    EXPECT_EQ(mine.policy, other.policy);
    EXPECT_EQ(mine.nice, 3);
    EXPECT_EQ(mine.slice_ns, kernel_has_slices() ? 100'000u : other.slice_ns);
  }).join();
  EXPECT_EQ(of_this_thread().slice_ns, other.slice_ns);
}

}  // namespace
}  // namespace godwit::runtime
