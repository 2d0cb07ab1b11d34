#include "runtime/linux/wait_while.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace godwit::runtime {
namespace {

TEST(WaitWhile, EndsWhenItIsLetGoOf) {
  int looks = 0;
  EXPECT_FALSE(wait_while([&] { return ++looks < 3; }));
  EXPECT_EQ(looks, 3);
}

TEST(WaitWhile, GivesUpWithTheErrorOfTheLastLook) {
  int looks = 0;
  EXPECT_TRUE(wait_while([&] {
    ++looks;
    errno = EADDRINUSE;
    return true;
  }));
  EXPECT_EQ(errno, EADDRINUSE);
  EXPECT_EQ(looks, 40);
}

}  // namespace
}  // namespace godwit::runtime
