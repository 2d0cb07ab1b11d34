#include "engine/group_timer.h"

#include "group_fixture.h"

namespace godwit::engine {
namespace {

using GroupTimer = GroupFixture;
using model::GroupState;

TEST_F(GroupTimer, ASessionEndsItsTimeoutAfterTheLastHeartbeat) {
  auto ids = stable_group(1);
  pass(9'000);
  heartbeat(ids[0], 1);
  pass(9'999);
  EXPECT_EQ(describe().state, GroupState::kStable);
  pass(1);
  EXPECT_EQ(describe().state, GroupState::kEmpty);
  EXPECT_EQ(error(heartbeat(ids[0], 1)), ErrorCode::kUnknownMember);
}

TEST_F(GroupTimer, ACommitCountsAsAHeartbeat) {
  auto ids = stable_group(1);
  for (int i = 0; i < 5; ++i) {
    pass(9'000);
    EXPECT_FALSE(error(commit(ids[0], 1, {at("t", 0, i)})));
  }
}

TEST_F(GroupTimer, WhoeverDoesNotRejoinInTimeIsOut) {
  auto ids = stable_group(3);
  Request newcomer = send(joining());
  Request back = send(joining(ids[1]));
  for (int i = 0; i < 12; ++i) {
    EXPECT_TRUE(parked(newcomer) && parked(back));
    EXPECT_EQ(error(heartbeat(ids[0], generation())), ErrorCode::kRebalanceInProgress);
    EXPECT_EQ(error(heartbeat(ids[2], generation())), ErrorCode::kRebalanceInProgress);
    pass(5'000);
  }
  EXPECT_FALSE(parked(newcomer));
  EXPECT_EQ(joined(back).generation, joined(newcomer).generation);
  EXPECT_EQ(error(heartbeat(ids[0], generation())), ErrorCode::kUnknownMember);
  EXPECT_EQ(describe().members.size(), 2u);
}

TEST_F(GroupTimer, ASilentMemberIsOutBeforeTheRebalanceTimeout) {
  auto ids = stable_group(2);
  Request back = send(joining(ids[0]));
  pass(10'000);
  EXPECT_EQ(joined(back).members.size(), 1u);
}

TEST_F(GroupTimer, TheOldestJoinHasOneTimeoutForBoth) {
  model::JoinGroup old = joining();
  old.rebalance_timeout_ms = -1;
  std::string first = joined(send(old)).member_id;
  sync_all({first});
  Request second = send(old);
  for (int i = 0; i < 2; ++i) heartbeat(first, 1), pass(5'000);
  EXPECT_FALSE(parked(second));
  EXPECT_EQ(describe().members.size(), 1u);
}

TEST_F(GroupTimer, WhoeverJoinsAndDoesNotSyncIsOut) {
  auto ids = stable_group(2);
  send(joining(ids[0]));
  send(joining(ids[1]));
  int32_t present = generation();
  Request waiting = sync(ids[1], present);
  for (int i = 0; i < 12; ++i) heartbeat(ids[0], present), pass(5'000);
  EXPECT_EQ(error(waiting), ErrorCode::kRebalanceInProgress);
  EXPECT_EQ(error(heartbeat(ids[0], present)), ErrorCode::kUnknownMember);
  EXPECT_EQ(joined(send(joining(ids[1]))).leader, ids[1]);
}

TEST_F(GroupTimer, ALateFollowerIsOutOfAStableGroup) {
  auto ids = stable_group(2);
  send(joining(ids[0]));
  send(joining(ids[1]));
  int32_t present = generation();
  sync(ids[0], present, {{ids[0], "a"}});
  for (int i = 0; i < 12; ++i) {
    EXPECT_FALSE(error(heartbeat(ids[0], present)));
    heartbeat(ids[1], present);
    pass(5'000);
  }
  EXPECT_EQ(error(heartbeat(ids[1], present)), ErrorCode::kUnknownMember);
  EXPECT_EQ(error(heartbeat(ids[0], present)), ErrorCode::kRebalanceInProgress);
}

TEST_F(GroupTimer, AParkedSyncKeepsTheSessionAlive) {
  auto ids = stable_group(2);
  send(joining(ids[0]));
  send(joining(ids[1]));
  Request waiting = sync(ids[1], generation());
  for (int i = 0; i < 6; ++i) heartbeat(ids[0], generation()), pass(5'000);
  EXPECT_TRUE(parked(waiting));
  sync(ids[0], generation(), {{ids[1], "b"}});
  EXPECT_EQ(assignment(waiting), "b");
  pass(9'999);
  EXPECT_FALSE(error(heartbeat(ids[1], generation())));
}

TEST_F(GroupTimer, AGivenIdHoldsUpARebalanceForItsSessionTimeoutOnly) {
  model::JoinGroup careful = joining();
  careful.requires_known_member = true;
  std::string lost = joined(send(careful)).member_id;
  careful.member_id = joined(send(careful)).member_id;
  Request here = send(careful);
  EXPECT_TRUE(parked(here));
  pass(10'000);
  EXPECT_EQ(joined(here).generation, 1);
  careful.member_id = lost;
  EXPECT_EQ(error(send(careful)), ErrorCode::kUnknownMember);
}

TEST_F(GroupTimer, AGroupThatNobodyEverJoinedIsForgotten) {
  model::JoinGroup careful = joining();
  careful.requires_known_member = true;
  send(careful);
  EXPECT_EQ(describe().state, GroupState::kEmpty);
  pass(10'000);
  EXPECT_EQ(describe().state, GroupState::kDead);
  EXPECT_TRUE(groups.empty());
  EXPECT_EQ(groups.next_deadline(), kNever);
}

TEST_F(GroupTimer, ANewMemberThatIsGoneDoesNotHangAroundForEver) {
  auto ids = stable_group(1);
  model::JoinGroup slow = joining(ids[0]);
  slow.rebalance_timeout_ms = 3'600'000;
  joined(send(slow));
  sync_all({ids[0]});
  Request gone = send(joining());  // parked: the leader does not rejoin
  for (int i = 0; i < 60; ++i) heartbeat(ids[0], generation()), pass(5'000);
  EXPECT_EQ(error(gone), ErrorCode::kUnknownMember);
}

TEST_F(GroupTimer, AStaticMemberKeepsItsPlaceThroughARebalance) {
  auto ids = stable_group(1);
  model::JoinGroup patient = static_joining("one");
  patient.session_timeout_ms = 600'000;
  Request one = send(patient);
  send(joining(ids[0]));
  sync_all({ids[0], joined(one).member_id});
  Request newcomer = send(joining());
  Request leader = send(joining(ids[0]));
  pass(60'000);
  EXPECT_EQ(joined(leader).members.size(), 3u);
  EXPECT_FALSE(parked(newcomer));
}

TEST_F(GroupTimer, OnlyStaticMembersThatAreAwayWaitForTheirSessions) {
  model::JoinGroup patient = static_joining("one");
  patient.session_timeout_ms = 200'000;
  std::string one = joined(send(patient)).member_id;
  sync_all({one});
  Request newcomer = send(joining());
  EXPECT_TRUE(parked(newcomer));
  leave("nobody");
  pass(60'000);
  std::string other = joined(newcomer).member_id;
  EXPECT_EQ(joined(newcomer).leader, other);
  leave(other);
  pass(59'000);
  EXPECT_EQ(describe().state, GroupState::kPreparingRebalance);
  pass(200'000);
  EXPECT_EQ(describe().state, GroupState::kEmpty);
}

TEST_F(GroupTimer, TheFirstRebalanceMayWaitForMore) {
  settings.initial_rebalance_delay_ms = 3'000;
  groups = Groups(settings);
  Request first = send(joining());
  pass(2'000);
  Request second = send(joining());
  pass(3'999);
  EXPECT_TRUE(parked(first) && parked(second));  // 3,000 ms, and 3,000 more for the second
  pass(1);
  EXPECT_EQ(joined(first).generation, 1);
  EXPECT_EQ(joined(second).generation, 1);
}

TEST_F(GroupTimer, TheFirstRebalanceWaitsNoLongerThanTheRebalanceTimeout) {
  settings.initial_rebalance_delay_ms = 25'000;
  groups = Groups(settings);
  Request first = send(joining());
  for (int i = 0; i < 3; ++i) pass(20'000 - 1), send(joining());
  EXPECT_TRUE(parked(first));
  pass(3);
  EXPECT_FALSE(parked(first));
}

}  // namespace
}  // namespace godwit::engine
