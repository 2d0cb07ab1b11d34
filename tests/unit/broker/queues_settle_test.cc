#include <gmock/gmock.h>

#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using model::Verb;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class QueuesSettleTest : public Scenario {
 protected:
  /// Takes messages and settles them at once, under a consumer's tag: AMQP's basic.get without acknowledgement.
  std::vector<Got> get(sim::SimClient& by, const std::string& queue, uint32_t max, bool settled) {
    auto received = by.ask(model::Receive{
        .ledger = ledger(queue), .messages_max = max, .consumer = ConsumerTag(7), .settle_on_delivery = settled});
    EXPECT_TRUE(received);
    std::vector<Got> got;
    for (const model::DeliveredBatch& batch : received->batches)
      for (Got& g : messages_of(batch)) got.push_back(std::move(g));
    return got;
  }
  void detach(sim::SimClient& by, const std::string& queue) {
    ASSERT_TRUE(by.ask(model::Detach{.ledger = ledger(queue), .tag = model::kEveryConsumer, .release = true}));
    world.advance(10);
  }
};

/// A batch stays in memory as long as one of its messages is to come: one that is settled twice must not count for two.
TEST_F(QueuesSettleTest, WhoSettlesAMessageTwiceSettlesOne) {
  declare("dead");
  declare("q", {.dead_letter = model::DeadLetter{.routing_key = "dead"}});
  for (Verb verb : {Verb::kAccept, Verb::kReject, Verb::kRelease}) {
    send("q", {"a", "b", "c", "d"});
    std::vector<Got> got = receive("q", 1);
    ASSERT_THAT(got, SizeIs(1));
    uint32_t attempt = got[0].attempt;
    auto settled = client.ask(model::Settle{.ledger = ledger("q"),
                                            .verb = verb,
                                            .runs = {{got[0].offset, 1}, {got[0].offset, 1}, {got[0].offset, 1}},
                                            .attempts = {attempt, attempt, attempt}});
    ASSERT_TRUE(settled);
    EXPECT_EQ(settled->settled, 1u);
    std::vector<Got> rest = receive("q", 10);
    EXPECT_THAT(rest, SizeIs(verb == Verb::kRelease ? 4 : 3));
    for (const Got& message : rest) ASSERT_TRUE(settle_lease(message));
  }
  EXPECT_THAT(bodies(receive("dead", 10)), ElementsAre("a")) << "once";
}

TEST_F(QueuesSettleTest, WhatWasAcceptedWhenItWasTakenDoesNotComeBack) {
  declare("dead");
  declare("q", {.dead_letter = model::DeadLetter{.routing_key = "dead"}, .delivery_limit = 0});
  send("q", {"a", "b", "c", "d"});
  sim::SimClient other(world);
  ASSERT_THAT(bodies(get(other, "q", 2, true)), ElementsAre("a", "b"));
  detach(other, "q");
  EXPECT_THAT(receive("dead", 10), IsEmpty());
  ASSERT_THAT(bodies(get(other, "q", 1, false)), ElementsAre("c"));
  detach(other, "q");
  EXPECT_THAT(bodies(receive("dead", 10)), ElementsAre("c")) << "that one was not accepted";
  EXPECT_THAT(bodies(receive("q", 10)), ElementsAre("d"));
}

}  // namespace
}  // namespace godwit::scenario
