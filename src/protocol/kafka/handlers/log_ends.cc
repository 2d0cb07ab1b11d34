#include <memory>
#include <optional>
#include <utility>

#include "model/commands/partition.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/handlers/pending.h"
#include "protocol/kafka/names.h"

namespace godwit::protocol::kafka {
namespace {

using EpochRun = Pending<OffsetForLeaderEpochRequest>;

/// Where the largest epoch up to the asked one ends: what a reader has beyond was lost.
void end_of_epoch(const std::shared_ptr<EpochRun>& run, const model::TopicInfo* topic,
                  const OffsetForLeaderEpochRequest::Partition& asked,
                  OffsetForLeaderEpochResponse::Partition& answer) {
  std::optional<PartitionId> partition = partition_of(topic, asked.index);
  if (!partition) {
    answer.error = error::kUnknownTopicOrPartition;
  } else if (answer.error = leader_epoch_error(asked.current_leader_epoch, run->call.session->settings().leader_epoch);
             answer.error == error::kNone) {
    EpochRun::part(run, model::FindOffset{*partition, model::FindOffset::At::kEpochEnd, 0, asked.leader_epoch},
                   [&answer](EpochRun&, Result<model::OffsetFound> end) {
                     if (!end) {
                       answer.error = kafka_error(end.error().code, Subject::kPartition);
                     } else if (end->offset) {
                       answer.leader_epoch = end->leader_epoch;
                       answer.end_offset = end->offset->value;
                     }
                   });
  }
}

using DeleteRun = Pending<DeleteRecordsRequest>;

void delete_before(const std::shared_ptr<DeleteRun>& run, PartitionId partition, Offset before,
                   DeleteRecordsResponse::Partition& answer) {
  DeleteRun::part(run, model::DeleteRecords{partition, before},
                  [&answer](DeleteRun&, Result<model::RecordsDeleted> deleted) {
                    if (deleted)
                      answer.low_watermark = deleted->log_start.value;
                    else
                      answer.error = kafka_error(deleted.error().code, Subject::kPartition);
                  });
}

void delete_all(const std::shared_ptr<DeleteRun>& run, PartitionId partition,
                DeleteRecordsResponse::Partition& answer) {
  DeleteRun::part(run, model::FindOffset{partition, model::FindOffset::At::kEnd},
                  [run, partition, &answer](DeleteRun&, Result<model::OffsetFound> end) {
                    if (end && end->offset)
                      delete_before(run, partition, *end->offset, answer);
                    else
                      answer.error = end ? static_cast<int16_t>(error::kOffsetOutOfRange)
                                         : kafka_error(end.error().code, Subject::kPartition);
                  });
}

template <class Request>
void lay_out(Pending<Request>& run) {
  for (const auto& topic : run.call.request.topics) {
    auto& answer = run.response.topics.emplace_back();
    answer.name = topic.name;
    for (const auto& partition : topic.partitions) answer.partitions.emplace_back().index = partition.index;
  }
}

}  // namespace

void handle_offset_for_leader_epoch(Call<OffsetForLeaderEpochRequest> call) {
  auto run = std::make_shared<EpochRun>(std::move(call));
  lay_out(*run);
  const auto& topics = run->call.request.topics;
  for (size_t t = 0; t < topics.size(); ++t) {
    const model::TopicInfo* info = find_topic(run->call.session->catalog(), false, {}, topics[t].name);
    for (size_t p = 0; p < topics[t].partitions.size(); ++p)
      end_of_epoch(run, info, topics[t].partitions[p], run->response.topics[t].partitions[p]);
  }
  run->part_done();
}

void handle_delete_records(Call<DeleteRecordsRequest> call) {
  constexpr int64_t kEverything = -1;
  auto run = std::make_shared<DeleteRun>(std::move(call));
  lay_out(*run);
  const auto& topics = run->call.request.topics;
  for (size_t t = 0; t < topics.size(); ++t) {
    const model::TopicInfo* info = find_topic(run->call.session->catalog(), false, {}, topics[t].name);
    for (size_t p = 0; p < topics[t].partitions.size(); ++p) {
      auto& answer = run->response.topics[t].partitions[p];
      std::optional<PartitionId> partition = partition_of(info, answer.index);
      int64_t offset = topics[t].partitions[p].offset;
      if (!partition)
        answer.error = error::kUnknownTopicOrPartition;
      else if (offset == kEverything)
        delete_all(run, *partition, answer);
      else if (offset < 0)
        answer.error = error::kOffsetOutOfRange;
      else
        delete_before(run, *partition, Offset(offset), answer);
    }
  }
  run->part_done();
}

}  // namespace godwit::protocol::kafka
