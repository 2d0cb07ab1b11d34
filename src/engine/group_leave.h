#pragma once

#include "engine/group_state.h"
#include "engine/group_turn.h"

namespace godwit::engine {

/// Any number of members leave, by member id or, static ones, by instance id alone. One rebalance follows.
void leave(GroupTurn& turn, ConsumerGroup& group, const model::LeaveGroup& command, RequestToken token);

}  // namespace godwit::engine
