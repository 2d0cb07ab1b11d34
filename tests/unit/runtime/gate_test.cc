#include "runtime/gate.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/queued_executor.h"

namespace godwit::runtime {
namespace {

TEST(Gate, LetsNothingInBehindTheLast) {
  QueuedExecutor inside;
  Gate gate(inside);
  std::vector<int> ran;
  EXPECT_TRUE(gate.post([&] { ran.push_back(1); }));
  EXPECT_TRUE(gate.close([&] { ran.push_back(2); }));
  EXPECT_FALSE(gate.post([&] { ran.push_back(3); }));
  EXPECT_FALSE(gate.close([&] { ran.push_back(4); }));
  inside.run();
  EXPECT_EQ(ran, (std::vector{1, 2}));
}

TEST(Gate, IsClosedByOneOfManyThreads) {
  QueuedExecutor inside;
  Gate gate(inside);
  int posted = 0;
  int closed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n)
        gate.post([&] {
          EXPECT_EQ(closed, 0);
          ++posted;
        });
      gate.close([&] { ++closed; });
    });
  for (std::thread& thread : threads) thread.join();
  inside.run();
  EXPECT_GE(posted, 1000);
  EXPECT_EQ(closed, 1);
}

}  // namespace
}  // namespace godwit::runtime
