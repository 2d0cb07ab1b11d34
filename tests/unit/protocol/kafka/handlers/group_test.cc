#include <gtest/gtest.h>

#include "protocol/kafka/client.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"

namespace godwit::protocol::kafka {
namespace {

JoinGroupRequest join(std::string member_id = "") {
  return {.group = "g",
          .session_timeout_ms = 10'000,
          .rebalance_timeout_ms = 20'000,
          .member_id = std::move(member_id),
          .instance_id = {},
          .protocol_type = "consumer",
          .protocols = {{"range", {1}}, {"sticky", {2}}},
          .reason = {}};
}

TEST(Group, JoinsInEveryVersion) {
  for (int16_t version = 0; version <= 9; ++version) {
    Connection c;
    c.ask(join(), version);
    model::JoinedGroup joined{
        .member_id = "m", .leader = "m", .generation = 3, .protocol_type = "consumer", .protocol = "range"};
    joined.members.push_back({.member_id = "m", .metadata = {1}});
    model::JoinGroup command = c.answer<model::JoinGroup>(joined);
    EXPECT_EQ(command.client_id, "test");
    EXPECT_EQ(command.protocols.size(), 2u);
    EXPECT_EQ(command.rebalance_timeout_ms, version == 0 ? 10'000 : 20'000);
    EXPECT_EQ(command.requires_known_member, version >= 4);
    JoinGroupResponse response = c.response<JoinGroupRequest>(version);
    EXPECT_EQ(response.generation, 3);
    EXPECT_EQ(response.protocol, "range");
    ASSERT_EQ(response.members.size(), 1u);
    EXPECT_EQ(response.members[0].metadata, ByteVec{1});
  }
}

TEST(Group, ANewMemberIsToldItsId) {
  Connection c;
  c.ask(join(), 5);
  c.answer<model::JoinGroup>({.member_id = "given", .error = ErrorCode::kMemberIdRequired});
  JoinGroupResponse response = c.response<JoinGroupRequest>(5);
  EXPECT_EQ(response.error, error::kMemberIdRequired);
  EXPECT_EQ(response.member_id, "given");
  JoinGroupRequest still = join();
  still.instance_id = "static";
  c.ask(still, 5);
  EXPECT_FALSE(c.answer<model::JoinGroup>({}).requires_known_member);
}

TEST(Group, RefusalsHaveKafkasNames) {
  for (auto [ours, theirs] : {std::pair<ErrorCode, int16_t>{ErrorCode::kUnknownMember, error::kUnknownMemberId},
                              {ErrorCode::kFenced, error::kFencedInstanceId},
                              {ErrorCode::kInconsistentProtocol, error::kInconsistentGroupProtocol},
                              {ErrorCode::kInvalidArgument, error::kInvalidSessionTimeout}}) {
    Connection c;
    c.ask(join("m"), 6);
    c.refuse<model::JoinGroup>(ours);
    JoinGroupResponse response = c.response<JoinGroupRequest>(6);
    EXPECT_EQ(response.error, theirs);
    EXPECT_EQ(response.member_id, "m");
  }
  Connection c;
  JoinGroupRequest nameless = join();
  nameless.group = "";
  c.ask(nameless, 5);
  EXPECT_EQ(c.response<JoinGroupRequest>(5).error, error::kInvalidGroupId);
}

TEST(Group, AssignmentsPassThrough) {
  for (int16_t version = 0; version <= 5; ++version) {
    Connection c;
    c.ask(SyncGroupRequest{.group = "g", .generation = 3, .member_id = "m", .assignments = {{"m", {7}}}}, version);
    model::SyncGroup command = c.answer<model::SyncGroup>({"consumer", "range", {7}});
    ASSERT_EQ(command.assignments.size(), 1u);
    EXPECT_EQ(c.response<SyncGroupRequest>(version).assignment, ByteVec{7});
  }
}

TEST(Group, OneOrManyLeave) {
  Connection c;
  c.ask(LeaveGroupRequest{.group = "g", .member_id = "m"}, 1);
  EXPECT_EQ(c.answer<model::LeaveGroup>({.errors = {ErrorCode::kUnknownMember}}).members.at(0).member_id, "m");
  EXPECT_EQ(c.response<LeaveGroupRequest>(1).error, error::kUnknownMemberId);
  c.ask(LeaveGroupRequest{.group = "g", .members = {{"a", {}, {}}, {"", "static", {}}}}, 4);
  c.answer<model::LeaveGroup>({.errors = {std::nullopt, ErrorCode::kUnknownMember}});
  LeaveGroupResponse response = c.response<LeaveGroupRequest>(4);
  EXPECT_EQ(response.error, error::kNone);
  EXPECT_EQ(response.members.at(0).error, error::kNone);
  EXPECT_EQ(response.members.at(1).error, error::kUnknownMemberId);
}

}  // namespace
}  // namespace godwit::protocol::kafka
