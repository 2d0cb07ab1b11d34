// Messages and queues whose time is over.

#include <gmock/gmock.h>

#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ExpiryScenario : public Scenario {
 protected:
  ExpiryScenario() { declare("dead"); }

  static model::QueueSettings with_ttl(int64_t ttl_ms) {
    return {.message_ttl_ms = ttl_ms, .dead_letter = model::DeadLetter{.routing_key = "dead"}};
  }
  Text lasting(const std::string& body, int64_t ms) {
    return {.body = body, .expires_at_ms = world.now().wall_ms + ms};
  }
};

TEST_F(ExpiryScenario, ALaterTimerDoesNotHoldItUp) {
  model::QueueSettings settings = with_ttl(1'000);
  settings.expires_ms = 60'000;
  declare("retry", settings);
  send("retry", {"a"});
  world.advance(1'200);
  EXPECT_EQ(describe("dead").ready, 1u);
}

TEST_F(ExpiryScenario, TheNextHeadHasItsOwnTime) {
  declare("jobs", {.dead_letter = model::DeadLetter{.routing_key = "dead"}});
  publish("jobs", {lasting("long", 60'000), lasting("short", 1'000)});
  consume(client, "jobs", 1, 1);
  ASSERT_THAT(bodies(deliveries()), ElementsAre("long"));
  world.advance(1'200);
  EXPECT_EQ(describe("dead").ready, 1u) << "'short' is the head since, and nobody has credit for it";
}

TEST_F(ExpiryScenario, ABatchWhoseFirstMessageLastsIsWatched) {
  declare("jobs", {.dead_letter = model::DeadLetter{.routing_key = "dead"}});
  publish("jobs", {{.body = "lasts"}, lasting("short", 1'000)});
  consume(client, "jobs", 1, 1);
  ASSERT_THAT(bodies(deliveries()), ElementsAre("lasts"));
  world.advance(1'200);
  EXPECT_EQ(describe("dead").ready, 1u);
}

TEST_F(ExpiryScenario, ABacklogInSegmentsExpiresWithoutConsumers) {
  constexpr int kMessages = 200;
  declare("backlog", with_ttl(20'000));
  for (int i = 0; i < kMessages; ++i) send("backlog", {std::to_string(i) + std::string(20'000, '.')});
  world.advance(5'000);
  EXPECT_EQ(describe("backlog").ready, uint64_t{kMessages});
  world.advance(40'000);
  EXPECT_EQ(describe("backlog").ready, 0u);
  EXPECT_EQ(describe("dead").ready, uint64_t{kMessages});
}

TEST_F(ExpiryScenario, MessagesInSegmentsExpireAfterARestart) {
  declare("backlog", {.dead_letter = model::DeadLetter{.routing_key = "dead"}});
  for (int i = 0; i < 100; ++i) publish("backlog", {lasting(std::string(20'000, '.'), 60'000)});
  send("backlog", {"lasts"});
  world.advance(5'000);
  restart();
  EXPECT_EQ(describe("backlog").ready, 101u);
  world.advance(70'000);
  EXPECT_EQ(describe("backlog").ready, 1u);
  EXPECT_EQ(describe("dead").ready, 100u);
}

TEST_F(ExpiryScenario, ADeclarationKeepsAnUnusedQueue) {
  model::QueueSettings settings{.expires_ms = 1'000};
  declare("idle", settings);
  for (int i = 0; i < 3; ++i) {
    world.advance(700);
    declare("idle", settings);
  }
  EXPECT_TRUE(client.ask(model::DeclareQueue{.name = {.text = "idle"}, .passive = true}));
  world.advance(1'200);
  EXPECT_FALSE(client.ask(model::DeclareQueue{.name = {.text = "idle"}, .passive = true}));
}

TEST_F(ExpiryScenario, NoTimeAtAllIsEnoughForWhoWaits) {
  declare("now", with_ttl(0));
  send("now", {"nobody waits"});
  world.advance(10);
  EXPECT_EQ(describe("dead").ready, 1u);
  consume(client, "now", 1, 1);
  EXPECT_THAT(deliveries(), IsEmpty());
  send("now", {"a", "b"});
  EXPECT_THAT(bodies(deliveries()), ElementsAre("a"));
  EXPECT_EQ(describe("dead").ready, 2u) << "'b' found no credit";
}

}  // namespace
}  // namespace godwit::scenario
