#pragma once

#include <string>
#include <string_view>

#include "engine/group_state.h"
#include "engine/group_turn.h"

/// How a group moves from one generation to the next. kEmpty, kStable or kCompletingRebalance --a member comes, goes or
/// changes--> kPreparingRebalance --everyone has joined, or the time is over--> kCompletingRebalance --the leader has
/// sent the assignments--> kStable.
namespace godwit::engine {

/// Starts a rebalance, or lets the one under way go on if everyone is there now.
void rebalance(GroupTurn& turn, ConsumerGroup& group);
/// Ends the collecting of members if everyone is there; otherwise sees to it that it ends at all.
void complete_join_if_ready(GroupTurn& turn, ConsumerGroup& group);
/// Goes on with those who have joined: the next generation, or an empty group.
void complete_join(GroupTurn& turn, ConsumerGroup& group);
/// Removes a member, answering what it has parked with `code`. The group's rebalance is left to the caller.
void expel(GroupTurn& turn, ConsumerGroup& group, std::string_view member_id, ErrorCode code);
/// Goes on after members were expelled.
void after_expulsion(GroupTurn& turn, ConsumerGroup& group);
/// Writes the membership as it is.
void store(GroupTurn& turn, const ConsumerGroup& group);
/// What a member of the present generation is told.
model::JoinedGroup joined(const ConsumerGroup& group, const GroupMember& member);

}  // namespace godwit::engine
