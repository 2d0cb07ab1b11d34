#include <fmt/format.h>

#include "engine/group.h"
#include "engine/group_offsets.h"

/// What a shard's groups answer to those who are not in them: positions, descriptions, deletion.
namespace godwit::engine {

using model::GroupState;

GroupOutcome Groups::handle(const model::CommitOffsets& command, const GroupContext& context) {
  GroupTurn turn = this->turn(context.now);
  ConsumerGroup* group = find(command.group);
  if (auto done = commit_offsets(turn, group, command); done)
    turn.answer(context.token, model::OffsetsCommitted{});
  else
    turn.refuse(context.token, std::move(done.error()));
  if (group) settle(*group);
  return std::move(turn.out);
}

GroupOutcome Groups::handle(const model::FetchOffsets& command, const GroupContext& context) {
  GroupTurn turn = this->turn(context.now);
  turn.answer(context.token, fetch_offsets(store_, command));
  return std::move(turn.out);
}

GroupOutcome Groups::handle(const model::DescribeGroup& command, const GroupContext& context) {
  GroupTurn turn = this->turn(context.now);
  model::GroupInfo info{.id = command.group, .state = GroupState::kDead};
  if (const ConsumerGroup* group = find(command.group))
    info = group->describe();
  else if (store_.find(command.group))
    info.state = GroupState::kEmpty;
  turn.answer(context.token, model::GroupDescribed{std::move(info)});
  return std::move(turn.out);
}

GroupOutcome Groups::handle(const model::ListGroups&, const GroupContext& context) {
  GroupTurn turn = this->turn(context.now);
  model::GroupsListed reply;
  for (const auto& [id, group] : groups_)
    reply.groups.push_back({.id = id, .state = group.state, .protocol_type = group.protocol_type});
  for (const auto& [id, stored] : store_.groups())
    if (!groups_.contains(id)) reply.groups.push_back({.id = id});
  turn.answer(context.token, std::move(reply));
  return std::move(turn.out);
}

GroupOutcome Groups::handle(const model::DeleteGroup& command, const GroupContext& context) {
  GroupTurn turn = this->turn(context.now);
  ConsumerGroup* group = find(command.group);
  if (!group && !store_.find(command.group)) {
    turn.refuse(context.token, ErrorCode::kNotFound, fmt::format("there is no group '{}'", command.group));
  } else if (group && group->state != GroupState::kEmpty) {
    turn.refuse(context.token, ErrorCode::kGroupNotEmpty, fmt::format("group '{}' has members", command.group));
  } else {
    remove_group(turn, command.group);
    if (group) {
      group->pending.clear();
      settle(*group);
    }
    turn.answer(context.token, model::GroupDeleted{});
  }
  return std::move(turn.out);
}

GroupOutcome Groups::handle(const model::DeleteOffsets& command, const GroupContext& context) {
  GroupTurn turn = this->turn(context.now);
  ConsumerGroup* group = find(command.group);
  if (auto done = delete_offsets(turn, group, command); done)
    turn.answer(context.token, model::OffsetsDeleted{});
  else
    turn.refuse(context.token, std::move(done.error()));
  if (group) settle(*group);
  return std::move(turn.out);
}

GroupOutcome Groups::topic_deleted(std::string_view topic, const model::Now& now) {
  GroupTurn turn = this->turn(now);
  std::map<std::string, std::vector<TopicPartition>> removals;
  for (const auto& [id, stored] : store_.groups())
    for (auto at = stored.offsets.lower_bound({std::string(topic), 0});
         at != stored.offsets.end() && at->first.first == topic; ++at)
      removals[id].push_back(at->first);
  for (auto& [id, partitions] : removals) {
    remove_offsets(turn, id, std::move(partitions));
    if (ConsumerGroup* group = find(id)) drop_if_bare(*group);
  }
  return std::move(turn.out);
}

}  // namespace godwit::engine
