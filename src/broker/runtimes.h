#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/limits.h"
#include "base/shared.h"
#include "broker/batch_times.h"
#include "broker/envelope.h"
#include "broker/stage.h"
#include "model/settings.h"
#include "storage/partition_log.h"

namespace godwit::broker {

struct QueueRuntime;

/// What queues hand out of a compressed batch is inflated: to this many times what the topic takes as one batch, 32 MiB
/// by default.
constexpr size_t kInflationMax = 32;

/// A partition on its owner: the engine's facts, the messages, and who waits for more. Volatile parts only.
struct PartitionRuntime {
  PartitionId id;
  Shared<model::TopicInfo> topic;
  Stage::OwnedShard* owner = nullptr;
  engine::Partition* facts = nullptr;
  storage::PartitionLog log;
  /// Readers and queues see what lies before it: durable, and below the last stable offset.
  Offset visible_end;
  /// Everything before it is settled by all queues and passed by all readers (Retention::kSettled).
  Offset log_start;
  /// Likewise, while `settled_ms` keeps them longer: equal to log_start without it.
  Offset passed;
  std::optional<int64_t> retention_boot_ms;  ///< the timer that lets passed messages go
  int64_t last_append_ms = 0;
  /// What lies before `end` was there at `since_boot_ms`: for Retention, when no append time says more.
  struct Seen {
    Offset end;
    int64_t since_boot_ms = 0;
  };
  std::optional<Seen> seen;
  std::vector<QueueRuntime*> queues;

  struct Waiter {
    SessionId session;
    RequestId request = 0;
    Offset beyond;
    int64_t deadline_boot_ms = 0;
  };
  std::vector<Waiter> waiters;
  std::optional<int64_t> waiters_boot_ms;  ///< the timer of the first of them whose time is over

  /// What a batch may inflate to that queues hand out.
  size_t inflated_bytes_max() const {
    return std::min<uint64_t>(kInflatedBytesMax, kInflationMax * topic->settings.message_bytes_max);
  }
  bool is_volatile() const { return topic->settings.is_volatile; }
  /// Messages stay although every queue has settled them.
  bool keeps_for_readers() const {
    const model::TopicSettings& settings = topic->settings;
    return settings.retention != model::Retention::kSettled || settings.settled_ms > 0 || !facts->readers.empty();
  }
};

/// A ledger on its owner: the queue's settings, deliveries under way, calls that wait for messages.
struct QueueRuntime {
  LedgerId id;
  Shared<model::QueueInfo> info;
  engine::Ledger* ledger = nullptr;
  PartitionRuntime* partition = nullptr;

  /// Old messages read back from a segment, in order; replaced when the head leaves them.
  std::vector<model::Batch> cold;
  uint64_t cold_bytes = 0;
  bool gathering = false;  ///< a call reads one thing after another into `cold`
  /// The compressed batch that was handed out of last, inflated: its consumers share it.
  std::unique_ptr<model::Batch> plain;
  /// Of the batch with times of its own that was met last.
  std::unique_ptr<BatchTimes> times;
  bool loading = false;
  bool pump_wanted = false;
  bool expires = false;                  ///< it may hold messages that expire
  std::optional<Offset> lasting_head;    ///< the head that was looked at and does not expire
  Offset offered_end;                    ///< messages before it were offered to whoever had credit
  Offset marked_end;                     ///< Delivered was recorded up to here
  std::optional<int64_t> timer_boot_ms;  ///< the earliest timer that is set
  bool had_consumer = false;
  int64_t unused_since_boot_ms = 0;
  uint64_t calls = 0;  ///< numbers Receive calls for the ledger's groups
  Offset holes_end;    ///< before it may be holes (Queues::find_holes): no limit counts what is there

  struct Waiter {
    SessionId session;
    RequestId request = 0;
    model::Receive call;
  };
  std::vector<Waiter> receivers;
};

}  // namespace godwit::broker
