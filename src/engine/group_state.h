#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/group_records.h"
#include "engine/group_turn.h"
#include "model/commands/group.h"
#include "model/group.h"

namespace godwit::engine {

/// Deadlines are of the boot clock.
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

struct GroupMember {
  StoredMember info;
  std::optional<RequestToken> join;  ///< parked until the group has its members
  std::optional<RequestToken> sync;  ///< parked until the leader has sent the assignments
  bool is_new = false;               ///< has not got an answer to its first join, so it cannot send heartbeats
  bool owes_sync = false;            ///< has not asked for its assignment in this generation
  int64_t deadline_ms = kNever;  ///< expelled unless heard of before; not while it waits for an answer, see expires()

  void update(const model::JoinGroup& command);
  /// Whether silence counts: a member whose request is parked cannot send heartbeats. A new one may have gone for good.
  bool expires() const { return is_new || (!join && !sync); }
  const ByteVec& metadata(std::string_view protocol) const;
};

/// One consumer group as its coordinator sees it. Only what GroupStore has survives a restart; the rest is who waits
/// for what. Functions on it: group_rebalance.h, group_join.h and so on.
struct ConsumerGroup {
  std::string id;
  model::GroupState state = model::GroupState::kEmpty;
  int32_t generation = 0;
  std::string protocol_type;
  std::string protocol;
  std::string leader;
  std::map<std::string, GroupMember, std::less<>> members;
  std::map<std::string, int64_t, std::less<>> pending;  ///< ids given out that have not joined yet, with deadlines
  std::map<std::string, std::string, std::less<>> instances;  ///< static members: instance id to member id

  int64_t join_deadline_ms = kNever;  ///< while preparing a rebalance: it goes on without those who are missing
  int64_t sync_deadline_ms = kNever;  ///< afterwards: whoever owes a sync is expelled
  struct InitialDelay {
    int64_t remaining_ms = 0;  ///< by which the delay may still be extended
    bool extended = false;     ///< a member came since it was last set
  };
  std::optional<InitialDelay> initial_delay;  ///< the rebalance under way is an empty group's first
  int64_t wake_ms = kNever;                   ///< no deadline is before this one

  GroupMember* find(std::string_view member_id);
  /// Errors: kUnknownMember; kFenced: another member has taken over the instance.
  Result<GroupMember*> check(std::string_view member_id, const std::optional<std::string>& instance_id);
  void add(GroupMember member);
  void remove(std::string_view member_id);

  bool supports(std::string_view type, const std::vector<model::GroupProtocol>& protocols) const;
  /// That every member offers.
  std::set<std::string_view> common_protocols() const;
  /// Among them the one that most members prefer to the others.
  std::string choose_protocol() const;
  bool all_joined() const;
  /// Makes a member that has joined the leader, unless it has one. False when none has joined.
  bool elect_leader();
  int32_t rebalance_timeout_ms() const;
  /// What all members have said of themselves would take if this one said that, with the ids of members to come: no
  /// less than what is recorded of it.
  size_t bytes_with(const model::JoinGroup& command) const;
  void wake_at(int64_t deadline_ms) { wake_ms = std::min(wake_ms, deadline_ms); }
  void heard_of(GroupMember& member, const model::Now& now);

  model::GroupInfo describe() const;
  /// Of each member: who it is, and its metadata for the chosen protocol.
  std::vector<model::GroupMemberInfo> member_infos(bool with_assignments) const;
};

}  // namespace godwit::engine
