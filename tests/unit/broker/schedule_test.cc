#include "broker/schedule.h"

#include <gmock/gmock.h>

#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ScheduleTest : public Scenario {
 protected:
  ScheduleTest() { create_topic("t"); }
  int64_t in(int64_t ms) { return world.now().wall_ms + ms; }
  size_t waiting() { return world.broker().worker(WorkerId(0)).schedule().size(); }
};

TEST_F(ScheduleTest, MessagesEnterTheLogInTheOrderTheyAreDue) {
  publish("t", {{.body = "late", .deliver_at_ms = in(3'000)},
                {.body = "now"},
                {.body = "soon", .deliver_at_ms = in(1'000)},
                {.body = "due", .deliver_at_ms = in(0)}});
  EXPECT_THAT(fetch("t", 0), ElementsAre("now", "due"));
  world.advance(999);
  EXPECT_EQ(waiting(), 2u);
  world.advance(100);
  EXPECT_THAT(fetch("t", 0), ElementsAre("now", "due", "soon"));
  world.advance(2'000);
  EXPECT_THAT(fetch("t", 0), ElementsAre("now", "due", "soon", "late"));
  EXPECT_EQ(waiting(), 0u);
}

TEST_F(ScheduleTest, AnEarlierOneIsNotKeptUpByALaterOne) {
  publish("t", {{.body = "late", .deliver_at_ms = in(60'000)}});
  publish("t", {{.body = "soon", .deliver_at_ms = in(100)}});
  world.advance(200);
  EXPECT_THAT(fetch("t", 0), ElementsAre("soon"));
}

TEST_F(ScheduleTest, WhatWasDueWhileTheBrokerWasDownArrivesOnce) {
  publish("t", {{.body = "a", .deliver_at_ms = in(1'000)}, {.body = "b", .deliver_at_ms = in(500)}});
  restart(How::kCrash);
  world.advance(5'000);
  EXPECT_THAT(fetch("t", 0), ElementsAre("b", "a"));
  restart(How::kCrash);
  world.advance(5'000);
  EXPECT_THAT(fetch("t", 0), ElementsAre("b", "a"));
}

TEST_F(ScheduleTest, ADeletedTopicsMessagesAreForgotten) {
  publish("t", {{.body = "a", .deliver_at_ms = in(1'000)}});
  ASSERT_TRUE(client.ask(model::DeleteTopic{{.text = "t"}}));
  world.advance(2'000);
  EXPECT_EQ(waiting(), 0u);
  create_topic("t");
  restart();
  EXPECT_THAT(fetch("t", 0), IsEmpty());
  EXPECT_EQ(waiting(), 0u);
}

TEST_F(ScheduleTest, TheEndOfAllTimesIsNotReached) {
  publish("t", {{.body = "never", .deliver_at_ms = INT64_MAX}, {.body = "hardly", .deliver_at_ms = INT64_MAX - 1}});
  world.advance(100'000);
  EXPECT_THAT(fetch("t", 0), IsEmpty());
  EXPECT_EQ(waiting(), 2u);
}

}  // namespace
}  // namespace godwit::scenario
