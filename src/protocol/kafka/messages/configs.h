#pragma once

#include "protocol/kafka/wire/types.h"

/// DescribeConfigs (32), AlterConfigs (33), IncrementalAlterConfigs (44).
namespace godwit::protocol::kafka {

enum ResourceType : int8_t { kTopicResource = 2, kBrokerResource = 4 };

struct DescribeConfigsResponse {
  struct Synonym {
    std::string name;
    std::optional<std::string> value;
    int8_t source = 0;

    template <class F>
    void fields(F& f) {
      f("name", name);
      f("value", value);
      f("source", source);
    }
  };
  struct Config {
    std::string name;
    std::optional<std::string> value;
    bool read_only = false;
    int8_t source = 0;
    bool is_sensitive = false;
    std::vector<Synonym> synonyms;
    int8_t type = 0;
    std::optional<std::string> documentation;

    template <class F>
    void fields(F& f) {
      f("name", name);
      f("value", value);
      f("read_only", read_only);
      f("source", source);
      f("is_sensitive", is_sensitive);
      f("synonyms", synonyms);
      f("type", type, wire::since(3));
      f("documentation", documentation, wire::since(3));
    }
  };
  struct Resource {
    int16_t error = 0;
    std::optional<std::string> error_message;
    int8_t type = 0;
    std::string name;
    std::vector<Config> configs;

    template <class F>
    void fields(F& f) {
      f("error", error);
      f("error_message", error_message);
      f("type", type);
      f("name", name);
      f("configs", configs);
    }
  };
  int32_t throttle_ms = 0;
  std::vector<Resource> resources;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms);
    f("resources", resources);
  }
};

struct DescribeConfigsRequest {
  using Response = DescribeConfigsResponse;
  static constexpr wire::Api kApi{.key = 32, .name = "DescribeConfigs", .first = 1, .last = 4, .flexible = 4};

  struct Resource {
    int8_t type = 0;
    std::string name;
    std::optional<std::vector<std::string>> keys;  ///< null or empty: all

    template <class F>
    void fields(F& f) {
      f("type", type);
      f("name", name);
      f("keys", keys);
    }
  };
  std::vector<Resource> resources;
  bool include_synonyms = false;
  bool include_documentation = false;

  template <class F>
  void fields(F& f) {
    f("resources", resources);
    f("include_synonyms", include_synonyms);
    f("include_documentation", include_documentation, wire::since(3));
  }
};

struct AlterConfigsResponse {
  struct Resource {
    int16_t error = 0;
    std::optional<std::string> error_message;
    int8_t type = 0;
    std::string name;

    template <class F>
    void fields(F& f) {
      f("error", error);
      f("error_message", error_message);
      f("type", type);
      f("name", name);
    }
  };
  int32_t throttle_ms = 0;
  std::vector<Resource> resources;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms);
    f("resources", resources);
  }
};

/// Replaces all settings of a resource.
struct AlterConfigsRequest {
  using Response = AlterConfigsResponse;
  static constexpr wire::Api kApi{.key = 33, .name = "AlterConfigs", .first = 0, .last = 2, .flexible = 2};

  struct Config {
    std::string name;
    std::optional<std::string> value;

    template <class F>
    void fields(F& f) {
      f("name", name);
      f("value", value);
    }
  };
  struct Resource {
    int8_t type = 0;
    std::string name;
    std::vector<Config> configs;

    template <class F>
    void fields(F& f) {
      f("type", type);
      f("name", name);
      f("configs", configs);
    }
  };
  std::vector<Resource> resources;
  bool validate_only = false;

  template <class F>
  void fields(F& f) {
    f("resources", resources);
    f("validate_only", validate_only);
  }
};

/// Changes single settings of a resource.
struct IncrementalAlterConfigsRequest {
  using Response = AlterConfigsResponse;
  static constexpr wire::Api kApi{.key = 44, .name = "IncrementalAlterConfigs", .first = 0, .last = 1, .flexible = 1};
  enum Operation : int8_t { kSet = 0, kDelete = 1, kAppend = 2, kSubtract = 3 };

  struct Config {
    std::string name;
    int8_t operation = kSet;
    std::optional<std::string> value;

    template <class F>
    void fields(F& f) {
      f("name", name);
      f("operation", operation);
      f("value", value);
    }
  };
  struct Resource {
    int8_t type = 0;
    std::string name;
    std::vector<Config> configs;

    template <class F>
    void fields(F& f) {
      f("type", type);
      f("name", name);
      f("configs", configs);
    }
  };
  std::vector<Resource> resources;
  bool validate_only = false;

  template <class F>
  void fields(F& f) {
    f("resources", resources);
    f("validate_only", validate_only);
  }
};

}  // namespace godwit::protocol::kafka
