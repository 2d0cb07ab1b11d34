// Dead letters across shards and workers: what is rejected, expired or dropped arrives once, with its reason.

#include <gmock/gmock.h>

#include "model/placement.h"
#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class DeadLetterScenario : public Scenario {
 protected:
  DeadLetterScenario() : Scenario({.workers = 3}) {
    declare("dead");
    declare("orders", {.dead_letter = model::DeadLetter{.routing_key = "dead"}});
  }
};

TEST_F(DeadLetterScenario, ARejectedMessageCarriesItsReasonAndItsOrigin) {
  send("orders", {"a", "b"});
  consume(client, "orders", 1, 10);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(got, SizeIs(2));
  settle(client, got[1], model::Verb::kReject);
  consume(client, "dead", 2, 10);
  got = deliveries();
  ASSERT_THAT(bodies(got), ElementsAre("b"));
  ASSERT_TRUE(got[0].patch);
  ASSERT_THAT(got[0].patch->deaths, SizeIs(1));
  EXPECT_EQ(got[0].patch->deaths[0].queue, "orders");
  EXPECT_EQ(got[0].patch->deaths[0].reason, "rejected");
  EXPECT_EQ(got[0].patch->source_topic, "orders");
  EXPECT_EQ(got[0].patch->source_offset, 1);
}

TEST_F(DeadLetterScenario, DeathsAreCounted) {
  declare("loop", {.dead_letter = model::DeadLetter{.routing_key = "loop"}});
  send("loop", {"a"});
  consume(client, "loop", 1, 1);
  for (uint64_t turn = 0; turn < 3; ++turn) {
    std::vector<Got> got = deliveries();
    ASSERT_THAT(got, SizeIs(1)) << turn;
    if (turn > 0) {
      ASSERT_TRUE(got[0].patch);
      ASSERT_THAT(got[0].patch->deaths, SizeIs(1));
      EXPECT_EQ(got[0].patch->deaths[0].count, turn);
    }
    settle(client, got[0], model::Verb::kReject);
  }
}

TEST_F(DeadLetterScenario, ExpiredAndDroppedMessagesGoThereToo) {
  declare("brief", {.message_ttl_ms = 100, .dead_letter = model::DeadLetter{.routing_key = "dead"}});
  send("brief", {"old"});
  world.advance(300);
  declare("small", {.length_max = 1, .dead_letter = model::DeadLetter{.routing_key = "dead"}});
  send("small", {"first"});
  send("small", {"second"});
  consume(client, "dead", 1, 10);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(bodies(got), ElementsAre("old", "first"));
  EXPECT_EQ(got[0].patch->deaths[0].reason, "expired");
  EXPECT_EQ(got[1].patch->deaths[0].reason, "maxlen");
}

TEST_F(DeadLetterScenario, ACrashNeitherLosesNorRepeatsADeadLetter) {
  for (uint64_t cut = 0; cut < 60; ++cut) {
    send("orders", {"a", "b", "c"});
    consume(client, "orders", 1, 10);
    std::vector<Got> got = deliveries();
    ASSERT_THAT(got, SizeIs(3)) << cut;
    size_t rejected = 0;
    for (const Got& g : got)
      client.call(model::Settle{.ledger = g.ledger,
                                .consumer = g.tag,
                                .verb = model::Verb::kReject,
                                .runs = {{g.offset, 1}},
                                .durable_reply = true},
                  [&](const Result<model::Settled>& settled) { rejected += settled ? 1 : 0; });
    world.run_some(cut);
    restart(cut % 2 == 0 ? How::kCrash : How::kKill);
    // What is still in the queue is rejected now.
    consume(client, "orders", 1, 10);
    for (const Got& g : deliveries()) settle(client, g, model::Verb::kReject);
    consume(client, "dead", 2, 10);
    got = deliveries();
    ASSERT_THAT(bodies(got), testing::UnorderedElementsAre("a", "b", "c"))
        << cut << ", " << rejected << " were rejected";
    for (const Got& g : got) accept(g);
    ASSERT_TRUE(client.ask(model::Detach{.ledger = ledger("dead"), .tag = ConsumerTag(2)}));
    ASSERT_TRUE(client.ask(model::Detach{.ledger = ledger("orders"), .tag = ConsumerTag(1)}));
  }
}

class ColdDeadLetter : public DeadLetterScenario {
 protected:
  /// A message in a consumer's hands that has left memory for a segment.
  Got cold_message() {
    send("orders", {"old"});
    consume(client, "orders", 1, 1);
    std::vector<Got> got = deliveries();
    EXPECT_THAT(got, SizeIs(1));
    world.advance(20);
    for (int i = 0; i < 8; ++i) send("orders", {std::string(40'000, 'x')});
    world.advance(1000);
    const broker::PartitionRuntime* p = world.broker()
                                            .worker(world.broker().owner_of(model::shard_of(got[0].ledger.partition)))
                                            .partitions()
                                            .find(got[0].ledger.partition);
    EXPECT_EQ(p->log.find(got[0].offset), nullptr) << "it is in a segment";
    return got[0];
  }
};

TEST_F(ColdDeadLetter, ADurableRejectIsAnsweredOnceItIsRecorded) {
  Got old = cold_message();
  settle(client, old, model::Verb::kReject, 0);
  restart();
  consume(client, "dead", 1, 10);
  EXPECT_THAT(bodies(deliveries()), ElementsAre("old"));
  EXPECT_EQ(describe("orders").ready, 8u);
}

TEST_F(ColdDeadLetter, WhatCannotBeReadGoesBackToTheQueue) {
  Got old = cold_message();
  world.disk().fail_next_read();
  auto refused = client.ask(model::Settle{.ledger = old.ledger,
                                          .consumer = old.tag,
                                          .verb = model::Verb::kReject,
                                          .runs = {{old.offset, 1}},
                                          .durable_reply = true});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  EXPECT_EQ(describe("orders").ready, 9u);
  EXPECT_EQ(describe("dead").ready, 0u);
}

TEST_F(DeadLetterScenario, MoreThanTheJournalTakesAtOnceGoesInParts) {
  for (int i = 0; i < 10; ++i) send("orders", {std::string(40'000, static_cast<char>('a' + i))});
  consume(client, "orders", 1, 10);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(got, SizeIs(10));
  ASSERT_TRUE(client.ask(model::Settle{
      .ledger = got[0].ledger, .consumer = got[0].tag, .verb = model::Verb::kReject, .runs = {{got[0].offset, 10}}}));
  world.advance(1000);
  EXPECT_EQ(describe("dead").ready, 10u);
}

TEST_F(DeadLetterScenario, WithoutATargetTheMessageIsDropped) {
  declare("alone", {.dead_letter = model::DeadLetter{.routing_key = "nowhere"}});
  send("alone", {"a"});
  consume(client, "alone", 1, 10);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(got, SizeIs(1));
  settle(client, got[0], model::Verb::kReject);
  EXPECT_THAT(deliveries(), IsEmpty());
  EXPECT_EQ(describe("alone").ready + describe("alone").leased, 0u);
}

}  // namespace
}  // namespace godwit::scenario
