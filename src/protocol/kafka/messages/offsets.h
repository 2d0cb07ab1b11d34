#pragma once

#include "protocol/kafka/wire/types.h"

/// Where logs begin and end: ListOffsets (2), OffsetForLeaderEpoch (23), DeleteRecords (21).
namespace godwit::protocol::kafka {

struct ListOffsetsResponse {
  struct Partition {
    int32_t index = 0;
    int16_t error = 0;
    int64_t timestamp_ms = -1;
    int64_t offset = -1;
    int32_t leader_epoch = -1;

    template <class F>
    void fields(F& f) {
      f("index", index);
      f("error", error);
      f("timestamp_ms", timestamp_ms, wire::since(1));
      f("offset", offset, wire::since(1));
      f("leader_epoch", leader_epoch, wire::since(4));
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
  int32_t throttle_ms = 0;
  std::vector<Topic> topics;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms, wire::since(2));
    f("topics", topics);
  }
};

struct ListOffsetsRequest {
  using Response = ListOffsetsResponse;
  static constexpr wire::Api kApi{.key = 2, .name = "ListOffsets", .first = 1, .last = 11, .flexible = 6};
  /// Values of `timestamp_ms` that are no times.
  enum Special : int64_t {
    kLatest = -1,
    kEarliest = -2,
    kMaxTimestamp = -3,
    kEarliestLocal = -4,
    kLatestTiered = -5,
    kEarliestPendingUpload = -6,
  };

  struct Partition {
    int32_t index = 0;
    int32_t current_leader_epoch = -1;
    int64_t timestamp_ms = 0;

    template <class F>
    void fields(F& f) {
      f("index", index);
      f("current_leader_epoch", current_leader_epoch, wire::since(4));
      f("timestamp_ms", timestamp_ms);
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
  int32_t replica_id = -1;
  int8_t isolation_level = 0;
  std::vector<Topic> topics;
  int32_t timeout_ms = 0;

  template <class F>
  void fields(F& f) {
    f("replica_id", replica_id);
    f("isolation_level", isolation_level, wire::since(2));
    f("topics", topics);
    f("timeout_ms", timeout_ms, wire::since(10));
  }
};

struct OffsetForLeaderEpochResponse {
  struct Partition {
    int16_t error = 0;
    int32_t index = 0;
    int32_t leader_epoch = -1;
    int64_t end_offset = -1;

    template <class F>
    void fields(F& f) {
      f("error", error);
      f("index", index);
      f("leader_epoch", leader_epoch, wire::since(1));
      f("end_offset", end_offset);
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
  int32_t throttle_ms = 0;
  std::vector<Topic> topics;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms, wire::since(2));
    f("topics", topics);
  }
};

struct OffsetForLeaderEpochRequest {
  using Response = OffsetForLeaderEpochResponse;
  static constexpr wire::Api kApi{.key = 23, .name = "OffsetForLeaderEpoch", .first = 2, .last = 4, .flexible = 4};

  struct Partition {
    int32_t index = 0;
    int32_t current_leader_epoch = -1;
    int32_t leader_epoch = 0;

    template <class F>
    void fields(F& f) {
      f("index", index);
      f("current_leader_epoch", current_leader_epoch, wire::since(2));
      f("leader_epoch", leader_epoch);
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
  int32_t replica_id = -2;
  std::vector<Topic> topics;

  template <class F>
  void fields(F& f) {
    f("replica_id", replica_id, wire::since(3));
    f("topics", topics);
  }
};

struct DeleteRecordsResponse {
  struct Partition {
    int32_t index = 0;
    int64_t low_watermark = -1;
    int16_t error = 0;

    template <class F>
    void fields(F& f) {
      f("index", index);
      f("low_watermark", low_watermark);
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
  int32_t throttle_ms = 0;
  std::vector<Topic> topics;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms);
    f("topics", topics);
  }
};

struct DeleteRecordsRequest {
  using Response = DeleteRecordsResponse;
  static constexpr wire::Api kApi{.key = 21, .name = "DeleteRecords", .first = 0, .last = 2, .flexible = 2};

  struct Partition {
    int32_t index = 0;
    int64_t offset = 0;  ///< -1: everything readable now

    template <class F>
    void fields(F& f) {
      f("index", index);
      f("offset", offset);
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
  std::vector<Topic> topics;
  int32_t timeout_ms = 0;

  template <class F>
  void fields(F& f) {
    f("topics", topics);
    f("timeout_ms", timeout_ms);
  }
};

}  // namespace godwit::protocol::kafka
