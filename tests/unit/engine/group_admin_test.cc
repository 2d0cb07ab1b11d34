#include "group_fixture.h"

namespace godwit::engine {
namespace {

using GroupAdmin = GroupFixture;
using model::GroupState;

TEST_F(GroupAdmin, DescribeShowsMembersAndWhenStableTheirShare) {
  auto ids = stable_group(2);
  model::GroupInfo stable = describe();
  EXPECT_EQ(stable.state, GroupState::kStable);
  EXPECT_EQ(stable.protocol, "range");
  ASSERT_EQ(stable.members.size(), 2u);
  EXPECT_EQ(as_string(stable.members[0].assignment), stable.members[0].member_id);
  EXPECT_EQ(stable.members[0].metadata, subscription("t"));
  EXPECT_EQ(stable.members[0].client_host, "/127.0.0.1");
  send(joining(ids[0]));
  model::GroupInfo moving = describe();
  EXPECT_EQ(moving.state, GroupState::kPreparingRebalance);
  EXPECT_EQ(moving.protocol, "");
  EXPECT_TRUE(moving.members[0].assignment.empty());
}

TEST_F(GroupAdmin, ListNamesEveryGroupOnce) {
  stable_group(1);
  send(model::CommitOffsets{.group = "h", .offsets = {at("t", 0, 1)}});
  send(model::CommitOffsets{.group = "g", .member_id = "x", .offsets = {at("t", 0, 1)}});
  auto listed = reply<model::GroupsListed>(send(model::ListGroups{})).groups;
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].id, "g");
  EXPECT_EQ(listed[0].state, GroupState::kStable);
  EXPECT_EQ(listed[0].protocol_type, "consumer");
  EXPECT_EQ(listed[1].id, "h");
  EXPECT_EQ(listed[1].state, GroupState::kEmpty);
}

TEST_F(GroupAdmin, OnlyAnEmptyGroupIsDeleted) {
  EXPECT_EQ(error(send(model::DeleteGroup{"g"})), ErrorCode::kNotFound);
  auto ids = stable_group(1);
  commit(ids[0], 1, {at("t", 0, 1)});
  EXPECT_EQ(error(send(model::DeleteGroup{"g"})), ErrorCode::kGroupNotEmpty);
  leave(ids[0]);
  EXPECT_FALSE(error(send(model::DeleteGroup{"g"})));
  ASSERT_EQ(records.size(), 3u);
  EXPECT_TRUE(groups.empty());
  EXPECT_EQ(describe().state, GroupState::kDead);
  EXPECT_TRUE(fetch().empty());
  EXPECT_EQ(joined(send(joining())).generation, 1);
}

TEST_F(GroupAdmin, AGroupOfPositionsAloneIsDeletedToo) {
  commit("", -1, {at("t", 0, 1)});
  EXPECT_FALSE(error(send(model::DeleteGroup{"g"})));
  EXPECT_TRUE(groups.empty());
}

}  // namespace
}  // namespace godwit::engine
