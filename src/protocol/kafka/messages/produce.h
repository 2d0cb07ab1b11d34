#pragma once

#include "protocol/kafka/wire/types.h"

/// Produce (key 0): append batches to partitions.
namespace godwit::protocol::kafka {

struct ProduceResponse {
  struct RecordError {
    int32_t batch_index = 0;
    std::optional<std::string> message;

    template <class F>
    void fields(F& f) {
      f("batch_index", batch_index);
      f("message", message);
    }
  };
  struct Partition {
    int32_t index = 0;
    int16_t error = 0;
    int64_t base_offset = -1;
    int64_t log_append_time_ms = -1;
    int64_t log_start_offset = -1;
    std::vector<RecordError> record_errors;
    std::optional<std::string> error_message;

    template <class F>
    void fields(F& f) {
      f("index", index);
      f("error", error);
      f("base_offset", base_offset);
      f("log_append_time_ms", log_append_time_ms, wire::since(2));
      f("log_start_offset", log_start_offset, wire::since(5));
      f("record_errors", record_errors, wire::since(8));
      f("error_message", error_message, wire::since(8));
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
  std::vector<Topic> topics;
  int32_t throttle_ms = 0;

  template <class F>
  void fields(F& f) {
    f("topics", topics);
    f("throttle_ms", throttle_ms, wire::since(1));
  }
};

struct ProduceRequest {
  using Response = ProduceResponse;
  /// Advertised from 0: librdkafka derives its features from this row (KAFKA-18659).
  static constexpr wire::Api kApi{.key = 0, .name = "Produce", .first = 3, .last = 13, .flexible = 9, .advertised = 0};

  struct Partition {
    int32_t index = 0;
    wire::RecordsView records;

    template <class F>
    void fields(F& f) {
      f("index", index);
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
  std::optional<std::string> transactional_id;
  int16_t acks = 0;
  int32_t timeout_ms = 0;
  std::vector<Topic> topics;

  template <class F>
  void fields(F& f) {
    f("transactional_id", transactional_id, wire::since(3));
    f("acks", acks);
    f("timeout_ms", timeout_ms);
    f("topics", topics);
  }
};

}  // namespace godwit::protocol::kafka
