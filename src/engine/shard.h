#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/fields.h"
#include "base/ids.h"
#include "engine/ledger.h"
#include "engine/partition.h"
#include "engine/records.h"
#include "model/batch.h"

namespace godwit::engine {

/// Where a shard's new entries go: the worker's staging area, or a test's list. `head` is the record's fields;
/// `payload` follows it in the entry.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void record(ShardId shard, RecordType type, uint8_t version, uint64_t seq, ByteView head, Slice payload) = 0;
};

/// A message waiting to leave for another shard.
struct Outgoing {
  std::string space;
  std::string exchange;
  std::string routing_key;
  ByteVec batch;  ///< stored form: header and payload of one native message

  template <class F>
  void fields(F& f) {
    f(space)(exchange)(routing_key)(batch);
  }
};

struct ScheduledMessage {
  PartitionId partition;
  int64_t due_wall_ms = 0;
  ByteVec batch;

  template <class F>
  void fields(F& f) {
    f(partition)(due_wall_ms)(batch);
  }
};

/// The state of one shard's partitions and ledgers, and its log. emit() is the one way it changes: the record is
/// written to the sink and applied at once; a restart applies the same records from the journal. Records of consumer
/// groups and of the catalog pass through with a sequence number of the same shard, but their state lives elsewhere.
class Shard {
 public:
  Shard(ShardId id, RecordSink& sink) : id_(id), sink_(&sink) {}

  ShardId id() const { return id_; }
  /// Of the last entry.
  uint64_t seq() const { return seq_; }

  template <class R>
  void emit(const R& record) {
    scratch_.clear();
    encode_fields(record, scratch_);
    sink_->record(id_, R::kType, R::kVersion, ++seq_, scratch_, {});
    apply(record);
  }
  /// `batch` has its offset and time.
  void emit(const BatchAppended& record, const model::Batch& batch);
  void emit(const OutboxAdded& record, const model::Batch& message);
  void emit(const Scheduled& record, const model::Batch& message);
  /// A record whose state is not here: the entry is written, nothing is applied.
  void emit_foreign(RecordType type, uint8_t version, ByteView body);

  /// One entry of the journal. False when it is a foreign record, which the caller applies. Errors: kCorrupt.
  /// `appended` is set for a batch: its payload is shared with `body`.
  Result<bool> replay(RecordType type, uint8_t version, uint64_t seq, const Slice& body,
                      std::optional<std::pair<PartitionId, model::Batch>>& appended);

  Partition* partition(PartitionId id);
  Ledger* ledger(LedgerId id);
  std::unordered_map<PartitionId, Partition>& partitions() { return partitions_; }
  std::unordered_map<LedgerId, std::unique_ptr<Ledger>>& ledgers() { return ledgers_; }
  /// The ledgers over one partition.
  const std::vector<Ledger*>& ledgers_of(PartitionId id);
  const std::map<uint64_t, Outgoing>& outbox() const { return outbox_; }
  /// Of the messages in it.
  uint64_t outbox_bytes() const { return outbox_bytes_; }
  uint64_t next_outbox_seq() const { return next_outbox_seq_; }
  const std::map<uint64_t, ScheduledMessage>& schedule() const { return schedule_; }
  uint64_t next_schedule_id() const { return next_schedule_id_; }
  bool empty() const { return seq_ == 0; }

  /// The whole durable state, as of seq().
  void snapshot(ByteVec& out) const;
  Result<void> restore(ByteView snapshot, uint64_t seq);
  /// After snapshot and replay, before the first command.
  void restart();
  /// For tests: equal in all that a restart must know.
  bool same_facts(const Shard& other) const;

 private:
  void apply(const BatchAppended& record, const model::Batch& batch);
  void apply(const PartitionOpened& record);
  void apply(const PartitionClosed& record);
  void apply(const LogStartMoved& record);
  void apply(const EpochStarted& record);
  void apply(const LedgerOpened& record);
  void apply(const LedgerClosed& record);
  void apply(const Settled& record) { to_ledger(record); }
  void apply(const Returned& record) { to_ledger(record); }
  void apply(const Delivered& record) { to_ledger(record); }
  void apply(const Leased& record) { to_ledger(record); }
  void apply(const Deferred& record) { to_ledger(record); }
  void apply(const SessionChanged& record) { to_ledger(record); }
  void apply(const OutboxCleared& record);
  void apply(const ScheduleEnded& record) { schedule_.erase(record.id); }
  void apply(const ReaderMoved& record);
  void apply(const Passed& record);
  void apply_outbox(const OutboxAdded& record, ByteVec batch);
  void apply_scheduled(const Scheduled& record, ByteVec batch);
  template <class R>
  void to_ledger(const R& record) {
    if (Ledger* found = ledger(record.ledger)) found->apply(record);
  }
  template <class R>
  Result<bool> replay_as(uint8_t version, Reader& in);
  ByteView with_batch(const model::Batch& batch);

  ShardId id_;
  RecordSink* sink_;
  uint64_t seq_ = 0;
  std::unordered_map<PartitionId, Partition> partitions_;
  std::unordered_map<LedgerId, std::unique_ptr<Ledger>> ledgers_;
  std::unordered_map<PartitionId, std::vector<Ledger*>> by_partition_;
  std::map<uint64_t, Outgoing> outbox_;
  uint64_t outbox_bytes_ = 0;
  uint64_t next_outbox_seq_ = 1;
  std::map<uint64_t, ScheduledMessage> schedule_;
  uint64_t next_schedule_id_ = 1;
  ByteVec scratch_;
};

}  // namespace godwit::engine
