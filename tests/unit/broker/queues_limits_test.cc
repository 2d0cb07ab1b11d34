#include <gmock/gmock.h>

#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using testing::ElementsAre;

class QueuesLimitsTest : public Scenario {};

TEST_F(QueuesLimitsTest, ABatchIsTakenAsFarAsThereIsRoom) {
  declare("refuses", {.length_max = 2, .overflow = model::Overflow::kRejectPublish});
  model::Appended appended = send("refuses", {"a", "b", "c", "d"});
  EXPECT_EQ(appended.refused, 2u);
  ASSERT_FALSE(try_publish("refuses", texts({"e"})));
  consume(client, "refuses", 1, 1);
  EXPECT_THAT(bodies(deliveries()), ElementsAre("a"));
  EXPECT_EQ(send("refuses", {"f", "g"}).refused, 1u);
  client.tell({ledger("refuses"), ConsumerTag(1), 10});
  EXPECT_THAT(bodies(deliveries()), ElementsAre("b", "f"));

  declare("bytes", {.bytes_max = 10, .overflow = model::Overflow::kRejectPublish});
  EXPECT_EQ(send("bytes", {"aaaa", "bbbbbb", "", "c", ""}).refused, 2u)
      << "what comes after one that is left out is too";
}

TEST_F(QueuesLimitsTest, WhatConsumersWaitForIsNoExcess) {
  declare("newest", {.length_max = 1});
  consume(client, "newest", 1, 3);
  send("newest", {"a", "b", "c", "d", "e"});
  EXPECT_THAT(bodies(deliveries()), ElementsAre("a", "b", "c"));
  client.tell({ledger("newest"), ConsumerTag(1), 10});
  EXPECT_THAT(bodies(deliveries()), ElementsAre("e"));

  declare("refuses", {.length_max = 0, .overflow = model::Overflow::kRejectPublish});
  consume(client, "refuses", 2, 2);
  EXPECT_EQ(send("refuses", {"a", "b", "c"}).refused, 1u);
  EXPECT_THAT(bodies(deliveries()), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace godwit::scenario
