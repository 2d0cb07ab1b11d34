#include "runtime/linux/epoll_loop.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <string>

#include <gtest/gtest.h>

#include "runtime/linux/loop_thread.h"

namespace godwit::runtime {
namespace {

std::unique_ptr<EpollLoop> make_loop(const SystemClock& clock) { return std::move(EpollLoop::create(clock).value()); }

std::array<UniqueFd, 2> socket_pair() {
  std::array<int, 2> fds{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

TEST(EpollLoop, RunsTasksInOrderAndNeverWithinPost) {
  SystemClock clock;
  auto loop = make_loop(clock);
  std::string seen;
  loop->post([&] {
    loop->post([&] {
      seen += "c";
      loop->stop();
    });
    seen += "a";
  });
  loop->post([&] { seen += "b"; });
  EXPECT_EQ(seen, "");
  loop->run();
  EXPECT_EQ(seen, "abc");
}

TEST(EpollLoop, WakesForTasksOfOtherThreads) {
  SystemClock clock;
  auto loop = make_loop(clock);
  std::atomic<int> done{0};
  {
    LoopThread thread("test-loop", *loop);
    for (int i = 0; i < 1000; ++i) {
      loop->post([&] { done.fetch_add(1); });
      while (done.load() <= i - 10) std::this_thread::yield();
    }
    while (done.load() < 1000) std::this_thread::yield();
  }
  EXPECT_EQ(done.load(), 1000);
}

TEST(EpollLoop, TimersRunWhenDueAndInOrder) {
  SystemClock clock;
  auto loop = make_loop(clock);
  int64_t start = loop->now().boot_ms;
  std::string seen;
  loop->call_at(start + 20, [&] {
    seen += "late";
    EXPECT_GE(loop->now().boot_ms, start + 20);
    loop->stop();
  });
  loop->call_at(start + 5, [&] { seen += "first "; });
  loop->call_at(start + 5, [&] { seen += "second "; });
  loop->run();
  EXPECT_EQ(seen, "first second late");
}

struct Recorder : Watcher {
  std::function<void(Ready)> then;
  void on_ready(Ready ready) override { then(ready); }
};

TEST(EpollLoop, TellsOfBytesAndOfTheEnd) {
  SystemClock clock;
  auto loop = make_loop(clock);
  auto [ours, theirs] = socket_pair();
  Recorder recorder;
  int told = 0;
  recorder.then = [&](Watcher::Ready ready) {
    ++told;
    if (ready.ended) loop->stop();
    if (ready.readable && !ready.ended) theirs = UniqueFd();
  };
  ASSERT_TRUE(loop->watch(ours.get(), recorder));
  ASSERT_EQ(::write(theirs.get(), "x", 1), 1);
  loop->run();
  EXPECT_GE(told, 2);
  loop->unwatch(ours.get(), recorder);
}

TEST(EpollLoop, AnUnwatchedDescriptorIsNotToldAboutInTheSameTurn) {
  SystemClock clock;
  auto loop = make_loop(clock);
  auto [a, a_peer] = socket_pair();
  auto [b, b_peer] = socket_pair();
  Recorder on_a;
  Recorder on_b;
  int told = 0;
  // Whichever comes first silences the other.
  on_a.then = [&](Watcher::Ready) { ++told, loop->unwatch(b.get(), on_b); };
  on_b.then = [&](Watcher::Ready) { ++told, loop->unwatch(a.get(), on_a); };
  ASSERT_TRUE(loop->watch(a.get(), on_a));
  ASSERT_TRUE(loop->watch(b.get(), on_b));
  ASSERT_EQ(::write(a_peer.get(), "x", 1), 1);
  ASSERT_EQ(::write(b_peer.get(), "x", 1), 1);
  loop->call_at(loop->now().boot_ms + 10, [&] { loop->stop(); });
  loop->run();
  EXPECT_EQ(told, 1);
}

TEST(EpollLoop, WatchingAClosedDescriptorFails) {
  SystemClock clock;
  auto loop = make_loop(clock);
  Recorder recorder;
  EXPECT_FALSE(loop->watch(-1, recorder));
}

}  // namespace
}  // namespace godwit::runtime
