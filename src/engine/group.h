#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/group_records.h"
#include "engine/group_state.h"
#include "engine/group_store.h"
#include "engine/group_turn.h"
#include "model/commands/group.h"
#include "model/time.h"

namespace godwit::engine {

/// The coordinator of all consumer groups of one shard: Kafka's classic group protocol. Joins and syncs are parked
/// until the group has come together; every request is answered exactly once, by the call that made it or by a later
/// one.
///
/// What survives a restart are committed positions and, of stable or empty groups, generation, protocol and members
/// with their assignments: members go on with heartbeats as if nothing had happened. A rebalance under way is
/// forgotten, and its members are told to join again. Heartbeats and joins write nothing.
///
/// Worker  owner only. Boot: apply() each record, then resume(); afterwards handle() and on_timer().
class Groups {
 public:
  explicit Groups(GroupSettings settings = {}) : settings_(settings) {}
  void configure(const GroupSettings& settings) { settings_ = settings; }

  /// Replays one record.
  void apply(const GroupRecord& record) { store_.apply(record); }
  /// After the last record of a boot: groups are as they were stored, and their members' sessions begin anew.
  void resume(const model::Now& now);
  /// Records that build the durable state when they are applied to an empty coordinator.
  std::vector<GroupRecord> snapshot() const { return store_.snapshot(); }

  GroupOutcome handle(const model::JoinGroup& command, const GroupContext& context);
  GroupOutcome handle(const model::SyncGroup& command, const GroupContext& context);
  GroupOutcome handle(const model::HeartbeatGroup& command, const GroupContext& context);
  GroupOutcome handle(const model::LeaveGroup& command, const GroupContext& context);
  GroupOutcome handle(const model::CommitOffsets& command, const GroupContext& context);
  GroupOutcome handle(const model::FetchOffsets& command, const GroupContext& context);
  GroupOutcome handle(const model::DescribeGroup& command, const GroupContext& context);
  GroupOutcome handle(const model::ListGroups& command, const GroupContext& context);
  GroupOutcome handle(const model::DeleteGroup& command, const GroupContext& context);
  GroupOutcome handle(const model::DeleteOffsets& command, const GroupContext& context);
  /// A topic is gone, and with it every group's positions in it.
  GroupOutcome topic_deleted(std::string_view topic, const model::Now& now);

  /// To be called at next_deadline(), of the boot clock; kNever: not at all. Earlier or later does no harm.
  GroupOutcome on_timer(const model::Now& now);
  int64_t next_deadline() const;

  const GroupStore& store() const { return store_; }
  bool empty() const { return groups_.empty() && store_.groups().empty(); }

 private:
  GroupTurn turn(const model::Now& now);
  ConsumerGroup* find(std::string_view group);
  ConsumerGroup& find_or_add(const std::string& group);
  /// After a group was touched: its place among the wake-ups, and whether it is still worth keeping.
  void settle(ConsumerGroup& group);
  void drop_if_bare(ConsumerGroup& group);
  void expire_unused(GroupTurn& turn);

  GroupSettings settings_;
  GroupStore store_;
  std::map<std::string, ConsumerGroup, std::less<>> groups_;
  std::set<std::pair<int64_t, std::string>> wakes_;  ///< wake-up and group; of a group, the one in scheduled_
  std::map<std::string, int64_t, std::less<>> scheduled_;
  int64_t sweep_ms_ = kNever;  ///< when positions are next checked for their age
};

}  // namespace godwit::engine
