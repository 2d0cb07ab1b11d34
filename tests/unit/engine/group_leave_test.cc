#include "engine/group_leave.h"

#include "group_fixture.h"

namespace godwit::engine {
namespace {

using GroupLeave = GroupFixture;
using model::GroupState;
using Errors = std::vector<std::optional<ErrorCode>>;

TEST_F(GroupLeave, TheLastMemberLeavesAnEmptyGroup) {
  auto ids = stable_group(1);
  EXPECT_EQ(reply<model::LeftGroup>(leave(ids[0])).errors, Errors{std::nullopt});
  EXPECT_EQ(describe().state, GroupState::kEmpty);
  EXPECT_EQ(describe().protocol_type, "consumer");
  ASSERT_EQ(records.size(), 0u);  // describing wrote nothing
  ASSERT_EQ(journal.size(), 3u);
  EXPECT_TRUE(std::get<GroupStored>(journal[2]).members.empty());
  EXPECT_EQ(joined(send(joining())).generation, 3);
}

TEST_F(GroupLeave, TheOthersRebalance) {
  auto ids = stable_group(3);
  leave(ids[0]);
  EXPECT_EQ(error(heartbeat(ids[1], generation())), ErrorCode::kRebalanceInProgress);
  Request a = send(joining(ids[1])), b = send(joining(ids[2]));
  EXPECT_EQ(joined(a).generation, joined(b).generation);
  EXPECT_EQ(joined(a).leader, joined(b).leader);
  EXPECT_NE(joined(a).leader, ids[0]);
}

TEST_F(GroupLeave, TheLeaderLeavesWhileTheOthersWaitForIt) {
  auto ids = stable_group(2);
  send(joining(ids[0]));
  send(joining(ids[1]));
  Request waiting = sync(ids[1], generation());
  EXPECT_TRUE(parked(waiting));
  leave(ids[0]);
  EXPECT_EQ(error(waiting), ErrorCode::kRebalanceInProgress);
  auto next = joined(send(joining(ids[1])));
  EXPECT_EQ(next.leader, ids[1]);
  EXPECT_EQ(next.members.size(), 1u);
}

TEST_F(GroupLeave, ManyAtOnceEachWithItsAnswer) {
  auto ids = stable_group(2);
  Request third = send(static_joining("one"));
  send(joining(ids[0]));
  send(joining(ids[1]));
  EXPECT_FALSE(parked(third));
  int32_t before = generation();
  auto left = reply<model::LeftGroup>(send(model::LeaveGroup{
      .group = "g",
      .members = {{ids[0], {}}, {"nobody", {}}, {"", "one"}, {"", "two"}, {ids[1], "one"}, {ids[0], {}}}}));
  EXPECT_EQ(left.errors, (Errors{{},
                                 ErrorCode::kUnknownMember,
                                 {},
                                 ErrorCode::kUnknownMember,
                                 ErrorCode::kUnknownMember,
                                 ErrorCode::kUnknownMember}));
  EXPECT_EQ(joined(send(joining(ids[1]))).generation, before + 1);
}

TEST_F(GroupLeave, AnotherMembersInstanceIsFenced) {
  auto first = joined(send(static_joining("one")));
  auto left = reply<model::LeftGroup>(send(model::LeaveGroup{.group = "g", .members = {{"other", "one"}}}));
  EXPECT_EQ(left.errors, Errors{ErrorCode::kFenced});
  EXPECT_FALSE(error(heartbeat(first.member_id, 1)));
}

TEST_F(GroupLeave, AnIdThatNeverJoinedCanBeGivenBack) {
  auto ids = stable_group(1);
  model::JoinGroup careful = joining();
  careful.requires_known_member = true;
  std::string given = joined(send(careful)).member_id;
  EXPECT_EQ(reply<model::LeftGroup>(leave(given)).errors, Errors{std::nullopt});
  careful.member_id = given;
  EXPECT_EQ(error(send(careful)), ErrorCode::kUnknownMember);
}

TEST_F(GroupLeave, NobodyLeavesAGroupThatIsNotThere) {
  EXPECT_EQ(reply<model::LeftGroup>(leave("nobody")).errors, Errors{ErrorCode::kUnknownMember});
}

}  // namespace
}  // namespace godwit::engine
