#include "sim/workloads/group_members.h"

#include <algorithm>

namespace godwit::sim {
namespace {

const std::string kGroup = "members";

}  // namespace

void GroupMembers::set_up(SimClient& client) {
  model::TopicSettings kept{.retention = model::Retention::kTime, .retention_ms = -1};
  run_.must(client, model::CreateTopic{.name = {.text = "work"}, .settings = kept, .if_absent = true}, "create topic");
  check_position(client);
}

void GroupMembers::restarted() {
  leaders_.clear();
  newest_generation_ = -1;
}

void GroupMembers::forget(Program& p, bool) { members_[index_of(p)] = {}; }

void GroupMembers::act(Program& p) {
  Member& mine = members_[index_of(p)];
  if (mine.waiting) return;
  if (!mine.stable) return join(p, mine);
  switch (run_.below(8)) {
    case 0:
    case 1: return heartbeat(p, mine);
    case 2: return run_.chance(4) ? leave_group(p, mine) : join(p, mine);
    case 3: return run_.chance(3) ? run_.world.advance(static_cast<int64_t>(run_.below(4000))) : heartbeat(p, mine);
    default: return commit(p, mine);
  }
}

void GroupMembers::refused(Member& member, const char* what, const Error& error) {
  switch (error.code) {
    case ErrorCode::kRebalanceInProgress: member.stable = false; return;
    case ErrorCode::kUnknownMember:
    case ErrorCode::kIllegalGeneration: member = {.waiting = member.waiting}; return;  // a join may be under way
    default: run_.refused(what, error);
  }
}

void GroupMembers::join(Program& p, Member& mine) {
  mine.waiting = true;
  mine.stable = false;
  model::JoinGroup command{.group = kGroup,
                           .member_id = mine.id,
                           .client_id = "sim",
                           .protocol_type = "consumer",
                           .protocols = {{"range", {}}},
                           .session_timeout_ms = 6000,
                           .rebalance_timeout_ms = 1000};
  Before before{.newcomer = mine.id.empty(), .life = life_, .generation = newest_generation_};
  p.call(std::move(command), [this, &p, &mine, before](const Result<model::JoinedGroup>& reply) {
    mine.waiting = false;
    if (!reply) return refused(mine, "join", reply.error());
    joined(p, mine, before, *reply);
  });
}

/// A newcomer makes a generation later than those that were known when it asked, or else its group is another one.
/// Of one group, a generation has one leader.
void GroupMembers::check_generation(const Before& before, const model::JoinedGroup& reply) {
  if (before.life != life_) return;  // of the one or of the other
  if (before.newcomer && reply.generation <= before.generation) {
    ++life_;
    leaders_.clear();
    newest_generation_ = -1;
  }
  newest_generation_ = std::max(newest_generation_, reply.generation);
  auto [leader, first] = leaders_.try_emplace(reply.generation, reply.leader);
  if (!first && leader->second != reply.leader)
    run_.verdict.broken(fmt::format("generation {} has two leaders", reply.generation));
}

void GroupMembers::joined(Program& p, Member& mine, const Before& before, const model::JoinedGroup& reply) {
  if (reply.generation < mine.generation)
    run_.verdict.broken(fmt::format("generation {} follows {}", reply.generation, mine.generation));
  check_generation(before, reply);
  mine.id = reply.member_id;
  mine.life = life_;
  mine.generation = reply.generation;
  mine.leader = reply.leader == reply.member_id;
  model::SyncGroup sync{.group = kGroup, .member_id = mine.id, .generation = mine.generation};
  for (const model::GroupMemberInfo& info : reply.members)
    sync.assignments.emplace_back(info.member_id, ByteVec(info.member_id.begin(), info.member_id.end()));
  mine.waiting = true;
  p.call(std::move(sync), [this, &mine](const Result<model::SyncedGroup>& synced) {
    mine.waiting = false;
    if (!synced) return refused(mine, "sync", synced.error());
    if (as_string(synced->assignment) != mine.id) run_.verdict.broken("a member got another's assignment");
    mine.stable = true;
  });
}

void GroupMembers::heartbeat(Program& p, Member& mine) {
  p.call(model::HeartbeatGroup{.group = kGroup, .member_id = mine.id, .generation = mine.generation},
         [this, &mine, generation = mine.generation](const Result<model::GroupAlive>& reply) {
           if (!reply && mine.generation == generation) refused(mine, "heartbeat", reply.error());
         });
}

void GroupMembers::commit(Program& p, Member& mine) {
  if (!mine.leader) return;
  int64_t position = ++sent_;
  bool outdated = mine.life < life_ || mine.generation < newest_generation_;
  model::CommittedOffset offset{.topic = "work", .partition = 0, .offset = Offset(position)};
  p.call(
      model::CommitOffsets{.group = kGroup, .member_id = mine.id, .generation = mine.generation, .offsets = {offset}},
      [this, &mine, position, outdated, generation = mine.generation](const Result<model::OffsetsCommitted>& reply) {
        if (!reply && mine.generation == generation) return refused(mine, "commit", reply.error());
        if (!reply) return;
        if (outdated)
          run_.verdict.broken(fmt::format("a commit of generation {} counts after a later one", generation));
        acked_ = std::max(acked_, position);
      });
}

void GroupMembers::leave_group(Program& p, Member& mine) {
  p.call(model::LeaveGroup{.group = kGroup, .members = {{.member_id = mine.id}}},
         [this](const Result<model::LeftGroup>& reply) {
           if (!reply) run_.refused("leave", reply.error());
         });
  mine = {};
}

void GroupMembers::check_position(SimClient& client) {
  auto committed = run_.must(client, model::FetchOffsets{.group = kGroup}, "fetch offsets");
  if (!committed) return;
  int64_t position = committed->offsets.empty() ? 0 : committed->offsets[0].offset.value;
  if (position < acked_ || position > sent_)
    run_.verdict.broken(fmt::format("position {} of the group; {} was confirmed, {} sent", position, acked_, sent_));
}

void GroupMembers::drain(SimClient& client) { check_position(client); }

}  // namespace godwit::sim
