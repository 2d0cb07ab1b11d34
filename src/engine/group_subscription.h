#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/group_state.h"
#include "engine/group_turn.h"

namespace godwit::engine {

/// Whether a member of the group may be reading the topic. Members that do not tell may read any.
bool is_subscribed(const ConsumerGroup& group, std::string_view topic);

/// A member has come, or changed its mind: the group reads from now on what it subscribes to.
void begin_reading(GroupTurn& turn, const ConsumerGroup& group, const GroupMember& member);
/// The group is stable: it no longer reads what no member subscribes to.
void stop_reading(GroupTurn& turn, const ConsumerGroup& group);
/// Nobody of the group is left: it reads only what it has committed positions in.
void stop_reading_uncommitted(GroupTurn& turn, const std::string& group);

}  // namespace godwit::engine
