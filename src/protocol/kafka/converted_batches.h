#pragma once

#include <deque>

#include "base/bytes.h"
#include "base/error.h"
#include "base/ids.h"
#include "model/batch.h"
#include "protocol/kafka/wire/types.h"

namespace godwit::protocol::kafka {

/// A stored batch of any encoding as a Kafka record batch; base offset and leader epoch are not set yet.
/// Errors: kCorrupt.
Result<Slice> to_kafka_batch(const model::Batch& batch);

/// The batch as part of a response: its head with offset, leader epoch and, where the broker stamps, the time of
/// append; its rest as it lies in the log.
wire::Records::Part records_part(const model::Batch& batch, const Slice& kafka_batch, int32_t leader_epoch);

/// The last batches of foreign encodings that a connection converted: a fetch cut short asks for them again. Holds up
/// to kKafkaConvertedBytesMax.
class ConvertedBatches {
 public:
  /// The batch itself when it is Kafka's, else its conversion. Errors: kCorrupt.
  Result<Slice> get(PartitionId partition, const model::Batch& batch);
  size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    PartitionId partition;
    Offset base;
    Slice batch;
  };
  std::deque<Entry> entries_;  ///< oldest first
  size_t bytes_ = 0;
};

}  // namespace godwit::protocol::kafka
