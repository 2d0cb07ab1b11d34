#pragma once

#include "protocol/kafka/wire/types.h"

/// Fetch (key 1): read batches of partitions, waiting for some when there are none.
namespace godwit::protocol::kafka {

struct FetchResponse {
  struct AbortedTransaction {
    int64_t producer_id = 0;
    int64_t first_offset = 0;

    template <class F>
    void fields(F& f) {
      f("producer_id", producer_id);
      f("first_offset", first_offset);
    }
  };
  struct Partition {
    int32_t index = 0;
    int16_t error = 0;
    int64_t high_watermark = -1;
    int64_t last_stable_offset = -1;
    int64_t log_start_offset = -1;
    std::optional<std::vector<AbortedTransaction>> aborted;
    int32_t preferred_read_replica = -1;
    wire::Records records;

    template <class F>
    void fields(F& f) {
      f("index", index);
      f("error", error);
      f("high_watermark", high_watermark);
      f("last_stable_offset", last_stable_offset, wire::since(4));
      f("log_start_offset", log_start_offset, wire::since(5));
      f("aborted", aborted, wire::since(4));
      f("preferred_read_replica", preferred_read_replica, wire::since(11));
      f("records", records);
    }
  };
  struct Topic {
    std::string name;
    wire::Uuid id;
    std::vector<Partition> partitions;

    template <class F>
    void fields(F& f) {
      f("name", name, wire::until(12));
      f("id", id, wire::since(13));
      f("partitions", partitions);
    }
  };
  int32_t throttle_ms = 0;
  int16_t error = 0;
  int32_t session_id = 0;
  std::vector<Topic> topics;

  template <class F>
  void fields(F& f) {
    f("throttle_ms", throttle_ms, wire::since(1));
    f("error", error, wire::since(7));
    f("session_id", session_id, wire::since(7));
    f("topics", topics);
  }
};

struct FetchRequest {
  using Response = FetchResponse;
  static constexpr wire::Api kApi{.key = 1, .name = "Fetch", .first = 4, .last = 18, .flexible = 12};

  struct Partition {
    int32_t index = 0;
    int32_t current_leader_epoch = -1;
    int64_t offset = 0;
    int32_t last_fetched_epoch = -1;
    int64_t log_start_offset = -1;
    int32_t bytes_max = 0;

    template <class F>
    void fields(F& f) {
      f("index", index);
      f("current_leader_epoch", current_leader_epoch, wire::since(9));
      f("offset", offset);
      f("last_fetched_epoch", last_fetched_epoch, wire::since(12));
      f("log_start_offset", log_start_offset, wire::since(5));
      f("bytes_max", bytes_max);
    }
  };
  struct Topic {
    std::string name;
    wire::Uuid id;
    std::vector<Partition> partitions;

    template <class F>
    void fields(F& f) {
      f("name", name, wire::until(12));
      f("id", id, wire::since(13));
      f("partitions", partitions);
    }
  };
  struct Forgotten {
    std::string name;
    wire::Uuid id;
    std::vector<int32_t> partitions;

    template <class F>
    void fields(F& f) {
      f("name", name, wire::until(12));
      f("id", id, wire::since(13));
      f("partitions", partitions);
    }
  };
  int32_t replica_id = -1;
  int32_t max_wait_ms = 0;
  int32_t bytes_min = 0;
  int32_t bytes_max = std::numeric_limits<int32_t>::max();
  int8_t isolation_level = 0;  ///< 1: nothing of open transactions
  int32_t session_id = 0;
  int32_t session_epoch = -1;
  std::vector<Topic> topics;
  std::vector<Forgotten> forgotten;
  std::string rack_id;

  template <class F>
  void fields(F& f) {
    f("replica_id", replica_id, wire::until(14));
    f("max_wait_ms", max_wait_ms);
    f("bytes_min", bytes_min);
    f("bytes_max", bytes_max, wire::since(3));
    f("isolation_level", isolation_level, wire::since(4));
    f("session_id", session_id, wire::since(7));
    f("session_epoch", session_epoch, wire::since(7));
    f("topics", topics);
    f("forgotten", forgotten, wire::since(7));
    f("rack_id", rack_id, wire::since(11));
  }
};

}  // namespace godwit::protocol::kafka
