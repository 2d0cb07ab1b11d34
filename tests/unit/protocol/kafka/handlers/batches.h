#pragma once

#include <string>
#include <vector>

#include "model/batch.h"
#include "model/kafka_records.h"

namespace godwit::protocol::kafka {

/// A record batch with one record for each value.
inline ByteVec records_of(const std::vector<std::string>& values, bool keyed = true) {
  model::KafkaBatchBuilder builder;
  int64_t time_ms = 1000;
  for (const std::string& value : values) {
    model::KafkaRecord record{.timestamp_ms = time_ms++, .value = as_bytes(value)};
    if (keyed) record.key = as_bytes("k");
    builder.add(record);
  }
  return builder.finish().value();
}

/// The same as the log holds it.
inline model::Batch stored(const std::vector<std::string>& values, int64_t base_offset) {
  model::Batch batch =
      model::seal_batch(model::Encoding::kKafka, 0, static_cast<uint32_t>(values.size()),
                        1000 + static_cast<int64_t>(values.size()) - 1, Slice::take(records_of(values)));
  batch.header.base_offset = Offset(base_offset);
  return batch;
}

}  // namespace godwit::protocol::kafka
