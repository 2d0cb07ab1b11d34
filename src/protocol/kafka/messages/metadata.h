#pragma once

#include "protocol/kafka/wire/types.h"

/// Who serves what: Metadata (3), DescribeCluster (60), FindCoordinator (10).
namespace godwit::protocol::kafka {

/// Operations a principal may perform, as a bit set; this value where nobody asked.
constexpr int32_t kOperationsNotAsked = std::numeric_limits<int32_t>::min();

struct MetadataResponse {
  struct Broker {
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;

    template <class F>
    void fields(F& f) {
      f("node_id", node_id);
      f("host", host);
      f("port", port);
      f("rack", rack, wire::since(1));
    }
  };
  struct Partition {
    int16_t error = 0;
    int32_t index = 0;
    int32_t leader = -1;
    int32_t leader_epoch = -1;
    std::vector<int32_t> replicas;
    std::vector<int32_t> in_sync;
    std::vector<int32_t> offline;

    template <class F>
    void fields(F& f) {
      f("error", error);
      f("index", index);
      f("leader", leader);
      f("leader_epoch", leader_epoch, wire::since(7));
      f("replicas", replicas);
      f("in_sync", in_sync);
      f("offline", offline, wire::since(5));
    }
  };
  struct Topic {
    int16_t error = 0;
    std::optional<std::string> name;  ///< null only where an unknown id was asked for, from 12 on
    wire::Uuid id;
    bool is_internal = false;
    std::vector<Partition> partitions;
    int32_t operations = kOperationsNotAsked;

    template <class F>
    void fields(F& f) {
      f("error", error);
      f("name", name);
      f("id", id, wire::since(10));
      f("is_internal", is_internal, wire::since(1));
      f("partitions", partitions);
      f("operations", operations, wire::since(8));
    }
  };
  int32_t throttle_ms = 0;
  std::vector<Broker> brokers;
  std::optional<std::string> cluster_id;
  int32_t controller_id = -1;
  std::vector<Topic> topics;
  int32_t cluster_operations = kOperationsNotAsked;
  int16_t error = 0;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms, wire::since(3));
    f("brokers", brokers);
    f("cluster_id", cluster_id, wire::since(2));
    f("controller_id", controller_id, wire::since(1));
    f("topics", topics);
    f("cluster_operations", cluster_operations, wire::between(8, 10));
    f("error", error, wire::since(13));
  }
};

struct MetadataRequest {
  using Response = MetadataResponse;
  static constexpr wire::Api kApi{.key = 3, .name = "Metadata", .first = 0, .last = 13, .flexible = 9};

  struct Topic {
    wire::Uuid id;
    std::optional<std::string> name;

    template <class F>
    void fields(F& f) {
      f("id", id, wire::since(10));
      f("name", name);
    }
  };
  std::optional<std::vector<Topic>> topics;  ///< null: all; in version 0 an empty list says that
  bool allow_auto_creation = true;
  bool include_cluster_operations = false;
  bool include_topic_operations = false;

  template <class F>
  void fields(F& f) {
    f("topics", topics);
    f("allow_auto_creation", allow_auto_creation, wire::since(4));
    f("include_cluster_operations", include_cluster_operations, wire::between(8, 10));
    f("include_topic_operations", include_topic_operations, wire::since(8));
  }
};

struct DescribeClusterResponse {
  struct Broker {
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;
    bool is_fenced = false;

    template <class F>
    void fields(F& f) {
      f("node_id", node_id);
      f("host", host);
      f("port", port);
      f("rack", rack);
      f("is_fenced", is_fenced, wire::since(2));
    }
  };
  int32_t throttle_ms = 0;
  int16_t error = 0;
  std::optional<std::string> error_message;
  int8_t endpoint_type = 1;
  std::string cluster_id;
  int32_t controller_id = -1;
  std::vector<Broker> brokers;
  int32_t cluster_operations = kOperationsNotAsked;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms);
    f("error", error);
    f("error_message", error_message);
    f("endpoint_type", endpoint_type, wire::since(1));
    f("cluster_id", cluster_id);
    f("controller_id", controller_id);
    f("brokers", brokers);
    f("cluster_operations", cluster_operations);
  }
};

struct DescribeClusterRequest {
  using Response = DescribeClusterResponse;
  static constexpr wire::Api kApi{.key = 60, .name = "DescribeCluster", .first = 0, .last = 2, .flexible = 0};

  bool include_cluster_operations = false;
  int8_t endpoint_type = 1;  ///< 1: brokers, 2: controllers
  bool include_fenced = false;

  template <class F>
  void fields(F& f) {
    f("include_cluster_operations", include_cluster_operations);
    f("endpoint_type", endpoint_type, wire::since(1));
    f("include_fenced", include_fenced, wire::since(2));
  }
};

struct FindCoordinatorResponse {
  struct Coordinator {
    std::string key;
    int32_t node_id = -1;
    std::string host;
    int32_t port = -1;
    int16_t error = 0;
    std::optional<std::string> error_message;

    template <class F>
    void fields(F& f) {
      f("key", key);
      f("node_id", node_id);
      f("host", host);
      f("port", port);
      f("error", error);
      f("error_message", error_message);
    }
  };
  int32_t throttle_ms = 0;
  Coordinator one;  ///< the only one, up to version 3
  std::vector<Coordinator> coordinators;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms, wire::since(1));
    f("error", one.error, wire::until(3));
    f("error_message", one.error_message, wire::between(1, 3));
    f("node_id", one.node_id, wire::until(3));
    f("host", one.host, wire::until(3));
    f("port", one.port, wire::until(3));
    f("coordinators", coordinators, wire::since(4));
  }
};

struct FindCoordinatorRequest {
  using Response = FindCoordinatorResponse;
  static constexpr wire::Api kApi{.key = 10, .name = "FindCoordinator", .first = 0, .last = 6, .flexible = 3};
  enum KeyType : int8_t { kGroup = 0, kTransaction = 1, kShare = 2 };

  std::string key;
  int8_t key_type = kGroup;
  std::vector<std::string> keys;

  template <class F>
  void fields(F& f) {
    f("key", key, wire::until(3));
    f("key_type", key_type, wire::since(1));
    f("keys", keys, wire::since(4));
  }
};

}  // namespace godwit::protocol::kafka
