#pragma once

#include <cstdint>

#include "base/limits.h"
#include "storage/durability.h"

namespace godwit::broker {

namespace testing {

/// Bugs that the simulator plants to show that it would find them. Never set elsewhere.
enum class Plant : uint8_t {
  kNone,
  kAckBeforeSync,      ///< replies do not wait for the journal
  kShowBeforeDurable,  ///< readers and queues see messages at once
  kSnapshotAhead,      ///< a snapshot claims records that were staged after it was taken
  kTrimTooEarly,       ///< the chunk a worker still needs is given up
  kLostSettle,         ///< settles during a checkpoint do not reach the journal
  kLostPurge,          ///< what a purge settles does not reach the journal
  kLostBinding,        ///< neither does a new binding
  kSharedSession,      ///< a session that is locked is locked again
  kForgetReaders,      ///< a log is trimmed without asking its subscriptions and groups
  kDeleteByName,       ///< a queue without consumers is deleted whatever queue has its name by then
  kPackHeaders,        ///< dead letters for a headers exchange are routed as the first of them
  kLostKey,            ///< an empty key of a dead letter becomes none
  kNoEpoch,            ///< partitions do not note the epoch of a boot
  kManifestUnsynced,   ///< with durability "os" a manifest is written before what its snapshots follow from is synced
};

}  // namespace testing

/// Settings of a broker, fixed while it runs.
struct Options {
  uint16_t workers = 1;
  uint64_t journal_bytes_max = 256_MiB;
  storage::Durability durability = storage::Durability::kFsync;
  /// Message bytes held in memory before a checkpoint moves them to segments, over all workers.
  uint64_t memory_messages_bytes = 64_MiB;
  /// Publishers are held back when messages in memory reach this, over all workers.
  uint64_t memory_limit = 256_MiB;
  /// Free disk space below which publishes are refused.
  uint64_t disk_reserve_bytes = 256_MiB;
  /// How long records that nobody waits for may stay in memory.
  int64_t lazy_flush_ms = 20;
  /// A segment blob is ended at this size.
  uint64_t segment_bytes_max = 64_MiB;
  int64_t retention_check_ms = 5'000;
  /// A group without members keeps its positions this long.
  int64_t group_offsets_retention_ms = 7LL * 24 * 3600 * 1000;
  testing::Plant plant = testing::Plant::kNone;
};

}  // namespace godwit::broker
