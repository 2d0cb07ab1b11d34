#pragma once

#include "engine/group_state.h"
#include "engine/group_turn.h"

namespace godwit::engine {

/// JoinGroup, of a group that is there (an empty one is made for a new member).
void join(GroupTurn& turn, ConsumerGroup& group, const model::JoinGroup& command, const GroupContext& context);

}  // namespace godwit::engine
