#include "base/check.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(CheckDeathTest, SaysWhereWhatAndTheState) {
  EXPECT_DEATH(CHECK(1 + 1 == 3, "{} of {}", 4, "five"), "check_test.cc:[0-9]+: CHECK failed: 1 \\+ 1 == 3: 4 of five");
  EXPECT_DEATH(CHECK(false), "CHECK failed: false\n");
}

TEST(Check, ACheckThatHoldsWorksOutNoText) {
  int asked = 0;
  CHECK(true, "{}", ++asked);
  EXPECT_EQ(asked, 0);
}

TEST(Check, ItIsOneStatement) {
  bool other = false;
  if (other)
    CHECK(false);
  else
    other = true;
  EXPECT_TRUE(other);
}

}  // namespace
}  // namespace godwit
