#include "broker/queues.h"

#include <gmock/gmock.h>

#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using model::Ordering;
using model::Verb;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class QueuesTest : public Scenario {
 protected:
  Result<model::Settled> settle_runs(const std::string& queue, std::vector<model::OffsetRun> runs,
                                     std::vector<uint32_t> attempts, Verb verb = Verb::kAccept) {
    return client.ask(
        model::Settle{.ledger = ledger(queue), .verb = verb, .runs = std::move(runs), .attempts = std::move(attempts)});
  }
  std::vector<std::string> peek(const std::string& queue, int64_t from, uint32_t max) {
    auto seen = client.ask(model::Peek{.ledger = ledger(queue), .from = Offset(from), .messages_max = max});
    EXPECT_TRUE(seen);
    std::vector<std::string> out;
    for (const model::DeliveredBatch& batch : seen->batches)
      for (const Got& got : messages_of(batch)) out.push_back(got.body);
    return out;
  }
  /// Asks for messages and waits up to `ms` for them; the answer comes into `into`.
  void receive_later(const std::string& queue, int64_t ms, std::optional<Result<model::Received>>& into) {
    client.call(
        model::Receive{.ledger = ledger(queue), .lease_ms = 30'000, .wait_until_boot_ms = world.now().boot_ms + ms},
        [&into](Result<model::Received> received) { into = std::move(received); });
  }
};

TEST_F(QueuesTest, AllOfAGroupExpiresThoughOneStandsBehindTheOther) {
  declare("dead");
  for (bool dead_letters : {false, true}) {
    std::string queue = dead_letters ? "tells" : "drops";
    model::QueueSettings settings{.ordering = Ordering::kGroups, .message_ttl_ms = 1'000};
    if (dead_letters) settings.dead_letter = {.routing_key = "dead"};
    declare(queue, settings);
    publish(queue, {{.body = "a1", .group = "a"}, {.body = "a2", .group = "a"}, {.body = "a3", .group = "a"}});
    world.advance(1'500);
    EXPECT_EQ(describe(queue).ready, 0u) << queue;
  }
  EXPECT_THAT(bodies(receive("dead", 10)), ElementsAre("a1", "a2", "a3"));
}

TEST_F(QueuesTest, TheNextOfAGroupFollowsOneThatNeedsNoSettling) {
  declare("q", {.ordering = Ordering::kGroups});
  ASSERT_TRUE(client.ask(
      model::Attach{.ledger = ledger("q"), .tag = ConsumerTag(1), .credit = 10, .settle_on_delivery = true}));
  publish("q", {{.body = "a1", .group = "a"}, {.body = "a2", .group = "a"}, {.body = "a3", .group = "a"}});
  EXPECT_THAT(bodies(deliveries()), ElementsAre("a1", "a2", "a3"));
}

// Settling.

TEST_F(QueuesTest, WhatIsStillLeasedIsSettledAndTheRestPassedOver) {
  declare("q");
  send("q", {"a", "b", "c"});
  std::vector<Got> got = receive("q", 3);
  ASSERT_THAT(got, SizeIs(3));
  auto settled = settle_runs("q", {{Offset(0), 3}}, {got[0].attempt, got[1].attempt + 100, got[2].attempt});
  ASSERT_TRUE(settled);
  EXPECT_EQ(settled->settled, 2u);
  EXPECT_EQ(describe("q").leased, 1u) << "b was named by another attempt";
  auto again = settle_runs("q", {{Offset(0), 1}}, {got[0].attempt});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kLeaseLost);
}

TEST_F(QueuesTest, OffsetsWithoutAnAttemptAreNobodysLease) {
  declare("q");
  send("q", {"a", "b"});
  std::vector<Got> got = receive("q", 2);
  ASSERT_THAT(got, SizeIs(2));
  auto settled = settle_runs("q", {{Offset(0), 0xffffffff}}, {got[0].attempt});
  ASSERT_TRUE(settled);
  EXPECT_EQ(settled->settled, 1u);
  EXPECT_FALSE(settle_runs("q", {{Offset(1), 1}}, {}));
  EXPECT_FALSE(settle_runs("q", {}, {got[1].attempt}));
  EXPECT_EQ(describe("q").leased, 1u);
}

TEST_F(QueuesTest, AConsumersLeaseIsNotSettledByAnother) {
  declare("q");
  send("q", {"a"});
  consume(client, "q", 1, 10);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(got, SizeIs(1));
  sim::SimClient other(world);
  model::Settle theft{.ledger = ledger("q"), .consumer = ConsumerTag(1), .runs = {{Offset(0), 1}}};
  EXPECT_FALSE(other.ask(theft)) << "of the same tag, but another session";
  theft.consumer = ConsumerTag(2);
  EXPECT_FALSE(client.ask(theft));
  theft.consumer.reset();
  theft.attempts = {0};
  EXPECT_FALSE(client.ask(theft)) << "it has no attempt number";
  accept(got[0]);
  EXPECT_EQ(describe("q").leased, 0u);
}

TEST_F(QueuesTest, ReleasingWithADelayHidesTheMessageSoLong) {
  declare("q");
  send("q", {"a"});
  std::vector<Got> got = receive("q", 1);
  ASSERT_THAT(got, SizeIs(1));
  ASSERT_TRUE(client.ask(model::Settle{.ledger = ledger("q"),
                                       .verb = Verb::kRelease,
                                       .runs = {{Offset(0), 1}},
                                       .attempts = {got[0].attempt},
                                       .delay_ms = 5'000}));
  EXPECT_EQ(describe("q").delayed, 1u);
  world.advance(4'900);
  EXPECT_THAT(receive("q", 1), IsEmpty());
  world.advance(200);
  EXPECT_THAT(bodies(receive("q", 1)), ElementsAre("a"));
}

TEST_F(QueuesTest, ADeliveryLimitOfZeroLeavesNoSecondDelivery) {
  declare("q", {.delivery_limit = 0});
  send("q", {"a", "b"});
  std::vector<Got> got = receive("q", 2);
  ASSERT_THAT(got, SizeIs(2));
  ASSERT_TRUE(settle_lease(got[0], Verb::kRelease));
  ASSERT_TRUE(settle_lease(got[1], Verb::kFail));
  EXPECT_THAT(bodies(receive("q", 2)), ElementsAre("a")) << "a release is no failure";
}

TEST_F(QueuesTest, DeferredMessagesAreFoundByTheirOffsetOnly) {
  declare("q");
  send("q", {"a", "b"});
  std::vector<Got> got = receive("q", 2);
  ASSERT_THAT(got, SizeIs(2));
  ASSERT_TRUE(settle_lease(got[0], Verb::kDefer));
  ASSERT_TRUE(settle_lease(got[1], Verb::kRelease));
  EXPECT_EQ(describe("q").deferred, 1u);
  EXPECT_THAT(bodies(receive("q", 2)), ElementsAre("b"));
  restart();
  auto taken = client.ask(model::ReceiveDeferred{.ledger = ledger("q"), .offsets = {Offset(1), Offset(0), Offset(99)}});
  ASSERT_TRUE(taken);
  ASSERT_THAT(taken->batches, SizeIs(1));
  std::vector<Got> deferred = messages_of(taken->batches[0]);
  EXPECT_THAT(bodies(deferred), ElementsAre("a"));
  EXPECT_EQ(describe("q").deferred, 1u) << "also while somebody has it";
  ASSERT_TRUE(settle_lease(deferred[0]));
  EXPECT_EQ(describe("q").deferred, 0u);
}

TEST_F(QueuesTest, ALeaseIsRenewedByItsAttemptOnly) {
  declare("q");
  send("q", {"a"});
  std::vector<Got> got = receive("q", 1, 5'000);
  ASSERT_THAT(got, SizeIs(1));
  model::Renew renew{.ledger = ledger("q"), .runs = {{Offset(0), 1}}, .attempts = {got[0].attempt}, .lease_ms = 20'000};
  world.advance(4'000);
  auto renewed = client.ask(renew);
  ASSERT_TRUE(renewed);
  EXPECT_GE(renewed->until_boot_ms, world.now().boot_ms + 19'000);
  world.advance(10'000);
  EXPECT_THAT(receive("q", 1), IsEmpty());
  world.advance(11'000);
  EXPECT_THAT(receive("q", 1), SizeIs(1));
  EXPECT_FALSE(client.ask(renew)) << "the message is under a later attempt now";
}

// Handing out.

TEST_F(QueuesTest, AConsumerGetsOneMessageOfAGroupAtATime) {
  declare("q", {.ordering = Ordering::kGroups});
  consume(client, "q", 1, 10);
  sim::SimClient other(world);
  consume(other, "q", 1, 10);
  publish("q", {{.body = "a1", .group = "a"}, {.body = "a2", .group = "a"}, {.body = "b1", .group = "b"}});
  std::vector<Got> mine = deliveries();
  std::vector<Got> others = deliveries(other);
  ASSERT_EQ(mine.size() + others.size(), 2u) << "a2 waits for a1, whoever has it";
  sim::SimClient& holder = !mine.empty() && mine[0].body == "a1" ? client : other;
  settle(holder, !mine.empty() && mine[0].body == "a1" ? mine[0] : others[0]);
  mine = deliveries();
  others = deliveries(other);
  ASSERT_EQ(mine.size() + others.size(), 1u);
  EXPECT_EQ((mine.empty() ? others : mine)[0].body, "a2");
}

TEST_F(QueuesTest, AGroupOfALostConsumerComesBackInOrder) {
  declare("q", {.ordering = Ordering::kGroups});
  {
    sim::SimClient gone(world);
    consume(gone, "q", 1, 10);
    publish("q", {{.body = "a1", .group = "a"}, {.body = "a2", .group = "a"}});
    EXPECT_THAT(bodies(deliveries(gone)), ElementsAre("a1"));
  }
  world.advance(50);
  EXPECT_THAT(bodies(receive("q", 10)), ElementsAre("a1", "a2"));
}

TEST_F(QueuesTest, CreditBeyondTheLargestNumberIsTheLargestNumber) {
  declare("q");
  consume(client, "q", 1, 0xffffffff);
  client.tell({ledger("q"), ConsumerTag(1), 2});
  send("q", {"a", "b", "c"});
  std::vector<Got> got = deliveries();
  ASSERT_THAT(bodies(got), ElementsAre("a", "b", "c"));
  settle(client, got[0], Verb::kAccept, 0xffffffff);
  send("q", {"d"});
  EXPECT_THAT(bodies(deliveries()), ElementsAre("d"));
}

TEST_F(QueuesTest, AnExclusiveConsumerIsAlone) {
  declare("q");
  sim::SimClient other(world);
  model::Attach alone{.ledger = ledger("q"), .tag = ConsumerTag(1), .credit = 1, .exclusive = true};
  ASSERT_TRUE(client.ask(alone));
  auto second = other.ask(model::Attach{.ledger = ledger("q"), .tag = ConsumerTag(1), .credit = 1});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kExclusive);
  ASSERT_TRUE(client.ask(model::Detach{.ledger = ledger("q"), .tag = ConsumerTag(1)}));
  consume(other, "q", 1, 1);
  EXPECT_FALSE(client.ask(alone)) << "somebody consumes already";
  auto twice = other.ask(model::Attach{.ledger = ledger("q"), .tag = ConsumerTag(1), .credit = 1});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::kAlreadyExists);
}

TEST_F(QueuesTest, ACancelledConsumerKeepsItsLeasesUntilItsSessionEnds) {
  declare("q");
  {
    sim::SimClient leaving(world);
    consume(leaving, "q", 1, 2);
    send("q", {"a", "b", "c"});
    std::vector<Got> got = deliveries(leaving);
    ASSERT_THAT(got, SizeIs(2));
    ASSERT_TRUE(leaving.ask(model::Detach{.ledger = ledger("q"), .tag = ConsumerTag(1), .release = false}));
    EXPECT_EQ(describe("q").consumers, 0u);
    EXPECT_EQ(describe("q").leased, 2u);
    settle(leaving, got[0], Verb::kAccept, 5);
    EXPECT_THAT(deliveries(leaving), IsEmpty()) << "credit of a consumer that is gone";
  }
  world.advance(50);
  EXPECT_THAT(bodies(receive("q", 10)), ElementsAre("b", "c"));
}

// Calls that wait.

TEST_F(QueuesTest, WaitingCallsAreServedInTheirOrderAndEndInTime) {
  declare("q");
  std::optional<Result<model::Received>> first;
  std::optional<Result<model::Received>> second;
  receive_later("q", 10'000, first);
  receive_later("q", 10'000, second);
  world.advance(5'000);
  EXPECT_FALSE(first || second);
  send("q", {"a"});
  world.advance(50);
  ASSERT_TRUE(first && *first);
  EXPECT_EQ(messages_of((*first)->batches.at(0))[0].body, "a");
  EXPECT_FALSE(second);
  world.advance(5'000);
  ASSERT_TRUE(second && *second);
  EXPECT_THAT((*second)->batches, IsEmpty());
  send("q", {"b"});
  EXPECT_EQ(describe("q").ready, 1u) << "nobody waits any more";
}

TEST_F(QueuesTest, ADeletedQueueTellsWhoWaitsAndWhoConsumes) {
  declare("q");
  std::optional<Result<model::Received>> waiting;
  receive_later("q", 10'000, waiting);
  consume(client, "q", 7, 1);
  ASSERT_TRUE(client.ask(model::DeleteQueue{.name = {.text = "q"}}));
  world.advance(50);
  ASSERT_TRUE(waiting);
  ASSERT_FALSE(*waiting);
  EXPECT_EQ(waiting->error().code, ErrorCode::kNotFound);
  auto cancelled = std::find_if(client.notices.begin(), client.notices.end(), [](const broker::Notice& notice) {
    auto* c = std::get_if<broker::ConsumerCancelled>(&notice);
    return c && c->tag == ConsumerTag(7);
  });
  EXPECT_NE(cancelled, client.notices.end());
}

// Looking, dropping, purging.

TEST_F(QueuesTest, LookingGoesByOffsetWhateverThePriorities) {
  declare("q", {.priorities = 9});
  publish("q", {{.body = "0", .priority = 9},
                {.body = "1", .priority = 0},
                {.body = "2", .priority = 9},
                {.body = "3", .priority = 5},
                {.body = "4", .priority = 0}});
  EXPECT_THAT(peek("q", 0, 3), ElementsAre("0", "1", "2"));
  EXPECT_THAT(peek("q", 3, 10), ElementsAre("3", "4"));
  EXPECT_THAT(peek("q", 0, 0), IsEmpty());
  EXPECT_EQ(describe("q").ready, 5u) << "nothing is taken";
}

TEST_F(QueuesTest, LookingShowsWhatIsLeasedAndDeferredToo) {
  declare("q");
  send("q", {"a", "b", "c", "d"});
  std::vector<Got> got = receive("q", 3);
  ASSERT_THAT(got, SizeIs(3));
  ASSERT_TRUE(settle_lease(got[0], Verb::kDefer));
  ASSERT_TRUE(settle_lease(got[1]));
  EXPECT_THAT(peek("q", 0, 10), ElementsAre("a", "c", "d"));
  EXPECT_THAT(peek("q", 100, 10), IsEmpty());
}

TEST_F(QueuesTest, AFullQueueOfGroupsDropsItsOldest) {
  declare("q", {.ordering = Ordering::kGroups, .length_max = 2});
  publish("q", {{.body = "g1", .group = "g"}});
  publish("q", {{.body = "loose"}});
  publish("q", {{.body = "h1", .group = "h"}});
  EXPECT_THAT(peek("q", 0, 10), ElementsAre("loose", "h1"));
}

TEST_F(QueuesTest, PurgingTakesBlockedGroupsButNotWhatIsLeased) {
  declare("q", {.ordering = Ordering::kGroups});
  publish("q", {{.body = "a1", .group = "a"}, {.body = "a2", .group = "a"}, {.body = "loose"}});
  std::vector<Got> got = receive("q", 1);
  ASSERT_THAT(bodies(got), ElementsAre("a1"));
  auto purged = client.ask(model::Purge{ledger("q")});
  ASSERT_TRUE(purged);
  EXPECT_EQ(purged->messages, 2u);
  ASSERT_TRUE(settle_lease(got[0], Verb::kRelease));
  EXPECT_THAT(bodies(receive("q", 10)), ElementsAre("a1"));
}

// The queue's own time.

TEST_F(QueuesTest, AQueueExpiresUnlessItIsUsed) {
  declare("q", {.expires_ms = 10'000});
  world.advance(6'000);
  EXPECT_THAT(receive("q", 1), IsEmpty()) << "which is a use";
  world.advance(6'000);
  EXPECT_NE(client.catalog().queue(model::Name{.text = "q"}), nullptr);
  ASSERT_TRUE(client.ask(model::DeclareQueue{.name = {.text = "q"}, .passive = true})) << "another use";
  world.advance(6'000);
  EXPECT_NE(client.catalog().queue(model::Name{.text = "q"}), nullptr);
  consume(client, "q", 1, 1);
  world.advance(20'000);
  EXPECT_NE(client.catalog().queue(model::Name{.text = "q"}), nullptr) << "it has a consumer";
  ASSERT_TRUE(client.ask(model::Detach{.ledger = ledger("q"), .tag = ConsumerTag(1)}));
  world.advance(9'000);
  EXPECT_NE(client.catalog().queue(model::Name{.text = "q"}), nullptr);
  world.advance(2'000);
  EXPECT_EQ(client.catalog().queue(model::Name{.text = "q"}), nullptr);
}

TEST_F(QueuesTest, WhatDoesNotExistIsNotFound) {
  declare("q");
  LedgerId gone = ledger("q");
  ASSERT_TRUE(client.ask(model::DeleteQueue{.name = {.text = "q"}}));
  auto code = [](const auto& result) { return result ? ErrorCode::kAlreadyExists : result.error().code; };
  EXPECT_EQ(code(client.ask(model::Attach{.ledger = gone, .tag = ConsumerTag(1)})), ErrorCode::kNotFound);
  EXPECT_EQ(code(client.ask(model::Receive{.ledger = gone})), ErrorCode::kNotFound);
  EXPECT_EQ(code(client.ask(model::Settle{.ledger = gone, .runs = {{Offset(0), 1}}})), ErrorCode::kNotFound);
  EXPECT_EQ(code(client.ask(model::Renew{.ledger = gone})), ErrorCode::kNotFound);
  EXPECT_EQ(code(client.ask(model::Peek{.ledger = gone})), ErrorCode::kNotFound);
  EXPECT_EQ(code(client.ask(model::Purge{gone})), ErrorCode::kNotFound);
  EXPECT_EQ(code(client.ask(model::DescribeLedger{gone})), ErrorCode::kNotFound);
  EXPECT_TRUE(client.ask(model::Detach{.ledger = gone, .tag = ConsumerTag(1)})) << "nothing is left to end";
}

/// The last consumer leaves twice before the first deletion is known: by a cancel, and by what is left of its
/// connection.
TEST_F(QueuesTest, ALateDeletionSparesTheQueueThatHasTheNameNow) {
  declare("q", {.auto_delete = true});
  LedgerId first = ledger("q");
  ASSERT_TRUE(client.ask(model::Attach{.ledger = first, .tag = ConsumerTag(1), .credit = 1}));
  std::optional<Result<model::QueueDeclared>> again;
  client.call(model::Detach{.ledger = first, .tag = ConsumerTag(1)}, [](const Result<model::Detached>&) {});
  client.call(model::DeclareQueue{.name = {.text = "q"}, .settings = {.auto_delete = true}},
              [&](Result<model::QueueDeclared> reply) { again = std::move(reply); });
  client.call(model::Detach{.ledger = first, .tag = model::kEveryConsumer}, [](const Result<model::Detached>&) {});
  world.advance(1'000);
  ASSERT_TRUE(again && *again);
  ASSERT_TRUE((*again)->created);
  const model::QueueInfo* queue = client.catalog().queue(model::Name{.text = "q"});
  ASSERT_TRUE(queue);
  EXPECT_EQ(queue->id, (*again)->queue.id);
}

}  // namespace
}  // namespace godwit::scenario
