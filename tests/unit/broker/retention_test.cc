// How long messages stay that every queue has settled, or that time retention keeps.

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

TEST_F(RetentionTest, WhatWasSettledByAClockAheadGoesWithWhatFollows) {
  const int64_t year = 365 * 24 * 60 * kMinute;
  declare("q");
  keep_settled("q", kMinute);
  world.shift_wall(year);
  work("q", {"a"});
  world.advance(2'000);
  world.shift_wall(-year);
  work("q", {"b"});
  world.advance(kMinute / 2);
  EXPECT_EQ(start("q"), Offset(0));
  restart();
  world.advance(kMinute / 2 + 2'000);
  EXPECT_EQ(start("q"), Offset(2));
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

class TimeRetentionTest : public RetentionFixture {
 protected:
  static constexpr int64_t kYear = 365LL * 24 * 60 * kMinute;
  static constexpr int64_t kCheck = 6'000;

  TimeRetentionTest() { keep_for(kMinute); }
  void keep_for(int64_t ms) {
    model::TopicSettings settings{.retention = model::Retention::kTime, .retention_ms = ms};
    auto made = client.ask(model::CreateTopic{.name = {.text = "t"}, .settings = settings});
    EXPECT_TRUE(made || client.ask(model::AlterTopic{{.text = "t"}, settings}));
  }
  /// One batch with such a clock; the broker is started anew before and after.
  void send_with_clock(int64_t shift_ms, const std::string& body) {
    world.shift_wall(shift_ms);
    restart(How::kStop);
    send("t", {body});
    world.shift_wall(-shift_ms);
    restart(How::kStop);
  }
};

TEST_F(TimeRetentionTest, MessagesGoWhenTheyAreTooOld) {
  send("t", {"a"});
  world.advance(kMinute / 2);
  send("t", {"b"});
  EXPECT_EQ(start("t"), Offset(0));
  world.advance(kMinute / 2 + kCheck);
  EXPECT_EQ(start("t"), Offset(1));
  world.advance(kMinute / 2);
  EXPECT_EQ(start("t"), Offset(2));
}

TEST_F(TimeRetentionTest, WhatAClockAheadHasStampedGoesWithWhatFollows) {
  send_with_clock(kYear, "a");
  send("t", {"b"});
  world.advance(kMinute / 2);
  EXPECT_EQ(start("t"), Offset(0));
  restart();
  world.advance(kMinute / 2 + kCheck);
  EXPECT_EQ(start("t"), Offset(2));
}

TEST_F(TimeRetentionTest, ATimeAheadThatAProducerSaysDoesNotCount) {
  ASSERT_TRUE(client.ask(
      model::Append{.partition = partition("t"), .batch = batch_of(texts({"a"}), world.now().wall_ms + kYear)}));
  world.advance(kMinute / 2);
  EXPECT_EQ(start("t"), Offset(0));
  world.advance(kMinute / 2 + kCheck);
  EXPECT_EQ(start("t"), Offset(1));
}

TEST_F(TimeRetentionTest, WhereNothingFollowsTheTimeCountsFromWhenItWasSeen) {
  send_with_clock(kYear, "a");
  world.advance(kMinute);
  EXPECT_EQ(start("t"), Offset(0));
  world.advance(2 * kCheck);
  EXPECT_EQ(start("t"), Offset(1));
}

TEST_F(TimeRetentionTest, AClockThatIsSetBackWhileTheBrokerRunsDoesNotKeepEverything) {
  world.shift_wall(kYear);
  send("t", {"a"});
  world.shift_wall(-kYear);
  for (int i = 0; i < 6; ++i) {
    send("t", {"b"});
    world.advance(kMinute / 2);
  }
  EXPECT_GE(start("t"), Offset(2)) << "all of them are stamped ahead";
}

TEST_F(TimeRetentionTest, WhatAClockBehindHasStampedStaysUntilWhatFollowsIsTooOld) {
  send("t", {"a"});
  world.advance(kMinute / 2);
  send_with_clock(-kYear, "b");
  world.advance(kMinute / 2 - kCheck);
  send("t", {"c"});
  world.advance(2 * kCheck);
  EXPECT_THAT(fetch("t", 1), ElementsAre("b")) << "a is too old, and b would be by its time";
  restart();
  world.advance(kCheck);
  EXPECT_THAT(fetch("t", 1), ElementsAre("b"));
  world.advance(kMinute);
  EXPECT_EQ(start("t"), Offset(3));
}

TEST_F(TimeRetentionTest, NothingGoesEarlyWhileTheClockIsBehind) {
  send("t", {"a"});
  world.shift_wall(-kYear);
  restart(How::kStop);
  world.advance(kMinute / 2);
  world.shift_wall(kYear);
  world.advance(kCheck);
  EXPECT_EQ(start("t"), Offset(0));
}

TEST_F(TimeRetentionTest, WithoutATimeADoubtfulOneStays) {
  keep_for(-1);
  send_with_clock(kYear, "a");
  world.advance(3 * kMinute);
  EXPECT_EQ(start("t"), Offset(0));
}

}  // namespace
}  // namespace godwit::scenario
