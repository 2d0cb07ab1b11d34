#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/group_state.h"
#include "engine/group_turn.h"

namespace godwit::engine {

/// What the members of a group, as it is now, subscribe to. Must not outlive them.
class Subscribed {
 public:
  explicit Subscribed(const ConsumerGroup& group);
  /// ... and what these do.
  void add(const std::vector<StoredMember>& members);
  /// Whether a member names the topic.
  bool names(std::string_view topic) const;
  /// Whether a member may be reading the topic. Members that do not tell may read any.
  bool contains(std::string_view topic) const { return untold_ || names(topic); }

 private:
  void take(const StoredMember& member);

  std::vector<std::string_view> topics_;  ///< sorted
  bool untold_ = false;
};

/// Whether the names of all that the group reads fit in its bound when these topics are among them. Where they do not,
/// it first stops reading what is of no use to anybody: members may come and go for ever without a stable generation.
bool has_room_to_read(GroupTurn& turn, const ConsumerGroup& group, const std::vector<std::string>& topics);
/// A member has come, or changed its mind: the group reads from now on what it subscribes to.
void begin_reading(GroupTurn& turn, const ConsumerGroup& group, const GroupMember& member);
/// The group is stable: it no longer reads what no member subscribes to.
void stop_reading(GroupTurn& turn, const ConsumerGroup& group);
/// Nobody of the group is left: it reads only what it has committed positions in.
void stop_reading_uncommitted(GroupTurn& turn, const std::string& group);

}  // namespace godwit::engine
