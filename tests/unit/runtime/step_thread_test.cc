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

}  // namespace
}  // namespace godwit::runtime
