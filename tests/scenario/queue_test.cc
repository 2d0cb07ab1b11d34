// Work queues: competing consumers, credit, redelivery, limits and lives of queues.

#include <gmock/gmock.h>

#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class QueueScenario : public Scenario {};

TEST_F(QueueScenario, PublishedIsConsumed) {
  declare("orders");
  EXPECT_EQ(send("orders", {"a", "b"}).base_offset, Offset(0));
  consume(client, "orders", 1, 10);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(bodies(got), ElementsAre("a", "b"));
  EXPECT_FALSE(got[0].redelivered);
  accept(got[0]);
  accept(got[1]);
  EXPECT_EQ(describe("orders").ready, 0u);
  EXPECT_EQ(world.broker().worker(WorkerId(0)).memory().used(broker::Memory::Use::kMessages), 0u);
}

TEST_F(QueueScenario, CompetingConsumersShareFairly) {
  declare("orders");
  sim::SimClient other(world);
  consume(client, "orders", 1, 100);
  consume(other, "orders", 1, 100);
  std::vector<std::string> all;
  for (int i = 0; i < 40; ++i) all.push_back(std::to_string(i));
  send("orders", all);
  EXPECT_THAT(deliveries(client), SizeIs(20));
  EXPECT_THAT(deliveries(other), SizeIs(20));
}

TEST_F(QueueScenario, NoMoreThanItsCreditGoesToAConsumer) {
  declare("orders");
  send("orders", {"a", "b", "c"});
  consume(client, "orders", 1, 1);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(bodies(got), ElementsAre("a"));
  EXPECT_THAT(deliveries(), IsEmpty());
  accept(got[0]);
  EXPECT_THAT(bodies(deliveries()), ElementsAre("b"));
  client.tell({ledger("orders"), ConsumerTag(1), 1});
  EXPECT_THAT(bodies(deliveries()), ElementsAre("c"));
}

TEST_F(QueueScenario, ReleasedMessagesComeBackInOrder) {
  declare("orders");
  send("orders", {"a", "b", "c", "d"});
  consume(client, "orders", 1, 3);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(got, SizeIs(3));
  settle(client, got[1], model::Verb::kRelease, 0);
  settle(client, got[0], model::Verb::kRelease, 3);
  got = deliveries();
  ASSERT_THAT(bodies(got), ElementsAre("a", "b", "d"));
  EXPECT_TRUE(got[0].redelivered);
  EXPECT_EQ(got[0].failed, 0u);
  EXPECT_FALSE(got[2].redelivered);
}

class GrowingScenario : public Scenario {
 protected:
  GrowingScenario() : Scenario({.workers = 3}) {}
};

/// What comes to a new partition before its consumers do waits for them, and none of them comes too early.
TEST_F(GrowingScenario, ConsumersFollowATopicThatGrows) {
  declare("orders");
  sim::SimClient other(world, WorkerId(2));
  consume(other, "orders", 1, 10);
  uint32_t attached = 1;
  other.on_notice = [&](broker::Notice& notice) {
    if (auto* grown = std::get_if<broker::TopicGrown>(&notice)) {
      const model::TopicInfo* topic = other.catalog().topic(grown->topic);
      ASSERT_NE(topic, nullptr);
      for (; attached < topic->partitions; ++attached)
        other.call(model::Attach{.ledger = ledger("orders", attached), .tag = ConsumerTag(1), .credit = 10},
                   [](const Result<model::Attached>& reply) { EXPECT_TRUE(reply) << reply.error().message; });
    } else {
      other.notices.push_back(std::move(notice));
    }
  };
  for (uint32_t partitions : {4u, 9u}) {
    ASSERT_TRUE(client.ask(model::AddPartitions{.name = {.text = "orders"}, .partitions = partitions}));
    for (uint32_t i = 0; i < partitions; ++i)
      ASSERT_TRUE(client.ask(model::Append{.partition = partition("orders", i), .batch = batch_of(texts({"m"}))}));
    std::vector<Got> got = deliveries(other);
    EXPECT_THAT(got, SizeIs(partitions));
    for (const Got& message : got) settle(other, message);
  }
  EXPECT_EQ(attached, 9u);
}

