#include "engine/group_sync.h"

#include "group_fixture.h"

namespace godwit::engine {
namespace {

using GroupSync = GroupFixture;
using model::GroupState;

TEST_F(GroupSync, FollowersWaitForTheLeader) {
  std::string leader = joined(send(joining())).member_id;
  Request second = send(joining());
  send(joining(leader));
  std::string follower = joined(second).member_id;
  Request waiting = sync(follower, 2, {{follower, "ignored: not the leader"}});
  EXPECT_TRUE(parked(waiting));
  EXPECT_EQ(journal.size(), 1u) << "the subscription";
  Request leads = sync(leader, 2, {{leader, "a"}, {follower, "b"}, {"stranger", "c"}});
  EXPECT_EQ(assignment(leads), "a");
  EXPECT_EQ(assignment(waiting), "b");
  EXPECT_EQ(records.size(), 1u);
  EXPECT_EQ(describe().state, GroupState::kStable);
}

TEST_F(GroupSync, WhoeverTheLeaderLeavesOutHasNothing) {
  auto ids = stable_group(2);
  send(joining(ids[0]));
  send(joining(ids[1]));
  sync(ids[0], generation(), {{ids[0], "all"}});
  EXPECT_EQ(assignment(sync(ids[1], generation())), "");
}

TEST_F(GroupSync, WhatMembersAreAssignedIsBounded) {
  std::string leader = joined(send(joining())).member_id;
  std::string half(settings.bytes_max / 2, 'x');
  EXPECT_EQ(error(sync(leader, 1, {{leader, half}, {"another", half + "x"}})), ErrorCode::kOverLimit);
  EXPECT_EQ(assignment(sync(leader, 1, {{leader, half}, {"another", half}})), half);
}

TEST_F(GroupSync, AStableGroupAnswersAtOnce) {
  auto ids = stable_group(2);
  EXPECT_EQ(assignment(sync(ids[1], generation())), ids[1]);
  EXPECT_EQ(assignment(sync(ids[0], generation(), {{ids[0], "late"}})), ids[0]);
  EXPECT_TRUE(records.empty());
}

TEST_F(GroupSync, ChecksMemberGenerationAndProtocol) {
  EXPECT_EQ(error(sync("nobody", 1)), ErrorCode::kUnknownMember);
  auto ids = stable_group(1);
  EXPECT_EQ(error(sync("nobody", 1)), ErrorCode::kUnknownMember);
  EXPECT_EQ(error(sync(ids[0], 2)), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(
      error(send(model::SyncGroup{.group = "g", .member_id = ids[0], .generation = 1, .protocol_type = "connect"})),
      ErrorCode::kInconsistentProtocol);
  EXPECT_EQ(error(send(model::SyncGroup{.group = "g", .member_id = ids[0], .generation = 1, .protocol = "sticky"})),
            ErrorCode::kInconsistentProtocol);
}

TEST_F(GroupSync, TheLaterOfTwoSyncsOfOneMemberCounts) {
  std::string leader = joined(send(joining())).member_id;
  Request second = send(joining());
  send(joining(leader));
  std::string follower = joined(second).member_id;
  Request first = sync(follower, 2), again = sync(follower, 2);
  EXPECT_EQ(error(first), ErrorCode::kRebalanceInProgress);
  sync(leader, 2, {{follower, "b"}});
  EXPECT_EQ(assignment(again), "b");
}

TEST_F(GroupSync, HeartbeatsTellOfARebalance) {
  EXPECT_EQ(error(heartbeat("nobody", 1)), ErrorCode::kUnknownMember);
  auto ids = stable_group(1);
  EXPECT_FALSE(error(heartbeat(ids[0], 1)));
  EXPECT_EQ(error(heartbeat(ids[0], 0)), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(error(heartbeat("nobody", 1)), ErrorCode::kUnknownMember);
  send(joining());
  EXPECT_EQ(error(heartbeat(ids[0], 1)), ErrorCode::kRebalanceInProgress);
  send(joining(ids[0]));
  EXPECT_FALSE(error(heartbeat(ids[0], 2)));
  EXPECT_EQ(journal.size(), 2u);
}

}  // namespace
}  // namespace godwit::engine
