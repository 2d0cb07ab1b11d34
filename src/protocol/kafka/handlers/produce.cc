#include <memory>
#include <optional>
#include <utility>

#include "base/error.h"
#include "model/kafka_records.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/names.h"

namespace godwit::protocol::kafka {
namespace {

constexpr int16_t kAcksNone = 0;
constexpr int16_t kAcksLeader = 1;
constexpr int16_t kAcksAll = -1;
/// Clients that speak older versions cannot read zstd.
constexpr int16_t kZstdSince = 7;
constexpr int16_t kStampedAttribute = 8;

struct Refusal {
  int16_t code = error::kNone;
  std::string message;
  std::optional<int32_t> record;  ///< the one that is to blame, where one is
};

struct Run {
  Call<ProduceRequest> call;
  ProduceResponse response;
  int16_t acks = 0;
  size_t open = 1;
  bool refused = false;

  explicit Run(Call<ProduceRequest> c) : call(std::move(c)), acks(call.request.acks) {}
  void part_done() {
    if (--open > 0) return;
    response.throttle_ms = call.session->throttle_ms();
    if (acks != kAcksNone) return call.reply(response);
    // A producer that asked for no answers learns of an error by losing its connection.
    if (refused) return call.session->close("a produce without acknowledgements was refused");
    call.reply_nothing();
  }
  void refuse(ProduceResponse::Partition& partition, Refusal refusal) {
    refused = true;
    partition.error = refusal.code;
    partition.error_message = std::move(refusal.message);
    if (refusal.record) partition.record_errors.push_back({*refusal.record, partition.error_message});
  }
};

Refusal invalid_batch(const Error& e) {
  if (e.code == ErrorCode::kCorrupt) return {error::kCorruptMessage, e.message, {}};
  return {error::kInvalidRecord, e.message, {}};
}

/// A compacted topic keeps the newest record of each key, so every record must have one.
std::optional<Refusal> keyless_record(const Slice& batch) {
  Result<model::KafkaRecordReader> records = model::KafkaRecordReader::open(batch, 0);
  if (!records) return invalid_batch(records.error());
  model::KafkaRecord record;
  for (int32_t i = 0; records->next(record); ++i)
    if (!record.key) return Refusal{error::kInvalidRecord, "a compacted topic takes no record without a key", i};
  if (records->corrupt()) return Refusal{error::kInvalidRecord, "a record does not follow its format", {}};
  return std::nullopt;
}

std::optional<Refusal> refuse_batch(const model::KafkaBatchHeader& header, const model::TopicInfo& topic,
                                    int16_t version) {
  if (header.bytes > topic.settings.message_bytes_max)
    return Refusal{error::kMessageTooLarge, "the batch is larger than the topic's max.message.bytes", {}};
  if (header.control()) return Refusal{error::kInvalidRecord, "clients may not write control batches", {}};
  if (header.transactional())
    return Refusal{error::kInvalidTxnState, "transactions are not served yet: leave transactional.id unset", {}};
  if (header.producer_id >= 0 && (header.base_sequence < 0 || header.producer_epoch < 0))
    return Refusal{error::kInvalidRecord, "an idempotent batch without a sequence number", {}};
  if (header.compression() == model::Compression::kZstd && version < kZstdSince)
    return Refusal{error::kUnsupportedCompressionType, "zstd needs Produce version 7", {}};
  return std::nullopt;
}

/// The bytes to store: as they came, except that a topic which stamps marks its batches, so that readers of the log
/// see which timestamps count even after the topic's setting has changed.
Slice stored_bytes(ByteView records, const model::KafkaBatchHeader& header, const model::TopicInfo& topic) {
  if (topic.settings.stamp_append_time == header.stamped_at_append()) return Slice::copy(records);
  ByteVec bytes(records.begin(), records.end());
  bytes[model::KafkaBatchHeader::kAttributesAt + 1] ^= kStampedAttribute;
  model::seal_kafka_batch(bytes);
  return Slice::take(std::move(bytes));
}

model::Append append_of(PartitionId partition, const model::KafkaBatchHeader& header, Slice bytes, int64_t now_ms,
                        bool stamped) {
  model::Append append;
  append.partition = partition;
  int64_t newest_ms = stamped ? now_ms : header.max_timestamp_ms;
  append.batch =
      model::seal_batch(model::Encoding::kKafka, 0, static_cast<uint32_t>(header.records), newest_ms, std::move(bytes));
  if (header.producer_id >= 0)
    append.producer = model::Append::Producer{header.producer_id, header.producer_epoch, header.base_sequence};
  return append;
}

void append_done(Run& run, ProduceResponse::Partition& partition, bool stamped, Result<model::Appended> appended) {
  if (!appended) {
    run.refuse(partition, {kafka_error(appended.error().code, Subject::kProducer), appended.error().message, {}});
    return;
  }
  partition.base_offset = appended->base_offset.value;
  partition.log_start_offset = appended->log_start.value;
  if (stamped) partition.log_append_time_ms = appended->append_ms;
}

void produce_to(const std::shared_ptr<Run>& run, const model::TopicInfo* topic, wire::RecordsView records,
                ProduceResponse::Partition& partition) {
  Session& session = *run->call.session;
  std::optional<PartitionId> id = partition_of(topic, partition.index);
  if (!id) {
    bool by_id = run->call.version() >= 13 && !topic;
    return run->refuse(partition, {by_id ? error::kUnknownTopicId : error::kUnknownTopicOrPartition, "", {}});
  }
  Result<model::KafkaBatchHeader> header = model::check_kafka_batch(records.value_or(ByteView{}));
  if (!header) return run->refuse(partition, invalid_batch(header.error()));
  if (auto refusal = refuse_batch(*header, *topic, run->call.version())) return run->refuse(partition, *refusal);
  bool stamped = topic->settings.stamp_append_time;
  Slice bytes = stored_bytes(*records, *header, *topic);
  if (topic->settings.retention == model::Retention::kCompact)
    if (auto refusal = keyless_record(bytes)) return run->refuse(partition, *refusal);
  ++run->open;
  session.submit(append_of(*id, *header, std::move(bytes), session.now().wall_ms, stamped),
                 [run, &partition, stamped](Result<model::Appended> appended) {
                   append_done(*run, partition, stamped, std::move(appended));
                   run->part_done();
                 });
}

}  // namespace

/// acks 1 and all are the same: one node, and the append's reply waits for stable storage.
void handle_produce(Call<ProduceRequest> call) {
  auto run = std::make_shared<Run>(std::move(call));
  const ProduceRequest& request = run->call.request;
  bool acks_known = run->acks == kAcksNone || run->acks == kAcksLeader || run->acks == kAcksAll;
  // All places first: commands keep references into them.
  for (const auto& topic : request.topics) {
    auto& answer = run->response.topics.emplace_back();
    answer.name = topic.name;
    answer.id = topic.id;
    for (const auto& partition : topic.partitions) answer.partitions.push_back({.index = partition.index});
  }
  for (size_t t = 0; t < request.topics.size(); ++t) {
    const auto& topic = request.topics[t];
    const model::TopicInfo* info =
        find_topic(run->call.session->catalog(), run->call.version() >= 13, topic.id, topic.name);
    for (size_t p = 0; p < topic.partitions.size(); ++p) {
      auto& answer = run->response.topics[t].partitions[p];
      if (acks_known)
        produce_to(run, info, topic.partitions[p].records, answer);
      else
        run->refuse(answer, {error::kInvalidRequiredAcks, "acks must be 0, 1 or -1", {}});
    }
  }
  run->part_done();
}

}  // namespace godwit::protocol::kafka
