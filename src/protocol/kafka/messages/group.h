#pragma once

#include "protocol/kafka/wire/types.h"

/// Membership of a classic group: JoinGroup (11), SyncGroup (14), Heartbeat (12), LeaveGroup (13).
namespace godwit::protocol::kafka {

struct JoinGroupResponse {
  struct Member {
    std::string member_id;
    std::optional<std::string> instance_id;
    ByteVec metadata;

    template <class F>
    void fields(F& f) {
      f("member_id", member_id);
      f("instance_id", instance_id, wire::since(5));
      f("metadata", metadata);
    }
  };
  int32_t throttle_ms = 0;
  int16_t error = 0;
  int32_t generation = -1;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol;  ///< may be null from 7 on
  std::string leader;
  bool skip_assignment = false;
  std::string member_id;
  std::vector<Member> members;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms, wire::since(2));
    f("error", error);
    f("generation", generation);
    f("protocol_type", protocol_type, wire::since(7));
    f("protocol", protocol);
    f("leader", leader);
    f("skip_assignment", skip_assignment, wire::since(9));
    f("member_id", member_id);
    f("members", members);
  }
};

struct JoinGroupRequest {
  using Response = JoinGroupResponse;
  static constexpr wire::Api kApi{.key = 11, .name = "JoinGroup", .first = 0, .last = 9, .flexible = 6};

  struct Protocol {
    std::string name;
    ByteVec metadata;

    template <class F>
    void fields(F& f) {
      f("name", name);
      f("metadata", metadata);
    }
  };
  std::string group;
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = -1;  ///< before 1: the session timeout
  std::string member_id;
  std::optional<std::string> instance_id;
  std::string protocol_type;
  std::vector<Protocol> protocols;
  std::optional<std::string> reason;

  template <class F>
  void fields(F& f) {
    f("group", group);
    f("session_timeout_ms", session_timeout_ms);
    f("rebalance_timeout_ms", rebalance_timeout_ms, wire::since(1));
    f("member_id", member_id);
    f("instance_id", instance_id, wire::since(5));
    f("protocol_type", protocol_type);
    f("protocols", protocols);
    f("reason", reason, wire::since(8));
  }
};

struct SyncGroupResponse {
  int32_t throttle_ms = 0;
  int16_t error = 0;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol;
  ByteVec assignment;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms, wire::since(1));
    f("error", error);
    f("protocol_type", protocol_type, wire::since(5));
    f("protocol", protocol, wire::since(5));
    f("assignment", assignment);
  }
};

struct SyncGroupRequest {
  using Response = SyncGroupResponse;
  static constexpr wire::Api kApi{.key = 14, .name = "SyncGroup", .first = 0, .last = 5, .flexible = 4};

  struct Assignment {
    std::string member_id;
    ByteVec assignment;

    template <class F>
    void fields(F& f) {
      f("member_id", member_id);
      f("assignment", assignment);
    }
  };
  std::string group;
  int32_t generation = -1;
  std::string member_id;
  std::optional<std::string> instance_id;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol;
  std::vector<Assignment> assignments;

  template <class F>
  void fields(F& f) {
    f("group", group);
    f("generation", generation);
    f("member_id", member_id);
    f("instance_id", instance_id, wire::since(3));
    f("protocol_type", protocol_type, wire::since(5));
    f("protocol", protocol, wire::since(5));
    f("assignments", assignments);
  }
};

struct HeartbeatResponse {
  int32_t throttle_ms = 0;
  int16_t error = 0;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms, wire::since(1));
    f("error", error);
  }
};

struct HeartbeatRequest {
  using Response = HeartbeatResponse;
  static constexpr wire::Api kApi{.key = 12, .name = "Heartbeat", .first = 0, .last = 4, .flexible = 4};

  std::string group;
  int32_t generation = -1;
  std::string member_id;
  std::optional<std::string> instance_id;

  template <class F>
  void fields(F& f) {
    f("group", group);
    f("generation", generation);
    f("member_id", member_id);
    f("instance_id", instance_id, wire::since(3));
  }
};

struct LeaveGroupResponse {
  struct Member {
    std::string member_id;
    std::optional<std::string> instance_id;
    int16_t error = 0;

    template <class F>
    void fields(F& f) {
      f("member_id", member_id);
      f("instance_id", instance_id);
      f("error", error);
    }
  };
  int32_t throttle_ms = 0;
  int16_t error = 0;
  std::vector<Member> members;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms, wire::since(1));
    f("error", error);
    f("members", members, wire::since(3));
  }
};

struct LeaveGroupRequest {
  using Response = LeaveGroupResponse;
  static constexpr wire::Api kApi{.key = 13, .name = "LeaveGroup", .first = 0, .last = 5, .flexible = 4};

  struct Member {
    std::string member_id;
    std::optional<std::string> instance_id;
    std::optional<std::string> reason;

    template <class F>
    void fields(F& f) {
      f("member_id", member_id);
      f("instance_id", instance_id);
      f("reason", reason, wire::since(5));
    }
  };
  std::string group;
  std::string member_id;
  std::vector<Member> members;

  template <class F>
  void fields(F& f) {
    f("group", group);
    f("member_id", member_id, wire::until(2));
    f("members", members, wire::since(3));
  }
};

}  // namespace godwit::protocol::kafka
