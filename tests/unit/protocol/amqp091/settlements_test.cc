#include "protocol/amqp091/settlements.h"

#include <gtest/gtest.h>

namespace godwit::protocol::amqp091 {
namespace {

using model::Verb;
using Runs = std::vector<model::OffsetRun>;

TEST(Settlements, NeighboursBecomeOneRun) {
  Settlements settlements;
  settlements.add(0, Verb::kAccept, Offset(5), 2);
  settlements.add(0, Verb::kAccept, Offset(7), 1);
  settlements.add(0, Verb::kAccept, Offset(9), 1);
  settlements.add(0, Verb::kAccept, Offset(8), 1);  // in the order they came
  auto pending = settlements.take();
  ASSERT_EQ(pending.size(), 1u);
  EXPECT_EQ(pending[0].messages, 5u);
  EXPECT_EQ(pending[0].runs, (Runs{{Offset(5), 3}, {Offset(9), 1}, {Offset(8), 1}}));
}

TEST(Settlements, EachSourceAndVerbIsACommandOfItsOwn) {
  Settlements settlements;
  settlements.add(0, Verb::kAccept, Offset(1), 1);
  settlements.add(0, Verb::kReject, Offset(2), 1);
  settlements.add(1, Verb::kAccept, Offset(2), 1);
  settlements.add(0, Verb::kAccept, Offset(2), 1);
  auto pending = settlements.take();
  ASSERT_EQ(pending.size(), 3u);
  EXPECT_EQ(pending[0].runs, (Runs{{Offset(1), 2}}));
  EXPECT_EQ(pending[1].verb, Verb::kReject);
  EXPECT_EQ(pending[2].source, 1u);
}

TEST(Settlements, AreTakenOnce) {
  Settlements settlements;
  EXPECT_TRUE(settlements.empty());
  settlements.add(0, Verb::kAccept, Offset(1), 1);
  EXPECT_FALSE(settlements.empty());
  settlements.take();
  EXPECT_TRUE(settlements.empty());
}

}  // namespace
}  // namespace godwit::protocol::amqp091
