#pragma once

#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/limits.h"
#include "broker/runtimes.h"
#include "model/native_message.h"

namespace godwit::broker {

class Worker;

/// The only way a message moves between shards. A dead letter is copied into its shard's outbox by a record next to the
/// one that settles it; the outbox is sent in order, a batch at a time, and cleared by a record when every target has
/// it on stable storage. A target knows the highest number it has of each source, so what is sent again after a crash
/// is dropped there.
class Transfer {
 public:
  explicit Transfer(Worker& worker) : worker_(worker) {}

  /// Of one shard's outbox: eight parcels. What else is to leave waits in its queue.
  static constexpr uint64_t kOutboxBytesMax = 8_MiB;

  /// With what was copied (or is gone): it is to be settled at once.
  using Copied = std::function<void(std::vector<model::OffsetRun>)>;
  /// The end: with what could not be read, and why.
  using Finished = std::function<void(std::vector<model::OffsetRun>, const Result<void>&)>;
  /// Copies messages of a queue for its dead-letter target, perhaps in several pieces and later: messages that are not
  /// in memory are read first, and those of one shard wait in line while its outbox is full. They must be nobody's
  /// meanwhile.
  void dead_letter(QueueRuntime& q, std::vector<model::OffsetRun> runs, std::string reason, Copied copied,
                   Finished finished);
  /// Copies what the queue refused for want of room: the messages of `batch`, which is not stored, from `first` on.
  /// While the outbox is full there is no copy: nothing holds the publisher back, who is told.
  void dead_letter_refused(QueueRuntime& q, const model::Batch& batch, uint32_t first);
  /// At boot: what the outboxes still hold is sent again.
  void restart();

 private:
  /// Messages of one queue on their way into the outbox.
  struct Leaving {
    LedgerId queue;
    std::vector<model::OffsetRun> runs;
    std::string reason;
    Copied copied;
    Finished finished;
    Result<void> result = {};
  };
  /// Those of one shard. The first are being copied or read, or wait for the outbox.
  struct Line {
    std::deque<Leaving> leaving;
    bool waits_for_room = false;
  };
  struct Route {
    std::vector<TopicId> targets;
    bool by_headers = false;  ///< another message may go elsewhere
  };
  struct Parcel {
    uint64_t last_seq = 0;
    model::Batch batch;
    std::vector<TopicId> targets;
    size_t waiting = 0;
    std::vector<TopicId> refused;  ///< targets without room: they alone are asked again
  };

  /// As far as the outbox has room and what is to be copied is at hand.
  void go_on(Stage::OwnedShard& owner);
  /// The first of the line. False when it is not at its end: it is being read, or the outbox is full.
  bool copy_first(Stage::OwnedShard& owner, Line& line);
  void read_back(Stage::OwnedShard& owner, const storage::SegmentRef& segment, Offset from);
  enum class From : uint8_t { kLog, kPublisher };
  /// Into the outbox, until that is full: how many of the run. A message that cannot be read is left out: nobody could
  /// take it from there either. One that is too large is dropped.
  uint32_t copy(QueueRuntime& q, const model::Batch& batch, const model::OffsetRun& run, const std::string& reason,
                From from);
  /// What that record leaves for the message.
  size_t letter_bytes_max(const engine::OutboxAdded& record) const;
  void drop_large(const QueueRuntime& q, Offset offset);
  void want_send(Stage::OwnedShard& owner);
  void send(Stage::OwnedShard& owner);
  /// What lies first in the outbox and goes the same way.
  Parcel pack(Stage::OwnedShard& owner);
  Route route_of(const engine::Outgoing& out, const model::NativeMessage& message) const;
  /// Without the queues that the message has left since a consumer last rejected it: it would go round for ever.
  std::vector<TopicId> without_cycles(const engine::Outgoing& out, const model::NativeMessage& message,
                                      std::vector<TopicId> targets) const;
  void dispatch(Stage::OwnedShard& owner, Parcel parcel);
  void arrived(Stage::OwnedShard& owner);

  Worker& worker_;
  std::unordered_map<Stage::OwnedShard*, Line> lines_;
  std::unordered_map<Stage::OwnedShard*, Parcel> under_way_;  ///< at most one a shard, so that order holds
};

}  // namespace godwit::broker
