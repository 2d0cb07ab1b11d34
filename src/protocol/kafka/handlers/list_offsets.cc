#include <memory>
#include <optional>
#include <utility>

#include "model/kafka_records.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/handlers/pending.h"
#include "protocol/kafka/names.h"

namespace godwit::protocol::kafka {
namespace {

using Run = Pending<ListOffsetsRequest>;
using Answer = ListOffsetsResponse::Partition;

constexpr int8_t kReadCommitted = 1;

struct Found {
  Offset offset;
  int64_t timestamp_ms = -1;
};

/// The record that was asked for within the batch the log found: the first at or after `at_ms`.
std::optional<Found> first_record_at(const model::Batch& batch, Offset from, int64_t at_ms) {
  Result<Slice> bytes = to_kafka_batch(batch);
  if (!bytes) return std::nullopt;
  Result<model::KafkaRecordReader> records = model::KafkaRecordReader::open(*bytes, batch.header.append_ms);
  if (!records) return std::nullopt;
  model::KafkaRecord record;
  while (records->next(record))
    if (record.timestamp_ms >= at_ms && batch.base_offset() + record.offset_delta >= from)
      return Found{batch.base_offset() + record.offset_delta, record.timestamp_ms};
  return std::nullopt;
}

void set(Answer& answer, Offset offset, int64_t timestamp_ms, int32_t leader_epoch) {
  answer.offset = offset.value;
  answer.timestamp_ms = timestamp_ms;
  answer.leader_epoch = leader_epoch;
}

/// The log knows batches; which record it is takes a look into the batch.
void look_into_batch(const std::shared_ptr<Run>& run, PartitionId partition, model::OffsetFound found, int64_t at_ms,
                     Answer& answer) {
  set(answer, *found.offset, found.timestamp_ms, found.leader_epoch);
  Run::part(run, model::Fetch{partition, *found.offset, 1},
            [at_ms, found, &answer](Run&, Result<model::Fetched> fetched) {
              if (!fetched || fetched->batches.empty()) return;
              const model::Batch& batch = fetched->batches.front();
              int64_t wanted_ms = at_ms >= 0 ? at_ms : found.timestamp_ms;
              if (auto record = first_record_at(batch, *found.offset, wanted_ms))
                set(answer, record->offset, record->timestamp_ms, found.leader_epoch);
            });
}

void find(const std::shared_ptr<Run>& run, PartitionId partition, model::FindOffset::At at, int64_t timestamp_ms,
          Answer& answer) {
  Run::part(run, model::FindOffset{partition, at, timestamp_ms},
            [run, partition, at, timestamp_ms, &answer](Run&, Result<model::OffsetFound> found) {
              using At = model::FindOffset::At;
              if (!found) {
                answer.error = kafka_error(found.error().code, Subject::kPartition);
              } else if (at == At::kStart || at == At::kEnd) {
                if (found->offset) set(answer, *found->offset, -1, found->leader_epoch);
              } else if (found->offset) {
                look_into_batch(run, partition, *found, at == At::kTimestamp ? timestamp_ms : -1, answer);
              }
            });
}

/// The end for readers that skip open transactions.
void find_last_stable(const std::shared_ptr<Run>& run, PartitionId partition, Answer& answer) {
  Run::part(run, model::FindOffset{partition, model::FindOffset::At::kEnd},
            [run, partition, &answer](Run&, Result<model::OffsetFound> end) {
              if (!end || !end->offset) {
                if (!end) answer.error = kafka_error(end.error().code, Subject::kPartition);
                return;
              }
              set(answer, *end->offset, -1, end->leader_epoch);
              Run::part(run, model::Fetch{partition, *end->offset, 1}, [&answer](Run&, Result<model::Fetched> fetched) {
                if (fetched) answer.offset = fetched->last_stable.value;
              });
            });
}

void list(const std::shared_ptr<Run>& run, const model::TopicInfo* topic, const ListOffsetsRequest::Partition& asked,
          Answer& answer) {
  using At = model::FindOffset::At;
  std::optional<PartitionId> partition = partition_of(topic, asked.index);
  if (!partition) {
    answer.error = error::kUnknownTopicOrPartition;
    return;
  }
  answer.error = leader_epoch_error(asked.current_leader_epoch, run->call.session->settings().leader_epoch);
  if (answer.error != error::kNone) return;
  switch (asked.timestamp_ms) {
    case ListOffsetsRequest::kLatest:
      if (run->call.request.isolation_level == kReadCommitted) return find_last_stable(run, *partition, answer);
      return find(run, *partition, At::kEnd, 0, answer);
    case ListOffsetsRequest::kEarliest:
    case ListOffsetsRequest::kEarliestLocal: return find(run, *partition, At::kStart, 0, answer);
    case ListOffsetsRequest::kMaxTimestamp: return find(run, *partition, At::kMaxTimestamp, 0, answer);
    case ListOffsetsRequest::kLatestTiered:
    case ListOffsetsRequest::kEarliestPendingUpload: return;  // nothing is tiered: the answer for "none"
    default: return find(run, *partition, At::kTimestamp, asked.timestamp_ms, answer);
  }
}

}  // namespace

void handle_list_offsets(Call<ListOffsetsRequest> call) {
  auto run = std::make_shared<Run>(std::move(call));
  const ListOffsetsRequest& request = run->call.request;
  for (const auto& topic : request.topics) {
    auto& answer = run->response.topics.emplace_back();
    answer.name = topic.name;
    for (const auto& partition : topic.partitions) answer.partitions.push_back({.index = partition.index});
  }
  for (size_t t = 0; t < request.topics.size(); ++t) {
    const model::TopicInfo* info = find_topic(run->call.session->catalog(), false, {}, request.topics[t].name);
    for (size_t p = 0; p < request.topics[t].partitions.size(); ++p)
      list(run, info, request.topics[t].partitions[p], run->response.topics[t].partitions[p]);
  }
  run->part_done();
}

}  // namespace godwit::protocol::kafka
