#include "runtime/io_thread.h"

#include <gtest/gtest.h>

namespace godwit::runtime {
namespace {

TEST(IoThread, RunsInOrderAndFinishesWhatWasPostedBeforeStop) {
  std::vector<int> ran;
  std::thread::id where;
  IoThread thread("io");
  for (int i = 0; i < 100; ++i)
    thread.post([&, i] {
      ran.push_back(i);
      where = std::this_thread::get_id();
    });
  thread.stop();
  ASSERT_EQ(ran.size(), 100u);
  EXPECT_EQ(ran[99], 99);
  EXPECT_NE(where, std::this_thread::get_id());
  thread.post([&] { ran.clear(); });
  EXPECT_EQ(ran.size(), 100u) << "posted after stop";
}

}  // namespace
}  // namespace godwit::runtime
