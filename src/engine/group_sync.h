#pragma once

#include "engine/group_state.h"
#include "engine/group_turn.h"

namespace godwit::engine {

void sync(GroupTurn& turn, ConsumerGroup& group, const model::SyncGroup& command, RequestToken token);
void heartbeat(GroupTurn& turn, ConsumerGroup& group, const model::HeartbeatGroup& command, RequestToken token);

}  // namespace godwit::engine
