#include "runtime/step_thread.h"

#include <semaphore>

#include <gtest/gtest.h>

#include "runtime/handover.h"

namespace godwit::runtime {
namespace {

TEST(StepThread, StepsUntilThereIsNothingAndAgainAfterEachWake) {
  Handover<int> in;
  std::vector<int> taken, got;
  std::binary_semaphore seen{0};
  StepThread thread("stepper", [&] {
    in.take_all(taken);
    got.insert(got.end(), taken.begin(), taken.end());
    if (got.size() == 1000) seen.release();
    return !taken.empty();
  });
  for (int i = 0; i < 1000; ++i) {
    in.push(i);
    thread.wake();
  }
  ASSERT_TRUE(seen.try_acquire_for(std::chrono::seconds(20)));
  thread.stop();
  thread.stop();
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(got[static_cast<size_t>(i)], i);
}

// Whoever made the thread may still prepare what it steps.
TEST(StepThread, DoesNotStepBeforeTheFirstWake) {
  std::binary_semaphore stepped{0};
  StepThread thread("stepper", [&] {
    stepped.release();
    return false;
  });
  ASSERT_FALSE(stepped.try_acquire_for(std::chrono::milliseconds(50)));
  thread.wake();
  ASSERT_TRUE(stepped.try_acquire_for(std::chrono::seconds(20)));
}

TEST(StepThread, StopsUnwoken) {
  bool stepped = false;
  StepThread thread("stepper", [&] { return stepped = true; });
  thread.stop();
  ASSERT_FALSE(stepped);
}

}  // namespace
}  // namespace godwit::runtime
