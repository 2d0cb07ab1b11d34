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
  EXPECT_EQ(describe("bytes").ready_bytes, 10u);
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

TEST_F(QueuesLimitsTest, WhatIsRefusedGoesToTheDeadLettersWhereThatIsWanted) {
  declare("dead");
  declare("full", {.length_max = 2,
                   .overflow = model::Overflow::kRejectPublishDeadLetter,
                   .dead_letter = model::DeadLetter{.routing_key = "dead"}});
  EXPECT_EQ(send("full", {"a", "b", "c", "d"}).refused, 2u);
  EXPECT_FALSE(try_publish("full", texts({"e"})));
  declare("other", {.length_max = 1, .overflow = model::Overflow::kRejectPublish});
  EXPECT_EQ(send("other", {"x", "y"}).refused, 1u);
  world.advance(1'000);
  consume(client, "dead", 1, 10);
  EXPECT_THAT(bodies(deliveries()), ElementsAre("c", "d", "e"));
  consume(client, "full", 2, 10);
  EXPECT_THAT(bodies(deliveries()), ElementsAre("a", "b"));

  declare("itself", {.length_max = 1,
                     .overflow = model::Overflow::kRejectPublishDeadLetter,
                     .dead_letter = model::DeadLetter{.routing_key = "itself"}});
  EXPECT_EQ(send("itself", {"x", "y"}).refused, 1u);
  world.advance(1'000);
  EXPECT_EQ(describe("itself").ready, 1u);
  EXPECT_EQ(world.broker().worker(WorkerId(0)).counters().dead_letters_dropped, 1u);
}

/// What a queue has settled is left out of segments, and a queue that comes later takes it for unsettled until it gets
/// there.
TEST_F(QueuesLimitsTest, WhatASegmentDoesNotHaveIsNoMessage) {
  declare("q");
  for (int i = 0; i < 40; ++i) send("q", {std::to_string(i)});
  for (const Got& got : receive("q", 100))
    if (got.offset != Offset(10) && got.offset != Offset(25)) settle_lease(got);
  restart(How::kStop);
  auto subscribe = [&](const char* name, model::QueueSettings settings) {
    ASSERT_TRUE(client.ask(model::DeclareQueue{.name = {.text = name}, .topic = "q", .settings = std::move(settings)}));
    world.advance(10);
  };
  subscribe("drops", {.length_max = 4});
  subscribe("few bytes", {.bytes_max = 20});
  subscribe("refuses", {.length_max = 4, .overflow = model::Overflow::kRejectPublish});
  subscribe("newest", {.length_max = 1});
  restart(How::kKill);
  for (const char* body : {"new", "newer"}) EXPECT_EQ(send("q", {body}).refused, 0u);
  uint32_t tag = 0;
  for (const char* name : {"drops", "few bytes", "refuses"}) {
    consume(client, name, ++tag, 100);
    EXPECT_THAT(bodies(deliveries()), ElementsAre("10", "25", "new", "newer")) << name;
    EXPECT_EQ(describe(name).ready, 0u) << name;
  }
  consume(client, "newest", ++tag, 100);
  EXPECT_THAT(bodies(deliveries()), ElementsAre("newer"));
}

}  // namespace
}  // namespace godwit::scenario
