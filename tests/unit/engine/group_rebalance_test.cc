#include "engine/group_rebalance.h"

#include "group_fixture.h"

namespace godwit::engine {
namespace {

using GroupRebalance = GroupFixture;
using model::GroupState;

TEST_F(GroupRebalance, EveryGenerationIsOneHigher) {
  auto ids = stable_group(3);
  EXPECT_EQ(generation(), 3);
  for (int32_t next = 4; next < 8; ++next) {
    Request leader = send(joining(ids[0]));
    send(joining(ids[1]));
    EXPECT_TRUE(parked(leader));
    send(joining(ids[2]));
    EXPECT_EQ(joined(leader).generation, next);
    sync_all(ids);
  }
  EXPECT_EQ(journal.size(), 6u);
}

TEST_F(GroupRebalance, AMissingLeaderIsReplaced) {
  auto ids = stable_group(2);
  Request follower = send(joining(ids[1], "other"));
  pass(10'000);
  auto reply = joined(follower);
  EXPECT_EQ(reply.leader, ids[1]);
  EXPECT_EQ(reply.members.size(), 1u);
}

TEST_F(GroupRebalance, ARebalanceThatEmptiesAStoredGroupIsStored) {
  auto ids = stable_group(1);
  send(joining(ids[0]));
  leave(ids[0]);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(std::get<GroupStored>(records[0]).generation, 3);
  EXPECT_EQ(std::get<GroupStored>(records[0]).changed_ms, now.wall_ms);
}

TEST_F(GroupRebalance, AGroupThatNeverWasStableIsForgottenSoon) {
  auto first = joined(send(joining()));
  leave(first.member_id);
  pass(1'200'000);
  EXPECT_TRUE(groups.empty());
}

TEST_F(GroupRebalance, ConcurrentNewcomersAllFindTheirPlace) {
  auto ids = stable_group(1);
  std::vector<Request> waiting;
  for (int i = 0; i < 20; ++i) waiting.push_back(send(joining()));
  for (Request request : waiting) EXPECT_TRUE(parked(request));
  Request leader = send(joining(ids[0]));
  EXPECT_EQ(joined(leader).members.size(), 21u);
  for (Request request : waiting) {
    auto reply = joined(request);
    EXPECT_EQ(reply.generation, 2);
    EXPECT_FALSE(error(heartbeat(reply.member_id, 2)));
    ids.push_back(reply.member_id);
  }
  sync_all(ids);
}

}  // namespace
}  // namespace godwit::engine
