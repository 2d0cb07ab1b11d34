// Protocols that are not there yet, played on the command boundary: SQS FIFO queues, Service Bus sessions and Pub/Sub
// ordering keys.

#include <gmock/gmock.h>

#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using model::Ordering;
using model::Verb;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class SqsFifo : public Scenario {
 protected:
  SqsFifo() { declare("jobs.fifo", {.ordering = Ordering::kGroups, .dedup_window_ms = 300'000}); }
};

TEST_F(SqsFifo, OneGroupIsHandledOneCallAtATime) {
  publish("jobs.fifo", {{.body = "a1", .group = "a"},
                        {.body = "a2", .group = "a"},
                        {.body = "b1", .group = "b"},
                        {.body = "a3", .group = "a"}});
  std::vector<Got> first = receive("jobs.fifo", 2);
  ASSERT_THAT(bodies(first), ElementsAre("a1", "a2")) << "one call may take several of a group";
  std::vector<Got> second = receive("jobs.fifo", 10);
  ASSERT_THAT(bodies(second), ElementsAre("b1")) << "a is in flight";
  ASSERT_TRUE(settle_lease(first[0]));
  EXPECT_THAT(receive("jobs.fifo", 10), IsEmpty());
  ASSERT_TRUE(settle_lease(first[1]));
  EXPECT_THAT(bodies(receive("jobs.fifo", 10)), ElementsAre("a3"));
}

TEST_F(SqsFifo, AVisibilityTimeoutBringsTheGroupBackInOrderAndCountsReceives) {
  publish("jobs.fifo", {{.body = "a1", .group = "a"}, {.body = "a2", .group = "a"}});
  std::vector<Got> first = receive("jobs.fifo", 1, 5'000);
  ASSERT_THAT(bodies(first), ElementsAre("a1"));
  EXPECT_EQ(first[0].acquired, 0u);
  world.advance(5'100);
  std::vector<Got> again = receive("jobs.fifo", 10, 5'000);
  ASSERT_THAT(bodies(again), ElementsAre("a1", "a2"));
  EXPECT_EQ(again[0].acquired, 1u);
  auto late = settle_lease(first[0]);
  ASSERT_FALSE(late) << "its receipt handle is of an earlier receive";
  EXPECT_EQ(late.error().code, ErrorCode::kLeaseLost);
  ASSERT_TRUE(settle_lease(again[0]));
}

TEST_F(SqsFifo, ALeaseOutlivesACrash) {
  publish("jobs.fifo", {{.body = "a1", .group = "a"}});
  std::vector<Got> got = receive("jobs.fifo", 1, 30'000);
  ASSERT_THAT(got, SizeIs(1));
  restart();
  EXPECT_THAT(receive("jobs.fifo", 1), IsEmpty()) << "a group's delivery waited for its lease to be durable";
  ASSERT_TRUE(settle_lease(got[0]));
  world.advance(60'000);
  EXPECT_THAT(receive("jobs.fifo", 1), IsEmpty());
}

TEST_F(SqsFifo, ARepeatWithinTheWindowIsAnsweredWithTheFirst) {
  model::Appended first = publish("jobs.fifo", {{.body = "one", .group = "a", .dedup_id = "x"}});
  restart();
  model::Appended again = publish("jobs.fifo", {{.body = "one more", .group = "a", .dedup_id = "x"}});
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.base_offset, first.base_offset);
  std::vector<Got> got = receive("jobs.fifo", 10);
  ASSERT_THAT(bodies(got), ElementsAre("one"));
  ASSERT_TRUE(settle_lease(got[0]));
  EXPECT_TRUE(publish("jobs.fifo", {{.body = "late", .group = "a", .dedup_id = "x"}}).duplicate)
      << "also after it was deleted";
  restart(How::kStop);  // from a snapshot this time
  EXPECT_TRUE(publish("jobs.fifo", {{.body = "late", .group = "a", .dedup_id = "x"}}).duplicate);
  world.advance(300'000);
  EXPECT_FALSE(publish("jobs.fifo", {{.body = "new", .group = "a", .dedup_id = "x"}}).duplicate);
  EXPECT_THAT(bodies(receive("jobs.fifo", 10)), ElementsAre("new"));
}

TEST_F(SqsFifo, RepeatsWithinABatchAreLeftOut) {
  publish("jobs.fifo", {{.body = "one", .group = "a", .dedup_id = "1"}});
  model::Appended appended = publish("jobs.fifo", {{.body = "two", .group = "a", .dedup_id = "2"},
                                                   {.body = "one", .group = "a", .dedup_id = "1"},
                                                   {.body = "free", .group = "a"},
                                                   {.body = "two", .group = "a", .dedup_id = "2"}});
  EXPECT_FALSE(appended.duplicate);
  EXPECT_EQ(appended.base_offset, Offset(1));
  ASSERT_THAT(appended.repeated, SizeIs(2));
  EXPECT_EQ(appended.repeated[0].index, 1u);
  EXPECT_EQ(appended.repeated[0].offset, Offset(0));
  EXPECT_EQ(appended.repeated[1].index, 3u);
  EXPECT_EQ(appended.repeated[1].offset, Offset(1));
  EXPECT_THAT(bodies(receive("jobs.fifo", 10)), ElementsAre("one", "two", "free"));
}

class ServiceBusSessions : public Scenario {
 protected:
  ServiceBusSessions() { declare("sessions", {.ordering = Ordering::kSessions, .lease_ms = 10'000}); }

  Result<model::Attached> lock(sim::SimClient& by, const std::string& group, uint32_t tag) {
    return by.ask(model::Attach{.ledger = ledger("sessions"), .tag = ConsumerTag(tag), .session_group = group});
  }
  Result<model::SessionGroupDone> session(sim::SimClient& by, const std::string& group, uint32_t tag,
                                          model::SessionGroup::Action action, ByteVec state = {}) {
    return by.ask(model::SessionGroup{.ledger = ledger("sessions"),
                                      .group = group,
                                      .holder = ConsumerTag(tag),
                                      .action = action,
                                      .state = std::move(state)});
  }
};

TEST_F(ServiceBusSessions, ASessionBelongsToWhoLockedIt) {
  publish("sessions", {{.body = "a1", .group = "a"}, {.body = "b1", .group = "b"}, {.body = "a2", .group = "a"}});
  sim::SimClient other(world);
  auto mine = lock(client, "a", 1);
  ASSERT_TRUE(mine);
  EXPECT_EQ(mine->session_group, "a");
  EXPECT_FALSE(lock(other, "a", 1));
  auto next = lock(other, "", 2);
  ASSERT_TRUE(next) << "the next session that is free";
  EXPECT_EQ(next->session_group, "b");
  client.tell({ledger("sessions"), ConsumerTag(1), 10});
  std::vector<Got> got = deliveries();
  EXPECT_THAT(bodies(got), ElementsAre("a1", "a2"));
  other.tell({ledger("sessions"), ConsumerTag(2), 10});
  EXPECT_THAT(bodies(deliveries(other)), ElementsAre("b1"));
}

TEST_F(ServiceBusSessions, ALockIsRenewedKeepsStateAndRunsOut) {
  using Action = model::SessionGroup::Action;
  publish("sessions", {{.body = "a1", .group = "a"}});
  ASSERT_TRUE(lock(client, "a", 1));
  world.advance(8'000);
  ASSERT_TRUE(session(client, "a", 1, Action::kRenew));
  ASSERT_TRUE(session(client, "a", 1, Action::kSetState, {1, 2, 3}));
  world.advance(8'000);
  auto state = session(client, "a", 1, Action::kGetState);
  ASSERT_TRUE(state) << "renewed: still locked";
  EXPECT_EQ(state->state, (ByteVec{1, 2, 3}));
  world.advance(3'000);
  EXPECT_EQ(session(client, "a", 1, Action::kGetState).error().code, ErrorCode::kLeaseLost);
  restart();
  ASSERT_TRUE(lock(client, "a", 1));
  state = session(client, "a", 1, Action::kGetState);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->state, (ByteVec{1, 2, 3})) << "state outlives locks and restarts";
}

TEST_F(ServiceBusSessions, ADeferredMessageIsReceivedByItsNumber) {
  declare("plain");
  send("plain", {"a", "b"});
  std::vector<Got> got = receive("plain", 1);
  ASSERT_THAT(bodies(got), ElementsAre("a"));
  ASSERT_TRUE(settle_lease(got[0], Verb::kDefer));
  EXPECT_THAT(bodies(receive("plain", 10)), ElementsAre("b"));
  restart();
  EXPECT_EQ(describe("plain").deferred, 1u);
  auto deferred = client.ask(
      model::ReceiveDeferred{.ledger = ledger("plain"), .offsets = {Offset(0), Offset(1)}, .lease_ms = 1000});
  ASSERT_TRUE(deferred);
  ASSERT_THAT(deferred->batches, SizeIs(1));
  std::vector<Got> back = messages_of(deferred->batches[0]);
  ASSERT_THAT(bodies(back), ElementsAre("a"));
  ASSERT_TRUE(settle_lease(back[0]));
  EXPECT_EQ(describe("plain").deferred, 0u);
}

TEST_F(ServiceBusSessions, ADeferredMessageIsAsideAgainWhenItsLeaseEnds) {
  declare("plain");
  send("plain", {"a"});
  std::vector<Got> got = receive("plain", 1);
  ASSERT_TRUE(settle_lease(got.at(0), Verb::kDefer));
  model::ReceiveDeferred by_number{.ledger = ledger("plain"), .offsets = {Offset(0)}, .lease_ms = 1000};
  for (bool with_restart : {false, true}) {
    auto mine = client.ask(by_number);
    ASSERT_TRUE(mine);
    ASSERT_THAT(mine->batches, SizeIs(1));
    EXPECT_THAT(client.ask(by_number)->batches, IsEmpty()) << "one has it";
    if (with_restart) restart();
    world.advance(1500);
    EXPECT_THAT(receive("plain", 10), IsEmpty());
    EXPECT_EQ(describe("plain").deferred, 1u);
  }
  auto mine = client.ask(by_number);
  ASSERT_THAT(mine->batches, SizeIs(1));
  Got back = messages_of(mine->batches[0]).at(0);
  ASSERT_TRUE(settle_lease(back, Verb::kRelease));
  EXPECT_THAT(receive("plain", 10), IsEmpty()) << "nor does giving it back bring it to others";
  EXPECT_THAT(client.ask(by_number)->batches, SizeIs(1));
}

TEST_F(ServiceBusSessions, DeferredMessagesThatLeftMemoryAreReadBack) {
  declare("plain");
  std::vector<Offset> deferred;
  for (const char* body : {"a", "b"}) {
    send("plain", {body});
    std::vector<Got> got = receive("plain", 1);
    ASSERT_THAT(bodies(got), ElementsAre(body));
    ASSERT_TRUE(settle_lease(got[0], Verb::kDefer));
    deferred.push_back(got[0].offset);
    for (int i = 0; i < 8; ++i) send("plain", {std::string(40'000, 'x')});
    world.advance(1000);
    ASSERT_TRUE(client.ask(model::Purge{ledger("plain")}));
  }
  auto received = client.ask(model::ReceiveDeferred{.ledger = ledger("plain"), .offsets = deferred, .lease_ms = 1000});
  ASSERT_TRUE(received);
  std::vector<std::string> all;
  for (const model::DeliveredBatch& batch : received->batches)
    for (const Got& got : messages_of(batch)) all.push_back(got.body);
  EXPECT_THAT(all, ElementsAre("a", "b"));
}

TEST_F(ServiceBusSessions, AMessageLockIsRenewed) {
  declare("plain");
  send("plain", {"a"});
  std::vector<Got> got = receive("plain", 1, 5'000);
  ASSERT_THAT(got, SizeIs(1));
  world.advance(4'000);
  ASSERT_TRUE(client.ask(model::Renew{
      .ledger = ledger("plain"), .runs = {{got[0].offset, 1}}, .attempts = {got[0].attempt}, .lease_ms = 5'000}));
  world.advance(4'000);
  EXPECT_THAT(receive("plain", 1), IsEmpty());
  world.advance(2'000);
  EXPECT_THAT(bodies(receive("plain", 1)), ElementsAre("a"));
}

class PubSubOrdering : public Scenario {
 protected:
  PubSubOrdering() {
    create_topic("events");
    EXPECT_TRUE(client.ask(model::DeclareQueue{.name = {.text = "sub"},
                                               .topic = "events",
                                               .start = model::Start::kEnd,
                                               .settings = {.ordering = Ordering::kGroups}}));
  }
};

TEST_F(PubSubOrdering, ANackRedeliversTheKeyInOrder) {
  publish("events", {{.body = "k1", .group = "k"}, {.body = "k2", .group = "k"}, {.body = "free"}});
  std::vector<Got> got = receive("sub", 10, 10'000);
  ASSERT_THAT(bodies(got), UnorderedElementsAre("k1", "k2", "free"));
  for (const Got& g : got) {
    if (g.body == "free") {
      ASSERT_TRUE(settle_lease(g));
    } else {
      ASSERT_TRUE(settle_lease(g, Verb::kRelease)) << g.body;
    }
  }
  got = receive("sub", 1, 10'000);
  ASSERT_THAT(bodies(got), ElementsAre("k1"));
  EXPECT_TRUE(got[0].redelivered);
  EXPECT_THAT(receive("sub", 10, 10'000), IsEmpty()) << "k2 waits for k1";
  ASSERT_TRUE(settle_lease(got[0]));
  EXPECT_THAT(bodies(receive("sub", 10, 10'000)), ElementsAre("k2"));
}

TEST_F(PubSubOrdering, AnAckDeadlineThatRunsOutRedeliversEverythingAfterIt) {
  publish("events", {{.body = "k1", .group = "k"}, {.body = "k2", .group = "k"}});
  std::vector<Got> got = receive("sub", 2, 5'000);
  ASSERT_THAT(bodies(got), ElementsAre("k1", "k2"));
  restart();
  world.advance(6'000);
  EXPECT_THAT(bodies(receive("sub", 10, 5'000)), ElementsAre("k1", "k2"));
}

}  // namespace
}  // namespace godwit::scenario
