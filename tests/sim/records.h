#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/batch.h"
#include "model/kafka_records.h"

namespace godwit::sim {

/// A Kafka record as a workload writes it; null where a record may say so.
struct SentRecord {
  int64_t timestamp_ms = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;

  /// Everything the record says, as record_text() has it.
  std::string text() const;
  /// What the last header of that name says; nothing when that is null or not there.
  std::optional<std::string> header(const std::string& name) const;
};

model::Batch kafka_batch_of(const std::vector<SentRecord>& records, model::Compression codec);
/// A record in a form that can be compared and printed: equal when all its bytes are.
std::string record_text(const model::KafkaRecord& record);
/// The records of a batch, of Kafka's own encoding or copied out of one, as texts.
std::vector<std::string> record_texts(const model::Batch& batch);

}  // namespace godwit::sim
