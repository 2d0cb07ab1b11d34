// How long messages stay that every queue has settled.

#include "broker/retention.h"

#include "retention_fixture.h"

namespace godwit::scenario {
namespace {

using testing::ElementsAre;
using RetentionTest = RetentionFixture;

TEST_F(RetentionTest, SettledMessagesStayAsLongAsTheTopicSays) {
  declare("q");
  keep_settled("q", kMinute);
  send("q", {"a", "b"});
  world.advance(3 * kMinute);
  for (const Got& got : receive("q", 1)) ASSERT_TRUE(settle_lease(got));
  world.advance(kMinute / 2);
  for (const Got& got : receive("q", 1)) ASSERT_TRUE(settle_lease(got));
  EXPECT_THAT(fetch("q", 0), ElementsAre("a", "b"));
  world.advance(kMinute / 2 + 2000);
  EXPECT_EQ(start("q"), Offset(1)) << "the first was settled a minute ago";
  restart();
  EXPECT_THAT(fetch("q", 1), ElementsAre("b"));
  world.advance(kMinute / 2 + 2000);
  EXPECT_EQ(start("q"), Offset(2));
}

TEST_F(RetentionTest, WhatWasSettledDoesNotComeBackWithAnotherRetention) {
  declare("q");
  work("q", {"a", "b"});
  ASSERT_EQ(start("q"), Offset(2));
  model::TopicSettings settings{.retention = model::Retention::kTime, .retention_ms = -1};
  ASSERT_TRUE(client.ask(model::AlterTopic{{.text = "q"}, settings}));
  EXPECT_EQ(start("q"), Offset(2));
  send("q", {"c"});
  restart();
  EXPECT_EQ(start("q"), Offset(2));
  EXPECT_THAT(fetch("q", 2), ElementsAre("c"));
}

TEST_F(RetentionTest, TheTimeASettledMessageStaysGoesOnWhileTheBrokerIsDown) {
  for (How how : {How::kCrash, How::kStop}) {
    std::string queue = "q" + std::to_string(static_cast<int>(how));
    declare(queue);
    keep_settled(queue, 10 * kMinute);
    work(queue, {"a"});
    world.advance(9 * kMinute);
    restart(how);
    EXPECT_THAT(fetch(queue, 0), ElementsAre("a"));
    world.advance(kMinute + 20'000);
    EXPECT_EQ(start(queue), Offset(1));
    restart(how);
    EXPECT_EQ(start(queue), Offset(1));
  }
}

TEST_F(RetentionTest, ANewQueueNeedsSettledMessagesAgain) {
  declare("q");
  keep_settled("q", kMinute);
  work("q", {"a"});
  world.advance(kMinute / 2);
  ASSERT_TRUE(
      client.ask(model::DeclareQueue{.name = {.text = "late"}, .topic = "q", .start = model::Start::kFirstRetained}));
  world.advance(2 * kMinute);
  std::vector<Got> got = receive("late", 10);
  ASSERT_THAT(bodies(got), ElementsAre("a"));
  ASSERT_TRUE(settle_lease(got[0]));
  world.advance(kMinute / 2);
  EXPECT_EQ(start("q"), Offset(0));
  world.advance(kMinute);
  EXPECT_EQ(start("q"), Offset(1));
}

TEST_F(RetentionTest, TheSettingCanBeTakenBack) {
  declare("q");
  work("q", {"a"});
  EXPECT_EQ(start("q"), Offset(1));
  keep_settled("q", INT64_MAX);
  work("q", {"b"});
  world.advance(kMinute);
  EXPECT_THAT(fetch("q", 1), ElementsAre("b"));
  keep_settled("q", 0);
  EXPECT_EQ(start("q"), Offset(2));
}

}  // namespace
}  // namespace godwit::scenario
