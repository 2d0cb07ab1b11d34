#include "runtime/linux/signals.h"

#include <signal.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace godwit::runtime {
namespace {

TEST(Signals, ArriveOnTheLoop) {
  SystemClock clock;
  auto loop = std::move(EpollLoop::create(clock).value());
  std::vector<int> seen;
  auto signals = Signals::take(*loop, {SIGUSR1}, [&](int number) {
    seen.push_back(number);
    if (seen.size() == 1)
      ::kill(::getpid(), SIGUSR1);
    else
      loop->stop();
  });
  ASSERT_TRUE(signals) << signals.error().message;
  ::kill(::getpid(), SIGUSR1);
  loop->run();
  EXPECT_EQ(seen, (std::vector<int>{SIGUSR1, SIGUSR1}));
}

}  // namespace
}  // namespace godwit::runtime
