// What the end of a session's lock means to whoever had it, and to the next.

#include <variant>

#include <gmock/gmock.h>

#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class QueueSessions : public Scenario {
 protected:
  QueueSessions() { declare("sessions", {.ordering = model::Ordering::kSessions, .lease_ms = 10'000}); }

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

TEST_F(QueueSessions, WhoLostTheLockGetsNothingMore) {
  publish("sessions", {{.body = "a1", .group = "a"}});
  ASSERT_TRUE(lock(client, "a", 1));
  client.tell({ledger("sessions"), ConsumerTag(1), 10});
  std::vector<Got> got = deliveries();
  ASSERT_THAT(bodies(got), ElementsAre("a1"));
  world.advance(11'000);
  ASSERT_THAT(client.notices, SizeIs(1));
  EXPECT_TRUE(std::holds_alternative<broker::ConsumerCancelled>(client.notices.front()));
  client.notices.clear();
  sim::SimClient other(world);
  ASSERT_TRUE(lock(other, "a", 2));
  publish("sessions", {{.body = "a2", .group = "a"}});
  EXPECT_THAT(deliveries(), IsEmpty());
  EXPECT_EQ(session(client, "a", 1, model::SessionGroup::Action::kRenew).error().code, ErrorCode::kLeaseLost);
  EXPECT_EQ(
      client.ask(model::Settle{.ledger = ledger("sessions"), .consumer = got[0].tag, .runs = {{got[0].offset, 1}}})
          .error()
          .code,
      ErrorCode::kLeaseLost);
  other.tell({ledger("sessions"), ConsumerTag(2), 10});
  EXPECT_THAT(bodies(deliveries(other)), ElementsAre("a1", "a2"));
}

TEST_F(QueueSessions, WhatIsLeasedOfASessionEndsWithItsLock) {
  publish("sessions", {{.body = "a1", .group = "a"}, {.body = "a2", .group = "a"}});
  EXPECT_EQ(
      client.ask(model::Receive{.ledger = ledger("sessions"), .lease_ms = 1000, .session_group = "a"}).error().code,
      ErrorCode::kLeaseLost)
      << "it is not locked";
  ASSERT_TRUE(lock(client, "a", 1));
  std::vector<Got> got = receive("sessions", 1, 60'000, "a");
  ASSERT_THAT(bodies(got), ElementsAre("a1"));
  ASSERT_TRUE(session(client, "a", 1, model::SessionGroup::Action::kRelease));
  EXPECT_EQ(settle_lease(got[0]).error().code, ErrorCode::kLeaseLost);
  client.notices.clear();
  ASSERT_TRUE(lock(client, "a", 2));
  EXPECT_THAT(bodies(receive("sessions", 10, 60'000, "a")), ElementsAre("a1", "a2"));
}

TEST_F(QueueSessions, ASessionIsFreeWhenItsConsumerLeaves) {
  publish("sessions", {{.body = "a1", .group = "a"}});
  ASSERT_TRUE(lock(client, "a", 1));
  sim::SimClient other(world);
  EXPECT_FALSE(lock(other, "a", 1));
  ASSERT_TRUE(client.ask(model::Detach{.ledger = ledger("sessions"), .tag = ConsumerTag(1)}));
  EXPECT_THAT(client.notices, IsEmpty());
  ASSERT_TRUE(lock(other, "a", 1));
  other.disconnect();
  world.advance(10);
  EXPECT_TRUE(lock(client, "a", 1));
}

TEST_F(QueueSessions, AMessageWithoutASessionIsNotOfAnySession) {
  publish("sessions", {{.body = "a1", .group = "a"}, {.body = "none"}});
  ASSERT_TRUE(lock(client, "a", 1));
  client.tell({ledger("sessions"), ConsumerTag(1), 10});
  EXPECT_THAT(bodies(deliveries()), ElementsAre("a1"));
}

}  // namespace
}  // namespace godwit::scenario
