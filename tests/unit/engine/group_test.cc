#include "engine/group.h"

#include <random>

#include "group_fixture.h"

namespace godwit::engine {
namespace {

using GroupsTest = GroupFixture;
using model::GroupState;

TEST_F(GroupsTest, ARestartGoesUnnoticedByAStableGroup) {
  auto ids = stable_group(3);
  commit(ids[0], 3, {at("t", 0, 42)});
  pass(9'000);
  restart();
  pass(9'000);  // sessions began anew
  for (const std::string& id : ids) EXPECT_FALSE(error(heartbeat(id, 3)));
  EXPECT_EQ(assignment(sync(ids[2], 3)), ids[2]);
  EXPECT_FALSE(error(commit(ids[1], 3, {at("t", 1, 7)})));
  EXPECT_EQ(fetch().size(), 2u);
  EXPECT_EQ(describe().protocol, "range");
  EXPECT_EQ(joined(send(joining(ids[1]))).leader, ids[0]);
  pass(10'000);
  EXPECT_EQ(describe().state, GroupState::kEmpty);
}

TEST_F(GroupsTest, ARebalanceUnderWayIsForgotten) {
  auto ids = stable_group(1);
  Request newcomer = send(joining());
  restart();
  EXPECT_TRUE(parked(newcomer));  // its connection is gone
  EXPECT_FALSE(error(heartbeat(ids[0], 1)));
  EXPECT_EQ(error(send(model::HeartbeatGroup{.group = "new", .member_id = "x"})), ErrorCode::kUnknownMember);
}

TEST_F(GroupsTest, GroupsDoNotTouchEachOther) {
  auto ids = stable_group(1);
  model::JoinGroup other = joining();
  other.group = "h";
  EXPECT_EQ(joined(send(other)).generation, 1);
  EXPECT_FALSE(error(heartbeat(ids[0], 1)));
}

/// Clients that do anything at any time; every request must be answered once in the end.
class GroupsRandom : public GroupFixture, public testing::WithParamInterface<unsigned> {
 protected:
  struct Client {
    std::string member_id;
    std::optional<std::string> instance_id;
    int32_t generation = -1;
    bool leads = false;
    std::vector<std::string> members;
    Request join = 0;  ///< unanswered
    Request sync = 0;  ///< of the present generation
  };

  unsigned pick(unsigned n) { return static_cast<unsigned>(random() % n); }

  /// Learns from an answered join.
  void learn(Client& client) {
    auto at = answers.find(client.join);
    if (client.join == 0 || at == answers.end()) return;
    client.join = 0;
    if (!at->second) {
      if (at->second.error().code == ErrorCode::kUnknownMember || at->second.error().code == ErrorCode::kFenced)
        client.member_id.clear();
      return;
    }
    auto reply = std::get<model::JoinedGroup>(*at->second);
    client.member_id = reply.member_id;
    client.generation = reply.generation;
    client.sync = 0;
    client.leads = reply.leader == reply.member_id;
    client.members.clear();
    for (const auto& member : reply.members) client.members.push_back(member.member_id);
  }
  void do_join(Client& client) {
    model::JoinGroup command = joining(client.member_id, pick(10) ? "t" : "u");
    command.instance_id = client.instance_id;
    command.requires_known_member = pick(2) == 0;
    client.join = send(command);
  }
  void do_sync(Client& client) {
    std::vector<std::pair<std::string, std::string>> shares;
    for (const std::string& id : client.members) shares.emplace_back(id, std::to_string(pick(100)));
    client.sync = sync(client.member_id, client.generation, shares);
  }
  /// What a real client would do next.
  void behave(Client& client) {
    if (client.join != 0) return;
    if (client.generation < 0 || client.member_id.empty()) return do_join(client);
    if (client.sync == 0) return do_sync(client);
    if (parked(client.sync)) return;
    auto code = error(client.sync);
    if (!code) code = error(heartbeat(client.member_id, client.generation));
    if (!code) return;
    if (code != ErrorCode::kRebalanceInProgress) client.member_id.clear();
    do_join(client);
  }
  void act(Client& client) {
    learn(client);
    if (pick(30) > 0) return behave(client);
    switch (pick(8)) {
      case 0:
      case 1: do_join(client); break;
      case 2:
      case 3: do_sync(client); break;
      case 4: heartbeat(client.member_id, client.generation); break;
      case 5: commit(client.member_id, client.generation, {at("t", pick(3), pick(1000))}); break;
      case 6:
        if (pick(4) == 0) leave(client.member_id);
        break;
      default: send(model::DeleteOffsets{"g", {{"t", pick(3)}}}); break;
    }
  }
  void check_replay(size_t snapshot_at, const std::vector<GroupRecord>& snapshot) {
    Groups replayed(settings), restored(settings);
    for (const GroupRecord& record : journal) replayed.apply(record);
    for (const GroupRecord& record : snapshot) restored.apply(record);
    for (size_t i = snapshot_at; i < journal.size(); ++i) restored.apply(journal[i]);
    ASSERT_EQ(replayed.snapshot(), groups.snapshot());
    ASSERT_EQ(restored.snapshot(), groups.snapshot());
    // A group at rest is after a restart what it was before.
    model::GroupInfo live = describe();
    if (live.state != GroupState::kStable && live.state != GroupState::kEmpty) return;
    std::swap(groups, replayed);
    groups.resume(now);
    model::GroupInfo after = describe();
    std::swap(groups, replayed);
    bool stored = groups.store().find("g") && groups.store().find("g")->membership;
    if (!stored) return;
    ++rests;
    EXPECT_EQ(after.state, live.state);
    EXPECT_EQ(after.protocol, live.protocol);
    ASSERT_EQ(after.members.size(), live.members.size());
    for (size_t i = 0; i < live.members.size(); ++i) {
      EXPECT_EQ(after.members[i].member_id, live.members[i].member_id);
      EXPECT_EQ(after.members[i].assignment, live.members[i].assignment);
      EXPECT_EQ(after.members[i].metadata, live.members[i].metadata);
    }
  }

  std::minstd_rand random{GetParam()};
  int rests = 0;
};

TEST_P(GroupsRandom, EveryRequestIsAnsweredOnceAndReplayAgrees) {
  std::vector<Client> clients(5);
  clients[3].instance_id = "three";
  clients[4].instance_id = "three";  // two that fight over one instance
  std::vector<GroupRecord> snapshot;
  size_t snapshot_at = 0;
  for (int i = 0; i < 3000; ++i) {
    act(clients[pick(static_cast<unsigned>(clients.size()))]);
    if (pick(10) == 0) pass(pick(3000));
    if (i == 1500) snapshot = groups.snapshot(), snapshot_at = journal.size();
    if (i % 20 == 0) check_replay(snapshot_at, snapshot);
  }
  EXPECT_GT(rests, 20);
  pass(3'600'000);
  EXPECT_EQ(answers.size(), requests);
  EXPECT_EQ(describe().members.size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, GroupsRandom, testing::Range(1u, 21u));

}  // namespace
}  // namespace godwit::engine
