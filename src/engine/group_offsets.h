#pragma once

#include <string>
#include <vector>

#include "engine/group_state.h"
#include "engine/group_turn.h"

/// A group's committed positions.
namespace godwit::engine {

/// `group` null: nobody is in it. Errors as the command's.
Result<void> commit_offsets(GroupTurn& turn, ConsumerGroup* group, const model::CommitOffsets& command);
model::OffsetsFetched fetch_offsets(const GroupStore& store, const model::FetchOffsets& command);
Result<void> delete_offsets(GroupTurn& turn, const ConsumerGroup* group, const model::DeleteOffsets& command);
void remove_offsets(GroupTurn& turn, const std::string& group, std::vector<TopicPartition> partitions);
/// Removes the positions of a group, and the group, when they have been kept long enough. Only of a group without
/// members.
void expire_offsets(GroupTurn& turn, const std::string& group);
/// Removes what is stored of a group.
void remove_group(GroupTurn& turn, const std::string& group);

}  // namespace godwit::engine
