#pragma once

#include "protocol/kafka/wire/types.h"

/// Committed positions of a group: OffsetCommit (8), OffsetFetch (9), OffsetDelete (47).
namespace godwit::protocol::kafka {

struct OffsetCommitResponse {
  struct Partition {
    int32_t index = 0;
    int16_t error = 0;

    template <class F>
    void fields(F& f) {
      f("index", index);
      f("error", error);
    }
  };
  struct Topic {
    std::string name;
    wire::Uuid id;
    std::vector<Partition> partitions;

    template <class F>
    void fields(F& f) {
      f("name", name, wire::until(9));
      f("id", id, wire::since(10));
      f("partitions", partitions);
    }
  };
  int32_t throttle_ms = 0;
  std::vector<Topic> topics;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms, wire::since(3));
    f("topics", topics);
  }
};

struct OffsetCommitRequest {
  using Response = OffsetCommitResponse;
  static constexpr wire::Api kApi{.key = 8, .name = "OffsetCommit", .first = 2, .last = 10, .flexible = 8};

  struct Partition {
    int32_t index = 0;
    int64_t offset = 0;
    int32_t leader_epoch = -1;
    std::optional<std::string> metadata;

    template <class F>
    void fields(F& f) {
      f("index", index);
      f("offset", offset);
      f("leader_epoch", leader_epoch, wire::since(6));
      f("metadata", metadata);
    }
  };
  struct Topic {
    std::string name;
    wire::Uuid id;
    std::vector<Partition> partitions;

    template <class F>
    void fields(F& f) {
      f("name", name, wire::until(9));
      f("id", id, wire::since(10));
      f("partitions", partitions);
    }
  };
  std::string group;
  int32_t generation = -1;
  std::string member_id;
  std::optional<std::string> instance_id;
  int64_t retention_ms = -1;
  std::vector<Topic> topics;

  template <class F>
  void fields(F& f) {
    f("group", group);
    f("generation", generation, wire::since(1));
    f("member_id", member_id, wire::since(1));
    f("instance_id", instance_id, wire::since(7));
    f("retention_ms", retention_ms, wire::between(2, 4));
    f("topics", topics);
  }
};

struct OffsetFetchResponse {
  struct Partition {
    int32_t index = 0;
    int64_t offset = -1;
    int32_t leader_epoch = -1;
    std::optional<std::string> metadata;
    int16_t error = 0;

    template <class F>
    void fields(F& f) {
      f("index", index);
      f("offset", offset);
      f("leader_epoch", leader_epoch, wire::since(5));
      f("metadata", metadata);
      f("error", error);
    }
  };
  struct Topic {
    std::string name;
    wire::Uuid id;
    std::vector<Partition> partitions;

    template <class F>
    void fields(F& f) {
      f("name", name, wire::until(9));
      f("id", id, wire::since(10));
      f("partitions", partitions);
    }
  };
  struct Group {
    std::string id;
    std::vector<Topic> topics;
    int16_t error = 0;

    template <class F>
    void fields(F& f) {
      f("id", id);
      f("topics", topics);
      f("error", error);
    }
  };
  int32_t throttle_ms = 0;
  Group one;  ///< the only one, up to version 7
  std::vector<Group> groups;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms, wire::since(3));
    f("topics", one.topics, wire::until(7));
    f("error", one.error, wire::between(2, 7));
    f("groups", groups, wire::since(8));
  }
};

struct OffsetFetchRequest {
  using Response = OffsetFetchResponse;
  static constexpr wire::Api kApi{.key = 9, .name = "OffsetFetch", .first = 1, .last = 10, .flexible = 6};

  struct Topic {
    std::string name;
    wire::Uuid id;
    std::vector<int32_t> partitions;

    template <class F>
    void fields(F& f) {
      f("name", name, wire::until(9));
      f("id", id, wire::since(10));
      f("partitions", partitions);
    }
  };
  struct Group {
    std::string id;
    std::optional<std::string> member_id;
    int32_t member_epoch = -1;
    std::optional<std::vector<Topic>> topics;  ///< null: all that have a position

    template <class F>
    void fields(F& f) {
      f("id", id);
      f("member_id", member_id, wire::since(9));
      f("member_epoch", member_epoch, wire::since(9));
      f("topics", topics);
    }
  };
  Group one;  ///< the only one, up to version 7
  std::vector<Group> groups;
  bool require_stable = false;

  template <class F>
  void fields(F& f) {
    f("group", one.id, wire::until(7));
    f("topics", one.topics, wire::until(7));
    f("groups", groups, wire::since(8));
    f("require_stable", require_stable, wire::since(7));
  }
};

struct OffsetDeleteResponse {
  struct Partition {
    int32_t index = 0;
    int16_t error = 0;

    template <class F>
    void fields(F& f) {
      f("index", index);
      f("error", error);
    }
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;

    template <class F>
    void fields(F& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  int16_t error = 0;
  int32_t throttle_ms = 0;
  std::vector<Topic> topics;

  template <class F>
  void fields(F& f) {
    f("error", error);
    f("throttle_ms", throttle_ms);
    f("topics", topics);
  }
};

struct OffsetDeleteRequest {
  using Response = OffsetDeleteResponse;
  static constexpr wire::Api kApi{
      .key = 47, .name = "OffsetDelete", .first = 0, .last = 0, .flexible = wire::kNeverFlexible};

  struct Partition {
    int32_t index = 0;

    template <class F>
    void fields(F& f) {
      f("index", index);
    }
  };
  struct Topic {
    std::string name;
    std::vector<Partition> partitions;

    template <class F>
    void fields(F& f) {
      f("name", name);
      f("partitions", partitions);
    }
  };
  std::string group;
  std::vector<Topic> topics;

  template <class F>
  void fields(F& f) {
    f("group", group);
    f("topics", topics);
  }
};

}  // namespace godwit::protocol::kafka
