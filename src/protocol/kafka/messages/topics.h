#pragma once

#include "protocol/kafka/wire/types.h"

/// CreateTopics (19), DeleteTopics (20), CreatePartitions (37).
namespace godwit::protocol::kafka {

struct CreateTopicsResponse {
  struct Config {
    std::string name;
    std::optional<std::string> value;
    bool read_only = false;
    int8_t source = 0;
    bool is_sensitive = false;

    template <class F>
    void fields(F& f) {
      f("name", name);
      f("value", value);
      f("read_only", read_only);
      f("source", source);
      f("is_sensitive", is_sensitive);
    }
  };
  struct Topic {
    std::string name;
    wire::Uuid id;
    int16_t error = 0;
    std::optional<std::string> error_message;
    int32_t partitions = -1;
    int16_t replication = -1;
    std::optional<std::vector<Config>> configs;

    template <class F>
    void fields(F& f) {
      f("name", name);
      f("id", id, wire::since(7));
      f("error", error);
      f("error_message", error_message, wire::since(1));
      f("partitions", partitions, wire::since(5));
      f("replication", replication, wire::since(5));
      f("configs", configs, wire::since(5));
    }
  };
  int32_t throttle_ms = 0;
  std::vector<Topic> topics;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms, wire::since(2));
    f("topics", topics);
  }
};

struct CreateTopicsRequest {
  using Response = CreateTopicsResponse;
  static constexpr wire::Api kApi{.key = 19, .name = "CreateTopics", .first = 2, .last = 7, .flexible = 5};

  struct Assignment {
    int32_t partition = 0;
    std::vector<int32_t> brokers;

    template <class F>
    void fields(F& f) {
      f("partition", partition);
      f("brokers", brokers);
    }
  };
  struct Config {
    std::string name;
    std::optional<std::string> value;

    template <class F>
    void fields(F& f) {
      f("name", name);
      f("value", value);
    }
  };
  struct Topic {
    std::string name;
    int32_t partitions = -1;
    int16_t replication = -1;
    std::vector<Assignment> assignments;
    std::vector<Config> configs;

    template <class F>
    void fields(F& f) {
      f("name", name);
      f("partitions", partitions);
      f("replication", replication);
      f("assignments", assignments);
      f("configs", configs);
    }
  };
  std::vector<Topic> topics;
  int32_t timeout_ms = 0;
  bool validate_only = false;

  template <class F>
  void fields(F& f) {
    f("topics", topics);
    f("timeout_ms", timeout_ms);
    f("validate_only", validate_only, wire::since(1));
  }
};

struct DeleteTopicsResponse {
  struct Topic {
    std::optional<std::string> name;  ///< null only where an unknown id was named, from 6 on
    wire::Uuid id;
    int16_t error = 0;
    std::optional<std::string> error_message;

    template <class F>
    void fields(F& f) {
      f("name", name);
      f("id", id, wire::since(6));
      f("error", error);
      f("error_message", error_message, wire::since(5));
    }
  };
  int32_t throttle_ms = 0;
  std::vector<Topic> topics;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms, wire::since(1));
    f("topics", topics);
  }
};

struct DeleteTopicsRequest {
  using Response = DeleteTopicsResponse;
  static constexpr wire::Api kApi{.key = 20, .name = "DeleteTopics", .first = 1, .last = 6, .flexible = 4};

  struct Topic {
    std::optional<std::string> name;
    wire::Uuid id;

    template <class F>
    void fields(F& f) {
      f("name", name);
      f("id", id);
    }
  };
  std::vector<Topic> topics;
  std::vector<std::string> names;
  int32_t timeout_ms = 0;

  template <class F>
  void fields(F& f) {
    f("topics", topics, wire::since(6));
    f("names", names, wire::until(5));
    f("timeout_ms", timeout_ms);
  }
};

struct CreatePartitionsResponse {
  struct Topic {
    std::string name;
    int16_t error = 0;
    std::optional<std::string> error_message;

    template <class F>
    void fields(F& f) {
      f("name", name);
      f("error", error);
      f("error_message", error_message);
    }
  };
  int32_t throttle_ms = 0;
  std::vector<Topic> topics;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms);
    f("topics", topics);
  }
};

struct CreatePartitionsRequest {
  using Response = CreatePartitionsResponse;
  static constexpr wire::Api kApi{.key = 37, .name = "CreatePartitions", .first = 0, .last = 3, .flexible = 2};

  struct Assignment {
    std::vector<int32_t> brokers;

    template <class F>
    void fields(F& f) {
      f("brokers", brokers);
    }
  };
  struct Topic {
    std::string name;
    int32_t count = 0;  ///< in total, old ones included
    std::optional<std::vector<Assignment>> assignments;

    template <class F>
    void fields(F& f) {
      f("name", name);
      f("count", count);
      f("assignments", assignments);
    }
  };
  std::vector<Topic> topics;
  int32_t timeout_ms = 0;
  bool validate_only = false;

  template <class F>
  void fields(F& f) {
    f("topics", topics);
    f("timeout_ms", timeout_ms);
    f("validate_only", validate_only);
  }
};

}  // namespace godwit::protocol::kafka
