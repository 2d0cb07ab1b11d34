#include "runtime/published.h"

#include <gtest/gtest.h>

namespace godwit::runtime {
namespace {

TEST(Published, RaisesForwardsOnly) {
  Published<uint64_t> number(3);
  number.raise(2);
  EXPECT_EQ(number.get(), 3u);
  number.raise(9);
  number.add(1);
  EXPECT_EQ(number.get(), 10u);
  number.set(1);
  EXPECT_EQ(number.get(), 1u);
}

}  // namespace
}  // namespace godwit::runtime
