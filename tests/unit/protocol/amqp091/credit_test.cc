#include "protocol/amqp091/credit.h"

#include <gtest/gtest.h>

namespace godwit::protocol::amqp091 {
namespace {

TEST(CreditWindow, CreditAndUnsettledTogetherKeepTheLimit) {
  CreditWindow window(10);
  EXPECT_EQ(window.room(0, 0), 10u);
  EXPECT_EQ(window.room(4, 5), 1u);
  EXPECT_EQ(window.room(0, 10), 0u);
  EXPECT_EQ(window.room(8, 8), 0u);  // lowered meanwhile: nothing wraps
}

TEST(CreditWindow, WithoutALimitTheUnsettledCostNothing) {
  CreditWindow window(0);
  uint32_t first = window.room(0, 0);
  EXPECT_EQ(window.room(0, 1'000'000), first);
  EXPECT_EQ(window.room(first, 0), 0u);
}

TEST(CreditWindow, ALargePrefetchIsGivenAWindowAtATime) {
  CreditWindow window(65'535);
  EXPECT_LT(window.room(0, 0), 65'535u);
}

TEST(CreditWindow, FollowsTheSizeOfMessages) {
  CreditWindow small(0), large(0), huge(0);
  for (int i = 0; i < 100; ++i) {
    small.on_delivered(100, 1'000);
    large.on_delivered(1, 64 * 1024);
    huge.on_delivered(1, 100'000'000);
  }
  EXPECT_EQ(small.window(), kDeliveryWindowMax);
  EXPECT_NEAR(large.window(), kDeliveryWindowBytes / (64 * 1024), 1);
  EXPECT_GE(huge.window(), 1u);  // one message must always get through
}

TEST(CreditWindow, AnEmptyDeliverySaysNothing) {
  CreditWindow window(0);
  uint32_t before = window.window();
  window.on_delivered(0, 0);
  EXPECT_EQ(window.window(), before);
}

}  // namespace
}  // namespace godwit::protocol::amqp091
