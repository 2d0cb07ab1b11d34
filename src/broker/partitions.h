#pragma once

#include <deque>
#include <memory>
#include <unordered_map>

#include "broker/runtimes.h"
#include "model/commands/partition.h"

namespace godwit::broker {

class Worker;

/// The partitions a worker owns: appends, reads, and who waits for what.
class Partitions {
 public:
  explicit Partitions(Worker& worker) : worker_(worker) {}

  void run(Envelope& e, model::Append& c);
  void run(Envelope& e, model::Fetch& c);
  void run(Envelope& e, model::AwaitData& c);
  void run(Envelope& e, model::FindOffset& c);
  void run(Envelope& e, model::DeleteRecords& c);

  PartitionRuntime* find(PartitionId id);
  /// Opens the partition (a record) unless the shard has it; at boot attaches to what was replayed.
  PartitionRuntime& open(const Shared<model::TopicInfo>& topic, uint32_t index);
  void close(PartitionId id);
  auto& all() { return partitions_; }

  /// Gives the batch its offset and time and records it.
  void append(PartitionRuntime& p, model::Batch& batch, const engine::BatchAppended& record);
  /// Everything up to `lsn` is durable: readers and queues see it now.
  void on_durable(uint64_t lsn);
  /// A queue's offsets were settled, or it was closed: frees what nobody needs.
  void settled(PartitionRuntime& p, Offset first, Offset end);
  /// Messages of the partition came into memory or left it.
  void add_memory(const PartitionRuntime& p, int64_t bytes);
  /// At boot: the durable end is the replayed end.
  void show_replayed();

 private:
  /// Leaves out of the batch those at its end for whom a queue has no room, and looks up what queues must know of the
  /// others. How many were left out. Errors: kTooLarge, kFull, kBusy, kOverLimit, as of model::Append.
  Result<uint32_t> admit(const PartitionRuntime& p, model::Append& c) const;
  void show(PartitionRuntime& p, Offset end);
  void wake_waiters(PartitionRuntime& p);
  void arm(PartitionRuntime& p, int64_t boot_ms);
  void read_cold(PartitionRuntime& p, const Envelope& e, const model::Fetch& c, const storage::SegmentRef& segment);
  model::Fetched fetched(const PartitionRuntime& p) const;

  Worker& worker_;
  std::unordered_map<PartitionId, std::unique_ptr<PartitionRuntime>> partitions_;
  struct Pending {
    uint64_t lsn;
    PartitionId id;
    Offset end;
  };
  std::deque<Pending> pending_;  ///< appended, not durable
};

}  // namespace godwit::broker
