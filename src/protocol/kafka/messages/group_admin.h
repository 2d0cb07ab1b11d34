#pragma once

#include "protocol/kafka/messages/metadata.h"
#include "protocol/kafka/wire/types.h"

/// Groups seen from outside: DescribeGroups (15), ListGroups (16), DeleteGroups (42).
namespace godwit::protocol::kafka {

struct DescribeGroupsResponse {
  struct Member {
    std::string member_id;
    std::optional<std::string> instance_id;
    std::string client_id;
    std::string client_host;
    ByteVec metadata;
    ByteVec assignment;

    template <class F>
    void fields(F& f) {
      f("member_id", member_id);
      f("instance_id", instance_id, wire::since(4));
      f("client_id", client_id);
      f("client_host", client_host);
      f("metadata", metadata);
      f("assignment", assignment);
    }
  };
  struct Group {
    int16_t error = 0;
    std::optional<std::string> error_message;
    std::string id;
    std::string state;
    std::string protocol_type;
    std::string protocol;
    std::vector<Member> members;
    int32_t operations = kOperationsNotAsked;

    template <class F>
    void fields(F& f) {
      f("error", error);
      f("error_message", error_message, wire::since(6));
      f("id", id);
      f("state", state);
      f("protocol_type", protocol_type);
      f("protocol", protocol);
      f("members", members);
      f("operations", operations, wire::since(3));
    }
  };
  int32_t throttle_ms = 0;
  std::vector<Group> groups;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms, wire::since(1));
    f("groups", groups);
  }
};

struct DescribeGroupsRequest {
  using Response = DescribeGroupsResponse;
  static constexpr wire::Api kApi{.key = 15, .name = "DescribeGroups", .first = 0, .last = 6, .flexible = 5};

  std::vector<std::string> groups;
  bool include_operations = false;

  template <class F>
  void fields(F& f) {
    f("groups", groups);
    f("include_operations", include_operations, wire::since(3));
  }
};

struct ListGroupsResponse {
  struct Group {
    std::string id;
    std::string protocol_type;
    std::string state;
    std::string type;

    template <class F>
    void fields(F& f) {
      f("id", id);
      f("protocol_type", protocol_type);
      f("state", state, wire::since(4));
      f("type", type, wire::since(5));
    }
  };
  int32_t throttle_ms = 0;
  int16_t error = 0;
  std::vector<Group> groups;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms, wire::since(1));
    f("error", error);
    f("groups", groups);
  }
};

struct ListGroupsRequest {
  using Response = ListGroupsResponse;
  static constexpr wire::Api kApi{.key = 16, .name = "ListGroups", .first = 0, .last = 5, .flexible = 3};

  std::vector<std::string> states;
  std::vector<std::string> types;

  template <class F>
  void fields(F& f) {
    f("states", states, wire::since(4));
    f("types", types, wire::since(5));
  }
};

struct DeleteGroupsResponse {
  struct Group {
    std::string id;
    int16_t error = 0;

    template <class F>
    void fields(F& f) {
      f("id", id);
      f("error", error);
    }
  };
  int32_t throttle_ms = 0;
  std::vector<Group> groups;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms);
    f("groups", groups);
  }
};

struct DeleteGroupsRequest {
  using Response = DeleteGroupsResponse;
  static constexpr wire::Api kApi{.key = 42, .name = "DeleteGroups", .first = 0, .last = 2, .flexible = 2};

  std::vector<std::string> groups;

  template <class F>
  void fields(F& f) {
    f("groups", groups);
  }
};

}  // namespace godwit::protocol::kafka
