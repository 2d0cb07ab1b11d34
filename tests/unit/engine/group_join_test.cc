#include "engine/group_join.h"

#include "group_fixture.h"

namespace godwit::engine {
namespace {

using GroupJoin = GroupFixture;
using model::GroupState;

TEST_F(GroupJoin, TheFirstMemberLeads) {
  auto reply = joined(send(joining()));
  EXPECT_EQ(reply.generation, 1);
  EXPECT_EQ(reply.leader, reply.member_id);
  EXPECT_EQ(reply.protocol, "range");
  EXPECT_EQ(reply.protocol_type, "consumer");
  ASSERT_EQ(reply.members.size(), 1u);
  EXPECT_EQ(reply.members[0].metadata, subscription("t"));
  EXPECT_TRUE(reply.member_id.starts_with("client-"));
  EXPECT_EQ(journal.size(), 1u) << "that it reads the topic";
}

TEST_F(GroupJoin, ANewMemberFirstGetsAnIdToJoinWith) {
  model::JoinGroup command = joining();
  command.requires_known_member = true;
  auto first = joined(send(command));
  EXPECT_EQ(first.error, ErrorCode::kMemberIdRequired);
  ASSERT_FALSE(first.member_id.empty());
  EXPECT_EQ(first.generation, -1);
  command.member_id = first.member_id;
  auto second = joined(send(command));
  EXPECT_EQ(second.error, std::nullopt);
  EXPECT_EQ(second.member_id, first.member_id);
  EXPECT_EQ(second.generation, 1);
}

TEST_F(GroupJoin, WhatAllMembersSayOfThemselvesIsBounded) {
  model::JoinGroup large = joining();
  large.protocols[0].metadata.resize(settings.bytes_max / 2);
  std::string leader = joined(send(large)).member_id;
  EXPECT_EQ(error(send(large)), ErrorCode::kOverLimit);
  large.member_id = leader;
  EXPECT_EQ(error(send(large)), std::nullopt) << "it replaces its own";
  large.member_id.clear();
  large.instance_id = "one";
  large.protocols[0].metadata.resize(settings.bytes_max / 4);
  Request first = send(large);
  EXPECT_EQ(error(first), std::nullopt);
  EXPECT_EQ(error(send(large)), std::nullopt) << "and so does a static member that comes back";
}

TEST_F(GroupJoin, WhatMembersSayIsAtLeastWhatIsRecorded) {
  settings.bytes_max = 100'000;
  groups = Groups(settings);
  auto large = [](int i) {
    model::JoinGroup join = joining();
    if (i % 4 == 0) join.client_id = std::string(9'000, 'c');
    if (i % 4 == 1) join.protocols.resize(4'000);
    if (i % 4 == 2) join.instance_id = std::to_string(i) + std::string(9'000, 'i');
    if (i % 4 == 3)
      for (int j = 0; j < 4'000; ++j) join.topics->push_back(std::to_string(j));
    return join;
  };
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    Request request = send(large(i));
    std::vector<Request> others;
    for (size_t k = 0; k < ids.size(); ++k) {
      model::JoinGroup again = large(static_cast<int>(k));
      again.member_id = ids[k];
      send(again);
    }
    if (error(request)) break;
    ids.push_back(joined(request).member_id);
  }
  ASSERT_GT(ids.size(), 3u);
  ASSERT_LT(ids.size(), 20u);
  sync(ids[0], generation());
  ByteVec bytes;
  for (const GroupRecord& record : records)
    if (std::holds_alternative<GroupStored>(record)) encode_record(record, bytes);
  EXPECT_FALSE(bytes.empty());
  EXPECT_LE(bytes.size(), settings.bytes_max + ids[0].size() + 200) << "and the leader's id once more";
}

TEST_F(GroupJoin, IdsGivenOutCountAsWell) {
  model::JoinGroup careful = joining();
  careful.requires_known_member = true;
  careful.client_id = std::string(32'000, 'c');
  settings.bytes_max = 150'000;
  groups = Groups(settings);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(error(send(careful)));
  EXPECT_EQ(error(send(careful)), ErrorCode::kOverLimit);
}

TEST_F(GroupJoin, AnUnknownMemberIsToldSo) {
  EXPECT_EQ(error(send(joining("nobody"))), ErrorCode::kUnknownMember);
  EXPECT_EQ(describe().state, GroupState::kDead);
  stable_group(1);
  EXPECT_EQ(error(send(joining("nobody"))), ErrorCode::kUnknownMember);
}

TEST_F(GroupJoin, SessionTimeoutsHaveARange) {
  model::JoinGroup command = joining();
  for (int32_t ms : {0, 5'999, 1'800'001}) {
    command.session_timeout_ms = ms;
    EXPECT_EQ(error(send(command)), ErrorCode::kInvalidArgument) << ms;
  }
}

TEST_F(GroupJoin, AMemberThatSharesNoProtocolIsRefused) {
  model::JoinGroup none = joining();
  none.protocols.clear();
  EXPECT_EQ(error(send(none)), ErrorCode::kInconsistentProtocol);
  stable_group(1);
  model::JoinGroup other = joining();
  other.protocols = {{"sticky", {}}};
  EXPECT_EQ(error(send(other)), ErrorCode::kInconsistentProtocol);
  model::JoinGroup connect = joining();
  connect.protocol_type = "connect";
  EXPECT_EQ(error(send(connect)), ErrorCode::kInconsistentProtocol);
  EXPECT_EQ(describe().state, GroupState::kStable);
}

TEST_F(GroupJoin, ARejoinWithoutChangeRebalancesOnlyForTheLeader) {
  auto ids = stable_group(2);
  auto follower = joined(send(joining(ids[1])));
  EXPECT_EQ(follower.generation, generation());
  EXPECT_EQ(follower.leader, ids[0]);
  EXPECT_TRUE(follower.members.empty());
  EXPECT_EQ(describe().state, GroupState::kStable);
  Request leader = send(joining(ids[0]));
  EXPECT_TRUE(parked(leader));
  EXPECT_EQ(describe().state, GroupState::kPreparingRebalance);
}

TEST_F(GroupJoin, ARejoinWithOtherMetadataRebalances) {
  auto ids = stable_group(2);
  Request changed = send(joining(ids[1], "other"));
  EXPECT_TRUE(parked(changed));
  auto leader = joined(send(joining(ids[0])));
  EXPECT_EQ(joined(changed).generation, leader.generation);
  ASSERT_EQ(leader.members.size(), 2u);
  for (const auto& member : leader.members)
    EXPECT_EQ(member.metadata, subscription(member.member_id == ids[1] ? "other" : "t"));
}

TEST_F(GroupJoin, ALostAnswerIsGivenAgain) {
  auto first = joined(send(joining()));
  auto again = joined(send(joining(first.member_id)));
  EXPECT_EQ(again.generation, first.generation);
  EXPECT_EQ(again.members.size(), 1u);
}

TEST_F(GroupJoin, TheLaterOfTwoJoinsOfOneMemberCounts) {
  auto ids = stable_group(2);
  Request first = send(joining(ids[1], "other"));
  Request second = send(joining(ids[1], "third"));
  EXPECT_EQ(error(first), ErrorCode::kRebalanceInProgress);
  send(joining(ids[0]));
  EXPECT_EQ(joined(second).member_id, ids[1]);
}

TEST_F(GroupJoin, ANewMemberWhileTheOthersSyncStartsOver) {
  Request a = send(joining());
  std::string leader = joined(a).member_id;
  Request b = send(joining());
  Request rejoined = send(joining(leader));
  EXPECT_EQ(joined(rejoined).generation, 2);
  std::string follower = joined(b).member_id;
  Request waiting = sync(follower, 2);
  EXPECT_TRUE(parked(waiting));
  Request c = send(joining());
  EXPECT_EQ(error(waiting), ErrorCode::kRebalanceInProgress);
  EXPECT_EQ(error(sync(leader, 2, {})), ErrorCode::kRebalanceInProgress);
  EXPECT_EQ(error(heartbeat(leader, 2)), ErrorCode::kRebalanceInProgress);
  send(joining(leader));
  EXPECT_TRUE(parked(c));
  send(joining(follower));
  EXPECT_EQ(joined(c).generation, 3);
}

TEST_F(GroupJoin, SizeIsLimited) {
  settings.members_max = 2;
  groups = Groups(settings);
  auto ids = stable_group(2);
  EXPECT_EQ(error(send(joining())), ErrorCode::kOverLimit);
  model::JoinGroup careful = joining();
  careful.requires_known_member = true;
  EXPECT_EQ(error(send(careful)), ErrorCode::kOverLimit);
  EXPECT_FALSE(error(send(joining(ids[1]))));
  leave(ids[1]);
  EXPECT_FALSE(error(send(joining())));
}

TEST_F(GroupJoin, AnIdThatWasGivenOutHasItsPlace) {
  settings.members_max = 2;
  groups = Groups(settings);
  model::JoinGroup careful = joining();
  careful.requires_known_member = true;
  Request first = send(careful);
  Request second = send(careful);
  EXPECT_EQ(error(second), std::nullopt);
  EXPECT_EQ(error(send(careful)), ErrorCode::kOverLimit);
  EXPECT_EQ(error(send(joining())), ErrorCode::kOverLimit);
  std::string id = joined(first).member_id;
  EXPECT_FALSE(error(send(joining(id))));
  EXPECT_EQ(error(send(careful)), ErrorCode::kOverLimit);
  pass(10'000);  // given up
  EXPECT_EQ(error(send(careful)), std::nullopt);
}

TEST_F(GroupJoin, AStaticMemberComesBackWithoutARebalance) {
  auto leader = joined(send(static_joining("one")));
  Request second = send(static_joining("two"));
  send(static_joining("one", leader.member_id));
  auto follower = joined(second);
  sync_all({leader.member_id, follower.member_id});

  auto back = joined(send(static_joining("two")));
  EXPECT_NE(back.member_id, follower.member_id);
  EXPECT_EQ(back.generation, 2);
  EXPECT_EQ(back.leader, leader.member_id);
  EXPECT_FALSE(back.skip_assignment);
  EXPECT_TRUE(back.members.empty());
  EXPECT_EQ(records.size(), 1u);
  EXPECT_EQ(assignment(sync(back.member_id, 2)), follower.member_id);

  auto leads = joined(send(static_joining("one")));
  EXPECT_TRUE(leads.skip_assignment);
  EXPECT_EQ(leads.leader, leads.member_id);
  EXPECT_EQ(leads.members.size(), 2u);
  EXPECT_EQ(assignment(sync(leads.member_id, 2)), leader.member_id);
  EXPECT_EQ(describe().state, GroupState::kStable);
}

TEST_F(GroupJoin, TheMemberThatAStaticOneReplacesIsFenced) {
  auto first = joined(send(static_joining("one")));
  sync_all({first.member_id});
  auto second = joined(send(static_joining("one")));
  auto fenced = [&](auto command) {
    command.group = "g";
    command.member_id = first.member_id;
    command.instance_id = "one";
    command.generation = 1;
    return error(send(command)) == ErrorCode::kFenced;
  };
  EXPECT_TRUE(fenced(model::HeartbeatGroup{}));
  EXPECT_TRUE(fenced(model::SyncGroup{}));
  EXPECT_TRUE(fenced(model::CommitOffsets{}));
  EXPECT_EQ(error(send(static_joining("one", first.member_id))), ErrorCode::kFenced);
  EXPECT_EQ(error(heartbeat(first.member_id, 1)), ErrorCode::kUnknownMember);
  EXPECT_FALSE(error(heartbeat(second.member_id, 1)));
}

TEST_F(GroupJoin, AParkedStaticMemberIsFencedByItsSuccessor) {
  auto ids = stable_group(1);
  Request first = send(static_joining("one"));
  Request second = send(static_joining("one"));
  EXPECT_EQ(error(first), ErrorCode::kFenced);
  send(joining(ids[0]));
  auto reply = joined(second);
  EXPECT_EQ(reply.generation, 2);
  Request waiting = sync(reply.member_id, 2);
  Request third = send(static_joining("one"));
  EXPECT_EQ(error(waiting), ErrorCode::kFenced);
  EXPECT_TRUE(parked(third));  // its leader knows the old id: all over again
  EXPECT_EQ(describe().state, GroupState::kPreparingRebalance);
}

TEST_F(GroupJoin, AStaticMemberThatChangesTheProtocolRebalances) {
  auto first = joined(send(static_joining("one")));
  sync_all({first.member_id});
  model::JoinGroup other = static_joining("one");
  other.protocols.erase(other.protocols.begin());
  auto reply = joined(send(other));
  EXPECT_EQ(reply.generation, 2);
  EXPECT_EQ(reply.protocol, "roundrobin");
}

}  // namespace
}  // namespace godwit::engine
