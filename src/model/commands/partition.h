#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "model/batch.h"

/// Commands to one partition, executed by its owner. Each names its reply.
namespace godwit::model {

/// Appends one batch. The reply waits until the batch is on stable storage (at once for volatile topics).
///
/// Errors  kNotFound; kTooLarge; kFull, kBusy: try again later; kOverLimit: the own queue is full and its overflow
///         rejects; kOutOfOrder, kFenced, kUnknownProducer (idempotent producers). Nothing was appended.
struct Append {
  using ReplyType = struct Appended;
  PartitionId partition;
  Batch batch;  ///< sealed; base offset and append time are set by the owner
  /// An idempotent producer's claim (Kafka KIP-98): the batch's messages are sequence .. sequence + count - 1.
  struct Producer {
    int64_t id = -1;
    int16_t epoch = -1;
    int32_t sequence = -1;
  };
  std::optional<Producer> producer;
  /// Messages moved from another shard, numbered there one after another up to `seq`: what has arrived before is
  /// dropped, and answered like the first time.
  struct Source {
    ShardId shard;
    uint64_t seq = 0;
  };
  std::optional<Source> source;
};
struct Appended {
  Offset base_offset;  ///< of the first message that was appended now
  int64_t append_ms = 0;
  Offset log_start;
  bool duplicate = false;  ///< an earlier attempt of the same batch had succeeded; base_offset is where
  /// Messages that were left out because their deduplication id is known, in the order of the batch: those around them
  /// got neighbouring offsets. When all of them were, `duplicate` is set and base_offset is the first one's.
  struct Repeated {
    uint32_t index = 0;  ///< within the batch as it was sent
    Offset offset;       ///< of the message that came first
  };
  std::vector<Repeated> repeated;
  /// So many at the batch's end were not appended: a queue of the topic, which rejects, was full after those before.
  uint32_t refused = 0;
};

/// Reads visible batches from the one that holds `from` on, at least one batch when there is any, then up to
/// `bytes_max`. Errors: kNotFound; kOffsetOutOfRange when from < log_start or from > end.
struct Fetch {
  using ReplyType = struct Fetched;
  PartitionId partition;
  Offset from;
  uint32_t bytes_max = 1'048'576;
  bool one_epoch = false;  ///< the reply ends where the next leader epoch begins
};
struct Fetched {
  std::vector<Batch> batches;
  Offset log_start;
  Offset end;                ///< the next offset readers will see ("high watermark")
  Offset last_stable;        ///< end, or the first offset of an open transaction
  int32_t leader_epoch = 0;  ///< of the first batch
};

/// Replies as soon as a reader at `beyond` can read something (end > beyond), or at the deadline; kNotFound when the
/// partition goes away. A later AwaitData of the same session and partition answers the earlier one.
struct AwaitData {
  using ReplyType = struct DataAwaited;
  PartitionId partition;
  Offset beyond;
  int64_t deadline_boot_ms = 0;
};
struct DataAwaited {
  Offset end;
};

/// The first batch with a timestamp of at least `timestamp_ms` (or the newest one); no offset when there is none.
struct FindOffset {
  using ReplyType = struct OffsetFound;
  enum class At : uint8_t { kTimestamp, kStart, kEnd, kMaxTimestamp, kEpochEnd };
  PartitionId partition;
  At at = At::kTimestamp;
  int64_t timestamp_ms = 0;
  int32_t leader_epoch = 0;  ///< kEpochEnd: this one, or the largest before it
};
struct OffsetFound {
  std::optional<Offset> offset;
  int64_t timestamp_ms = -1;
  int32_t leader_epoch = 0;  ///< of the message at `offset`; of the end, the broker's own
  /// kTimestamp, kMaxTimestamp: the batch at `offset`; the edge finds the message in it.
  std::optional<Batch> batch;
};

/// Everything before `before` vanishes; queues count it as expired. Errors: kOffsetOutOfRange.
struct DeleteRecords {
  using ReplyType = struct RecordsDeleted;
  PartitionId partition;
  Offset before;
};
struct RecordsDeleted {
  Offset log_start;
};

}  // namespace godwit::model
