#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/ids.h"
#include "model/group.h"

/// Commands to a consumer group's coordinator (Kafka's classic group protocol).
namespace godwit::model {

/// Joins or rejoins; the reply comes when the group has collected its members.
/// Errors: kMemberIdRequired (member_id in JoinedGroup is set), kUnknownMember, kFenced (static instance taken over),
/// kInconsistentProtocol, kInvalidArgument (session timeout out of range).
struct JoinGroup {
  using ReplyType = struct JoinedGroup;
  std::string group;
  std::string member_id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string client_host;
  std::string protocol_type;
  std::vector<GroupProtocol> protocols;  ///< in the member's order of preference
  /// What it subscribes to, whatever protocol is chosen; absent: it does not tell, and may read anything.
  std::optional<std::vector<std::string>> topics;
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = 0;
  bool requires_known_member = false;  ///< JoinGroup v4+: a new member first gets an id to join with
};
struct JoinedGroup {
  std::string member_id;
  std::string leader;
  int32_t generation = -1;
  std::string protocol_type;
  std::string protocol;
  bool skip_assignment = false;          ///< a static leader that rejoined: nothing to assign (v9)
  std::vector<GroupMemberInfo> members;  ///< to the leader only
  std::optional<ErrorCode> error;        ///< kMemberIdRequired comes with its member_id
};
struct SyncGroup {
  using ReplyType = struct SyncedGroup;
  std::string group;
  std::string member_id;
  std::optional<std::string> instance_id;
  int32_t generation = -1;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol;
  std::vector<std::pair<std::string, ByteVec>> assignments;  ///< member id to assignment; from the leader
};
struct SyncedGroup {
  std::string protocol_type;
  std::string protocol;
  ByteVec assignment;
};
struct HeartbeatGroup {
  using ReplyType = struct GroupAlive;
  std::string group;
  std::string member_id;
  std::optional<std::string> instance_id;
  int32_t generation = -1;
};
struct GroupAlive {};
struct LeaveGroup {
  using ReplyType = struct LeftGroup;
  struct Member {
    std::string member_id;
    std::optional<std::string> instance_id;
  };
  std::string group;
  std::vector<Member> members;
};
struct LeftGroup {
  std::vector<std::optional<ErrorCode>> errors;  ///< parallel to the command's members
};
/// Positions are stable before the reply. generation < 0 with an empty member id: a commit from outside the group,
/// accepted only while it has no members.
struct CommitOffsets {
  using ReplyType = struct OffsetsCommitted;
  std::string group;
  std::string member_id;
  std::optional<std::string> instance_id;
  int32_t generation = -1;
  std::vector<CommittedOffset> offsets;
};
struct OffsetsCommitted {};
struct FetchOffsets {
  using ReplyType = struct OffsetsFetched;
  std::string group;
  /// Absent: every committed position of the group.
  std::optional<std::vector<std::pair<std::string, uint32_t>>> partitions;
  bool for_show = false;  ///< who only shows them does not wait until the newest are durable
};
struct OffsetsFetched {
  std::vector<CommittedOffset> offsets;  ///< those that exist
};
struct DescribeGroup {
  using ReplyType = struct GroupDescribed;
  std::string group;
};
struct GroupDescribed {
  GroupInfo group;  ///< kDead when there is none
};
struct ListGroups {
  using ReplyType = struct GroupsListed;
};
struct GroupsListed {
  std::vector<GroupInfo> groups;  ///< without members
};
/// Errors: kNotFound, kGroupNotEmpty.
struct DeleteGroup {
  using ReplyType = struct GroupDeleted;
  std::string group;
};
struct GroupDeleted {};
/// Removes committed positions. Errors: kNotFound; kGroupNotEmpty while a member subscribes to the topic.
struct DeleteOffsets {
  using ReplyType = struct OffsetsDeleted;
  std::string group;
  std::vector<std::pair<std::string, uint32_t>> partitions;
};
struct OffsetsDeleted {};

}  // namespace godwit::model
