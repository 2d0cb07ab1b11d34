#include "protocol/amqp091/appends.h"

#include <gtest/gtest.h>

namespace godwit::protocol::amqp091 {
namespace {

TEST(Appends, CountsWhatIsUnderWay) {
  Appends appends;
  std::vector<PublishRun> none;
  broker::RequestId a = appends.add(1, 1, TopicId(3), 100, none), b = appends.add(1, 1, TopicId(3), 50, none);
  EXPECT_NE(a, b);
  EXPECT_TRUE(a & b & Appends::kBit);
  EXPECT_EQ(appends.count(), 2u);
  EXPECT_EQ(appends.bytes(), 150u);
  appends.finish(a);
  EXPECT_EQ(appends.count(), 1u);
  EXPECT_EQ(appends.bytes(), 50u);
}

TEST(Appends, ASlotKeepsWhatItWasGivenUntilItsReply) {
  Appends appends;
  std::vector<PublishRun> first{{1, 2}}, second{{3, 1}, {5, 1}};
  broker::RequestId a = appends.add(1, 7, TopicId(3), 1, first), b = appends.add(2, 8, TopicId(3), 1, second);
  EXPECT_TRUE(first.empty() && second.empty());
  const Appends::Slot& slot = appends.finish(b);  // replies come in any order
  EXPECT_EQ(slot.channel, 2);
  EXPECT_EQ(slot.incarnation, 8u);
  ASSERT_EQ(slot.publishes.size(), 2u);
  EXPECT_EQ(slot.publishes[1].first, 5u);
  EXPECT_EQ(appends.finish(a).publishes.at(0).count, 2u);
}

TEST(Appends, ARecycledSlotHandsBackMemoryWithoutContent) {
  Appends appends;
  std::vector<PublishRun> publishes;
  publishes.reserve(100);
  publishes.push_back({1, 1});
  broker::RequestId id = appends.add(1, 1, TopicId(3), 1, publishes);
  appends.finish(id);
  appends.recycle(id);
  publishes.assign(1, {2, 1});
  EXPECT_EQ(appends.add(1, 1, TopicId(3), 1, publishes), id);
  EXPECT_TRUE(publishes.empty());
  EXPECT_GE(publishes.capacity(), 100u);
  EXPECT_EQ(appends.finish(id).publishes.at(0).first, 2u);
}

}  // namespace
}  // namespace godwit::protocol::amqp091
