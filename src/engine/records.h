#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "engine/run_set.h"
#include "model/batch.h"

/// What a shard's log says happened to its partitions and ledgers: the only way their durable state changes.
/// The type numbers and field orders are stored (docs/formats/records.md): a number is never reused, a field only ever
/// added behind `.since(n)` together with a higher kVersion.
namespace godwit::engine {

enum class RecordType : uint8_t {
  kBatchAppended = 1,
  kPartitionOpened = 2,
  kPartitionClosed = 3,
  kLogStartMoved = 4,
  kEpochStarted = 5,
  kLedgerOpened = 10,
  kLedgerClosed = 11,
  kSettled = 12,
  kReturned = 13,
  kDelivered = 14,
  kLeased = 15,
  kDeferred = 16,
  kSessionChanged = 17,
  kOutboxAdded = 20,
  kOutboxCleared = 21,
  kScheduled = 22,
  kScheduleEnded = 23,
  kReaderMoved = 24,
  kPassed = 25,
  kFirstForeign = 40,  ///< 40 to 59: consumer groups (group_records.h); 60 to 79: the catalog (catalog_records.h)
  kFirstCatalog = 60,
};

struct ProducerClaim {
  int64_t id = -1;
  int16_t epoch = -1;
  int32_t sequence = -1;
  template <class F>
  void fields(F& f) {
    f(id)(epoch)(sequence);
  }
};

/// Where a transferred message comes from: the target keeps the highest seq of each source and drops repeats.
struct TransferSource {
  ShardId shard;
  uint64_t seq = 0;
  template <class F>
  void fields(F& f) {
    f(shard)(seq);
  }
};

/// The batch follows the record's fields in the entry's body, as stored (model/batch.h).
struct BatchAppended {
  static constexpr RecordType kType = RecordType::kBatchAppended;
  static constexpr uint8_t kVersion = 2;
  PartitionId partition;
  std::optional<ProducerClaim> producer;
  std::optional<TransferSource> transfer;
  std::optional<uint64_t> scheduled;      ///< the schedule's id that this append ends
  std::optional<int64_t> dedup_until_ms;  ///< wall time until which the messages' deduplication ids are remembered
  template <class F>
  void fields(F& f) {
    f(partition)(producer)(transfer)(scheduled).since(2)(dedup_until_ms);
  }
};

struct PartitionOpened {
  static constexpr RecordType kType = RecordType::kPartitionOpened;
  static constexpr uint8_t kVersion = 1;
  PartitionId partition;
  template <class F>
  void fields(F& f) {
    f(partition);
  }
};

struct PartitionClosed {
  static constexpr RecordType kType = RecordType::kPartitionClosed;
  static constexpr uint8_t kVersion = 1;
  PartitionId partition;
  template <class F>
  void fields(F& f) {
    f(partition);
  }
};

/// Retention or DeleteRecords: nothing before `start` exists any more; ledgers lose what they had there.
struct LogStartMoved {
  static constexpr RecordType kType = RecordType::kLogStartMoved;
  static constexpr uint8_t kVersion = 1;
  PartitionId partition;
  Offset start;
  template <class F>
  void fields(F& f) {
    f(partition)(start);
  }
};

/// What is appended from `start`, the end of the log, on is appended under `epoch`: the first append of a boot.
struct EpochStarted {
  static constexpr RecordType kType = RecordType::kEpochStarted;
  static constexpr uint8_t kVersion = 1;
  PartitionId partition;
  int32_t epoch = 0;
  Offset start;
  template <class F>
  void fields(F& f) {
    f(partition)(epoch)(start);
  }
};

struct LedgerOpened {
  static constexpr RecordType kType = RecordType::kLedgerOpened;
  static constexpr uint8_t kVersion = 1;
  LedgerId ledger;
  Offset start;  ///< everything at or after it is the queue's
  uint8_t lanes = 1;
  bool grouped = false;
  template <class F>
  void fields(F& f) {
    f(ledger)(start)(lanes)(grouped);
  }
};

struct LedgerClosed {
  static constexpr RecordType kType = RecordType::kLedgerClosed;
  static constexpr uint8_t kVersion = 1;
  LedgerId ledger;
  template <class F>
  void fields(F& f) {
    f(ledger);
  }
};

enum class SettledAs : uint8_t { kAccepted = 0, kRejected, kExpired, kDropped, kPurged };

struct Settled {
  static constexpr RecordType kType = RecordType::kSettled;
  static constexpr uint8_t kVersion = 1;
  LedgerId ledger;
  SettledAs as = SettledAs::kAccepted;
  std::vector<OffsetRun> runs;
  template <class F>
  void fields(F& f) {
    f(ledger)(as)(runs);
  }
};

/// Back in the queue after a delivery. `failed` counts toward the delivery limit.
struct Returned {
  static constexpr RecordType kType = RecordType::kReturned;
  static constexpr uint8_t kVersion = 1;
  LedgerId ledger;
  std::vector<OffsetRun> runs;
  bool failed = false;
  int64_t hidden_until_boot_ms = 0;  ///< 0: ready at once
  template <class F>
  void fields(F& f) {
    f(ledger)(runs)(failed)(hidden_until_boot_ms);
  }
};

/// Everything unsettled before `end` may have been delivered over a connection: redelivered after a restart.
struct Delivered {
  static constexpr RecordType kType = RecordType::kDelivered;
  static constexpr uint8_t kVersion = 1;
  LedgerId ledger;
  Offset end;
  template <class F>
  void fields(F& f) {
    f(ledger)(end);
  }
};

/// Detached leases, new or renewed: `attempt` numbers them within the ledger, one for each offset from `attempt` on.
struct Leased {
  static constexpr RecordType kType = RecordType::kLeased;
  static constexpr uint8_t kVersion = 1;
  LedgerId ledger;
  std::vector<OffsetRun> runs;
  int64_t until_boot_ms = 0;
  uint32_t attempt = 0;  ///< 0: a renewal
  template <class F>
  void fields(F& f) {
    f(ledger)(runs)(until_boot_ms)(attempt);
  }
};

struct Deferred {
  static constexpr RecordType kType = RecordType::kDeferred;
  static constexpr uint8_t kVersion = 1;
  LedgerId ledger;
  std::vector<OffsetRun> runs;
  template <class F>
  void fields(F& f) {
    f(ledger)(runs);
  }
};

/// The lock and the state of one session group.
struct SessionChanged {
  static constexpr RecordType kType = RecordType::kSessionChanged;
  static constexpr uint8_t kVersion = 1;
  LedgerId ledger;
  std::string group;
  int64_t locked_until_boot_ms = 0;  ///< 0: free
  std::optional<ByteVec> state;      ///< absent: unchanged
  template <class F>
  void fields(F& f) {
    f(ledger)(group)(locked_until_boot_ms)(state);
  }
};

/// A message on its way to another shard (engine/outbox.h); the payload is a native batch of one message, as stored.
struct OutboxAdded {
  static constexpr RecordType kType = RecordType::kOutboxAdded;
  static constexpr uint8_t kVersion = 1;
  uint64_t seq = 0;
  std::string space;
  std::string exchange;
  std::string routing_key;
  template <class F>
  void fields(F& f) {
    f(seq)(space)(exchange)(routing_key);
  }
};

/// Everything up to `seq` has reached its targets.
struct OutboxCleared {
  static constexpr RecordType kType = RecordType::kOutboxCleared;
  static constexpr uint8_t kVersion = 1;
  uint64_t seq = 0;
  template <class F>
  void fields(F& f) {
    f(seq);
  }
};

/// A message not yet due: a native batch of one message follows, as stored.
struct Scheduled {
  static constexpr RecordType kType = RecordType::kScheduled;
  static constexpr uint8_t kVersion = 1;
  uint64_t id = 0;
  PartitionId partition;
  int64_t due_wall_ms = 0;
  template <class F>
  void fields(F& f) {
    f(id)(partition)(due_wall_ms);
  }
};

/// Cancelled, or its partition is gone.
struct ScheduleEnded {
  static constexpr RecordType kType = RecordType::kScheduleEnded;
  static constexpr uint8_t kVersion = 1;
  uint64_t id = 0;
  template <class F>
  void fields(F& f) {
    f(id);
  }
};

/// Where a consumer group is, noted with the partition so that `settled` retention waits for it: its committed
/// position, or the log's start when it subscribed.
struct ReaderMoved {
  static constexpr RecordType kType = RecordType::kReaderMoved;
  static constexpr uint8_t kVersion = 1;
  PartitionId partition;
  std::string group;
  std::optional<Offset> position;  ///< absent: the group is gone
  template <class F>
  void fields(F& f) {
    f(partition)(group)(position);
  }
};

/// At `wall_ms` all queues had settled, and all readers passed, what lies before `end`: `retention.settled_ms` begins.
struct Passed {
  static constexpr RecordType kType = RecordType::kPassed;
  static constexpr uint8_t kVersion = 1;
  PartitionId partition;
  Offset end;
  int64_t wall_ms = 0;
  template <class F>
  void fields(F& f) {
    f(partition)(end)(wall_ms);
  }
};

}  // namespace godwit::engine
