// How long messages stay for consumer groups: from their subscription until they have passed them.

#include "broker/group_service.h"
#include "retention_fixture.h"

namespace godwit::scenario {
namespace {

using testing::ElementsAre;
using GroupReaders = RetentionFixture;

TEST_F(GroupReaders, AGroupReadsWhatIsThereWhenItSubscribes) {
  declare("q");
  send("q", {"a", "b"});
  model::JoinedGroup member = join("readers", {"q"});
  for (const Got& got : receive("q", 100)) EXPECT_TRUE(settle_lease(got));
  work("q", {"c"});
  EXPECT_THAT(fetch("q", 0), ElementsAre("a", "b", "c"));
  restart();
  EXPECT_THAT(fetch("q", 0), ElementsAre("a", "b", "c"));
  commit("readers", member, "q", 2);
  EXPECT_EQ(start("q"), Offset(2));
  commit("readers", member, "q", 3);
  EXPECT_EQ(start("q"), Offset(3));
}

TEST_F(GroupReaders, AGroupReadsFromThePositionItComesBackTo) {
  declare("q");
  model::JoinedGroup member = join("readers", {"q"});
  work("q", {"a", "b"});
  commit("readers", member, "q", 1);
  leave("readers", member);
  restart();
  work("q", {"c"});
  join("readers", {"q"});
  EXPECT_THAT(fetch("q", 1), ElementsAre("b", "c"));
}

TEST_F(GroupReaders, AGroupReadsATopicThatComesAfterIt) {
  join("readers", {"q"});
  declare("q", {}, 1);
  work("q", {"a"});
  EXPECT_THAT(fetch("q", 0), ElementsAre("a"));
}

TEST_F(GroupReaders, AGroupThatStopsReadingLetsGo) {
  declare("q");
  declare("other");
  model::JoinedGroup member = join("readers", {"q"});
  work("q", {"a"});
  EXPECT_EQ(start("q"), Offset(0));
  join("readers", {"other"}, member.member_id);
  world.advance(10);
  EXPECT_EQ(start("q"), Offset(1));
  work("q", {"b"});
  EXPECT_EQ(start("q"), Offset(2));
}

TEST_F(GroupReaders, AGroupThatCommittedNothingIsWaitedForAWhileAfterItsLastMember) {
  declare("q");
  model::JoinedGroup member = join("readers", {"q"});
  leave("readers", member);
  work("q", {"a"});
  world.advance(9 * kMinute);
  restart();
  EXPECT_EQ(start("q"), Offset(0));
  world.advance(25 * kMinute);
  EXPECT_EQ(start("q"), Offset(1));
}

TEST_F(GroupReaders, APositionCountsWhenItIsDurable) {
  declare("q");
  model::JoinedGroup member = join("readers", {"q"});
  work("q", {"a", "b"});
  world.advance(10);
  world.hold_journal(200);
  client.call(model::CommitOffsets{.group = "readers",
                                   .member_id = member.member_id,
                                   .generation = member.generation,
                                   .offsets = {{.topic = "q", .offset = Offset(2)}}},
              [](const Result<model::OffsetsCommitted>&) {});
  world.advance(100);
  EXPECT_EQ(start("q"), Offset(0));
  world.advance(200);
  EXPECT_EQ(start("q"), Offset(2));
}

TEST_F(GroupReaders, AnIdIsAsLongAsANameAtMost) {
  declare("q");
  model::CommitOffsets commit{.group = std::string(255, 'g'), .offsets = {{.topic = "q", .offset = Offset(0)}}};
  EXPECT_TRUE(client.ask(commit));
  commit.group += 'g';
  EXPECT_EQ(client.ask(commit).error().code, ErrorCode::kTooLarge);
}

TEST_F(GroupReaders, PositionsAreShownBeforeTheyAreDurable) {
  declare("q");
  send("q", {"a"});
  world.advance(10);
  world.hold_journal(200);
  client.call(model::CommitOffsets{.group = "readers", .offsets = {{.topic = "q", .offset = Offset(1)}}},
              [](const Result<model::OffsetsCommitted>&) {});
  std::vector<std::string> told;
  for (bool for_show : {false, true})
    client.call(model::FetchOffsets{.group = "readers", .for_show = for_show},
                [&told, for_show](const Result<model::OffsetsFetched>& fetched) {
                  ASSERT_TRUE(fetched);
                  ASSERT_EQ(fetched->offsets.size(), 1u);
                  told.emplace_back(for_show ? "shown" : "durable");
                });
  world.advance(100);
  EXPECT_THAT(told, ElementsAre("shown"));
  world.advance(200);
  EXPECT_THAT(told, ElementsAre("shown", "durable"));
}

TEST_F(GroupReaders, APositionIsGivenUpWhenThatIsDurable) {
  declare("q");
  ASSERT_TRUE(client.ask(model::CommitOffsets{.group = "readers", .offsets = {{.topic = "q", .offset = Offset(0)}}}));
  world.advance(10);
  work("q", {"a"});
  world.advance(10);
  world.hold_journal(200);
  client.call(model::DeleteOffsets{.group = "readers", .partitions = {{"q", 0}}},
              [](const Result<model::OffsetsDeleted>&) {});
  world.advance(100);
  EXPECT_EQ(start("q"), Offset(0));
  world.advance(200);
  EXPECT_EQ(start("q"), Offset(1));
}

TEST_F(GroupReaders, MessagesOfOtherTopicsAreNotKept) {
  declare("q");
  declare("other");
  join("readers", {"q"});
  work("other", {"a"});
  EXPECT_EQ(start("other"), Offset(1));
}

}  // namespace
}  // namespace godwit::scenario
