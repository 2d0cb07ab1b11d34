#pragma once

#include "engine/group_state.h"
#include "engine/group_turn.h"

namespace godwit::engine {

/// Everything of one group whose time has come, and its next wake-up.
void expire(GroupTurn& turn, ConsumerGroup& group);

}  // namespace godwit::engine
