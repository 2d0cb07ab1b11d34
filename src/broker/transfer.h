#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/runtimes.h"

namespace godwit::broker {

class Worker;

/// The only way a message moves between shards. A dead letter is copied into its shard's outbox by a record next to the
/// one that settles it; the outbox is sent in order, a batch at a time, and cleared by a record when every target has
/// it on stable storage. A target knows the highest number it has of each source, so what is sent again after a crash
/// is dropped there.
class Transfer {
 public:
  explicit Transfer(Worker& worker) : worker_(worker) {}

  /// With what was copied (or is gone): it is to be settled at once.
  using Copied = std::function<void(std::vector<model::OffsetRun>)>;
  /// The end: with what could not be read, and why.
  using Finished = std::function<void(std::vector<model::OffsetRun>, const Result<void>&)>;
  /// Copies messages of a queue for its dead-letter target, perhaps in several pieces and later: messages that are not
  /// in memory are read first. They must be nobody's meanwhile.
  void dead_letter(QueueRuntime& q, std::vector<model::OffsetRun> runs, std::string reason, Copied copied,
                   Finished finished);
  /// At boot: what the outboxes still hold is sent again.
  void restart();

 private:
  struct Parcel {
    uint64_t last_seq = 0;
    model::Batch batch;
    std::vector<TopicId> targets;
    size_t waiting = 0;
    std::vector<TopicId> refused;  ///< targets without room: they alone are asked again
  };

  void read_back(LedgerId id, const storage::SegmentRef& segment, std::vector<model::OffsetRun> runs,
                 std::string reason, Copied copied, Finished finished);
  /// Into the outbox. A message that cannot be read is left out: nobody could take it from there either.
  void copy(QueueRuntime& q, const model::Batch& batch, const model::OffsetRun& run, const std::string& reason);
  void want_send(Stage::OwnedShard& owner);
  void send(Stage::OwnedShard& owner);
  Parcel pack(Stage::OwnedShard& owner) const;
  void dispatch(Stage::OwnedShard& owner, Parcel parcel);
  void arrived(Stage::OwnedShard& owner);

  Worker& worker_;
  std::unordered_map<Stage::OwnedShard*, Parcel> under_way_;  ///< at most one a shard, so that order holds
};

}  // namespace godwit::broker