/// All credit lies with the one ledger there was.
TEST_F(GrowingScenario, CreditIsSharedAfterwards) {
  declare("orders");
  consume(client, "orders", 1, 5);
  client.tell({.ledger = ledger("orders"), .tag = ConsumerTag(1), .shared_credit = true});
  world.advance(50);
  ASSERT_THAT(client.notices, SizeIs(1));
  auto* returned = std::get_if<broker::CreditReturned>(&client.notices.front());
  ASSERT_NE(returned, nullptr);
  EXPECT_EQ(returned->credit, 5u);
}

TEST_F(QueueScenario, ALostConnectionReturnsWhatItHeld) {
  declare("orders");
  send("orders", {"a", "b"});
  {
    sim::SimClient other(world);
    consume(other, "orders", 1, 10);
    ASSERT_THAT(deliveries(other), SizeIs(2));
  }
  consume(client, "orders", 1, 10);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(bodies(got), ElementsAre("a", "b"));
  EXPECT_TRUE(got[0].redelivered);
  EXPECT_EQ(got[0].failed, 1u);
}

TEST_F(QueueScenario, AfterACrashDeliveriesAreRedeliveredAndCountsStand) {
  declare("orders");
  send("orders", {"a", "b", "c"});
  consume(client, "orders", 1, 2);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(got, SizeIs(2));
  settle(client, got[0], model::Verb::kFail, 1);
  got = deliveries();
  ASSERT_THAT(bodies(got), ElementsAre("a"));
  EXPECT_EQ(got[0].failed, 1u);
  world.advance(100);  // what nobody waits for is durable by now
  restart();
  consume(client, "orders", 1, 10);
  got = deliveries();
  ASSERT_THAT(bodies(got), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(got[0].redelivered);
  EXPECT_EQ(got[0].failed, 1u);
  EXPECT_TRUE(got[1].redelivered);
  EXPECT_FALSE(got[2].redelivered);
}

TEST_F(QueueScenario, TheDeliveryLimitDropsAMessage) {
  declare("orders", {.delivery_limit = 2});
  send("orders", {"poison"});
  consume(client, "orders", 1, 1);
  for (uint32_t turn = 0; turn < 3; ++turn) {
    std::vector<Got> got = deliveries();
    ASSERT_THAT(got, SizeIs(1)) << turn;
    EXPECT_EQ(got[0].failed, turn);
    settle(client, got[0], model::Verb::kFail);
  }
  EXPECT_THAT(deliveries(), IsEmpty());
  EXPECT_EQ(describe("orders").ready, 0u);
}

TEST_F(QueueScenario, AFullQueueDropsItsHeadOrRefuses) {
  declare("drops", {.length_max = 2});
  send("drops", {"a", "b", "c"});
  consume(client, "drops", 1, 10);
  EXPECT_THAT(bodies(deliveries()), ElementsAre("b", "c"));

  declare("refuses", {.length_max = 2, .overflow = model::Overflow::kRejectPublish});
  send("refuses", {"a", "b"});
  Result<model::Appended> refused = try_publish("refuses", texts({"c"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOverLimit);
  consume(client, "refuses", 2, 10);
  EXPECT_THAT(bodies(deliveries()), ElementsAre("a", "b"));
}

TEST_F(QueueScenario, ASubscriptionFindsOnlyWhatIsThere) {
  declare("base");
  for (int i = 0; i < 7; ++i) send("base", {std::to_string(i)});
  std::vector<Got> got = receive("base", 7, 600'000);
  for (const Got& message : got)
    if (message.body != "0" && message.body != "6") {
      ASSERT_TRUE(settle_lease(message));
    }
  for (bool in_segments : {false, true}) {
    if (in_segments) restart(How::kStop);
    std::string name = in_segments ? "later" : "now";
    model::DeclareQueue command{.name = {.text = name}, .topic = "base", .start = model::Start::kFirstRetained};
    ASSERT_TRUE(client.ask(command));
    EXPECT_EQ(describe(name).ready, in_segments ? 7u : 2u) << "a segment's holes show when it is read";
    auto seen = client.ask(model::Peek{.ledger = ledger(name), .messages_max = 10});
    ASSERT_TRUE(seen);
    EXPECT_THAT(bodies(receive(name, 1)), ElementsAre("0"));
    seen = client.ask(model::Peek{.ledger = ledger(name), .from = Offset(1), .messages_max = 10});
    ASSERT_TRUE(seen) << "looking across a hole";
    EXPECT_THAT(bodies(receive(name, 10)), ElementsAre("6"));
    EXPECT_EQ(describe(name).ready, 0u);
  }
}

TEST_F(QueueScenario, AFullQueueDropsWhatComesBack) {
  declare("drops", {.length_max = 2});
  send("drops", {"a"});
  consume(client, "drops", 1, 1);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(bodies(got), ElementsAre("a"));
  send("drops", {"b", "c"});
  settle(client, got[0], model::Verb::kRelease, 0);
  world.advance(10);
  EXPECT_EQ(describe("drops").ready, 2u);

  ASSERT_TRUE(client.ask(model::Purge{ledger("drops")}));
  send("drops", {"d"});
  client.tell({ledger("drops"), ConsumerTag(1), 1});
  ASSERT_THAT(bodies(deliveries()), ElementsAre("d"));
  send("drops", {"e", "f"});
  restart();
  world.advance(10);
  EXPECT_EQ(describe("drops").ready, 2u);
  consume(client, "drops", 2, 10);
  EXPECT_THAT(bodies(deliveries()), ElementsAre("e", "f"));
}

TEST_F(QueueScenario, AQueueThatIsFullByBytesDropsItsHeadOrRefuses) {
  declare("drops", {.bytes_max = 10});
  send("drops", {"aaaaaa", "b", "cc"});
  EXPECT_EQ(describe("drops").ready, 3u);
  send("drops", {"dddd"});
  EXPECT_EQ(describe("drops").ready, 3u) << "one large message made room";
  send("drops", {"eeeeeeeeee"});
  consume(client, "drops", 1, 1);
  std::vector<Got> got = deliveries();
  EXPECT_THAT(bodies(got), ElementsAre("eeeeeeeeee"));
  send("drops", {"ffffff", "gggg"});
  EXPECT_EQ(describe("drops").ready, 2u) << "what a consumer holds does not count";
  settle(client, got[0], model::Verb::kRelease, 0);
  world.advance(10);
  EXPECT_EQ(describe("drops").ready, 2u) << "what came back was at the head";
  send("drops", {std::string(11, 'h')});
  EXPECT_EQ(describe("drops").ready, 0u) << "larger than the queue";

  declare("refuses", {.bytes_max = 10, .overflow = model::Overflow::kRejectPublish});
  send("refuses", {"aaaa", "bbbbbb"});
  Result<model::Appended> refused = try_publish("refuses", texts({"c"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOverLimit);
  consume(client, "refuses", 2, 1);
  EXPECT_THAT(bodies(deliveries()), ElementsAre("aaaa"));
  EXPECT_TRUE(try_publish("refuses", texts({"c"})));
}

TEST_F(QueueScenario, ALimitOfBytesHoldsAfterARestartAndForOldSegments) {
  declare("drops", {.bytes_max = 30'000});
  for (char c = 'a'; c < 'f'; ++c) send("drops", {std::string(6'000, c)});
  EXPECT_EQ(describe("drops").ready, 5u);
  restart();
  send("drops", {std::string(6'000, 'f')});
  EXPECT_EQ(describe("drops").ready, 5u);
  restart(How::kStop);
  send("drops", {std::string(6'000, 'g')});
  EXPECT_GE(describe("drops").ready, 4u) << "segments count with what stands around the bodies";
  EXPECT_LE(describe("drops").ready, 5u);
}

TEST_F(QueueScenario, MessagesExpire) {
  declare("orders", {.message_ttl_ms = 1000});
  send("orders", {"old"});
  world.advance(900);
  send("orders", {"young"});
  publish("orders", {{.body = "brief", .expires_at_ms = world.now().wall_ms + 200}});
  world.advance(300);
  EXPECT_EQ(describe("orders").ready, 2u) << "the head expires by its timer; 'brief' is behind 'young'";
  consume(client, "orders", 1, 10);
  EXPECT_THAT(bodies(deliveries()), ElementsAre("young"));
  EXPECT_EQ(describe("orders").ready, 0u);
}

TEST_F(QueueScenario, PurgeLeavesWhatIsLeased) {
  declare("orders");
  send("orders", {"a", "b", "c"});
  consume(client, "orders", 1, 1);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(got, SizeIs(1));
  auto purged = client.ask(model::Purge{ledger("orders")});
  ASSERT_TRUE(purged);
  EXPECT_EQ(purged->messages, 2u);
  restart();
  EXPECT_EQ(describe("orders").ready, 1u);
}

TEST_F(QueueScenario, AnExclusiveQueueDiesWithItsConnection) {
  sim::SimClient other(world);
  ASSERT_TRUE(
      other.ask(model::DeclareQueue{.name = {.text = "mine"}, .settings = {.durable = false, .exclusive = true}}));
  auto refused = client.ask(model::Attach{.ledger = ledger("mine"), .tag = ConsumerTag(1), .credit = 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kExclusive);
  other.disconnect();
  world.advance(100);
  EXPECT_EQ(client.catalog().queue(model::Name{.text = "mine"}), nullptr);
}

TEST_F(QueueScenario, AnAutoDeleteQueueDiesWithItsLastConsumer) {
  declare("brief", {.auto_delete = true});
  consume(client, "brief", 1, 1);
  ASSERT_TRUE(client.ask(model::Detach{.ledger = ledger("brief"), .tag = ConsumerTag(1)}));
  world.advance(100);
  EXPECT_EQ(client.catalog().queue(model::Name{.text = "brief"}), nullptr);
  EXPECT_EQ(client.catalog().topic(model::Name{.text = "brief"}), nullptr);
}

TEST_F(QueueScenario, AVolatileQueueIsGoneAfterARestart) {
  declare("memory", {.durable = false});
  send("memory", {"a"});
  declare("disk");
  send("disk", {"a"});
  restart(How::kStop);
  EXPECT_EQ(client.catalog().queue(model::Name{.text = "memory"}), nullptr);
  EXPECT_EQ(describe("disk").ready, 1u);
}

TEST_F(QueueScenario, HigherPrioritiesGoFirst) {
  declare("orders", {.priorities = 5});
  publish("orders", {{.body = "low", .priority = 1},
                     {.body = "none"},
                     {.body = "high", .priority = 5},
                     {.body = "beyond", .priority = 9}});
  restart();
  consume(client, "orders", 1, 10);
  EXPECT_THAT(bodies(deliveries()), ElementsAre("high", "beyond", "low", "none"));
}

TEST_F(QueueScenario, ADelayedMessageArrivesWhenItIsDueAlsoAfterARestart) {
  declare("orders");
  publish("orders", {{.body = "later", .deliver_at_ms = world.now().wall_ms + 60'000}, {.body = "now"}});
  consume(client, "orders", 1, 10);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(bodies(got), ElementsAre("now"));
  accept(got[0]);
  restart();
  consume(client, "orders", 1, 10);
  world.advance(30'000);
  EXPECT_THAT(deliveries(), IsEmpty());
  restart(How::kStop);
  consume(client, "orders", 1, 10);
  world.advance(31'000);
  EXPECT_THAT(bodies(deliveries()), ElementsAre("later"));
}

TEST_F(QueueScenario, OnlyTheFirstOfSingleActiveConsumersIsServed) {
  declare("orders", {.single_active_consumer = true});
  sim::SimClient other(world);
  consume(client, "orders", 1, 10);
  consume(other, "orders", 1, 10);
  send("orders", {"a", "b"});
  EXPECT_THAT(bodies(deliveries(client)), ElementsAre("a", "b"));
  EXPECT_THAT(deliveries(other), IsEmpty());
  ASSERT_TRUE(client.ask(model::Detach{.ledger = ledger("orders"), .tag = ConsumerTag(1)}));
  EXPECT_THAT(bodies(deliveries(other)), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace godwit::scenario
