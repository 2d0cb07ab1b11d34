#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/runtimes.h"
#include "model/commands/queue.h"
#include "storage/segment.h"

namespace godwit::broker {

class Worker;

std::unexpected<Error> no_queue(LedgerId id);
std::unexpected<Error> not_locked(const std::string& group);

/// The ledgers a worker owns: consumers and calls that take messages, settling, and what time does to messages.
/// Handing out is in queues_pump.cc; calls that take messages themselves in queues_receive.cc; sessions in
/// queues_sessions.cc; timers in queues_timers.cc.
class Queues {
 public:
  explicit Queues(Worker& worker) : worker_(worker) {}

  void run(Envelope& e, model::Attach& c);
  void run(Envelope& e, model::Grant& c);
  void run(Envelope& e, model::Detach& c);
  void run(Envelope& e, model::Settle& c);
  void run(Envelope& e, model::Receive& c);
  void run(Envelope& e, model::ReceiveDeferred& c);
  void run(Envelope& e, model::Renew& c);
  void run(Envelope& e, model::SessionGroup& c);
  void run(Envelope& e, model::Peek& c);
  void run(Envelope& e, model::Purge& c);
  void run(Envelope& e, model::DescribeLedger& c);

  QueueRuntime* find(LedgerId id);
  auto& all() { return queues_; }
  /// Opens the ledger (a record) unless the shard has it; at boot attaches to what was replayed.
  QueueRuntime& open(const Shared<model::QueueInfo>& info, PartitionRuntime& partition);
  void close(LedgerId id);

  /// How many of `batch` may be published to a queue, which may refuse when it is full. A Kafka batch is its
  /// producer's: all of it, if there is any room. Errors: kOverLimit: none.
  Result<uint32_t> room(const QueueRuntime& q, const model::Batch& batch) const;
  /// Of a batch there was room for `fits` messages: what becomes of the others.
  void refused(QueueRuntime& q, const model::Batch& batch, uint32_t fits);
  /// A batch was appended to the queue's partition.
  void appended(QueueRuntime& q, const model::Batch& batch);
  /// A batch is there, new or after a restart: what its messages want from the clock is seen to.
  void watch_times(QueueRuntime& q, const model::Batch& batch);
  void want_pump(QueueRuntime& q);
  /// The batch that holds `offset`, from memory or what was read back last; null when it must be read.
  model::Batch* batch_at(QueueRuntime& q, Offset offset);
  /// What was read of a segment replaces what was read before.
  void keep_cold(QueueRuntime& q, std::vector<model::Batch> read);
  void let_go_of_cold(QueueRuntime& q);
  /// Memory is used up: what queues hold of segments for later is read again then, and inflated again. At the end of a
  /// turn.
  void let_go_of_idle();
  /// Looks up to where segments have gaps in what the ledger takes for unsettled: there may be holes, messages that
  /// whoever was there before the queue has settled.
  static void find_holes(QueueRuntime& q);
  /// After a read of that segment from `from` on: if the message is not there it was settled by all who were there
  /// before this queue, or retention took it; it and what follows to the next that is there is settled.
  void settle_hole(QueueRuntime& q, const storage::SegmentRef& segment, Offset from);
  /// After a read that did not find `from` in the segment: where what follows it begins.
  static Offset hole_end(const QueueRuntime& q, const storage::SegmentRef& segment, Offset from);
  /// Reads on from `from`: somewhat ahead.
  void read_cold(const storage::SegmentRef& segment, Offset from, storage::SegmentReader::OnRead done);
  bool wants_pump() const { return !pump_list_.empty(); }
  void pump_wanted();

 private:
  // queues.cc
  void detach(QueueRuntime& q, engine::Consumer& consumer, bool release);
  void note_use(QueueRuntime& q);
  void consumers_changed(QueueRuntime& q);
  void delete_unused(const QueueRuntime& q);
  Result<void> may_use(const QueueRuntime& q, SessionId session) const;

  // queues_settle.cc
  /// What of a request's messages is its session's to settle, each once.
  Result<std::vector<model::OffsetRun>> claim(QueueRuntime& q, const Envelope& e, const model::Settle& c);
  /// What of `runs` is not settled yet is. Returns how many messages.
  uint64_t settle_as(QueueRuntime& q, engine::SettledAs as, std::vector<model::OffsetRun> runs);
  /// A new queue's, of what was settled by others before.
  void settle_holes(QueueRuntime& q, std::vector<model::OffsetRun> runs);
  /// emit(some of `runs`), until all were told: a record has so many at most.
  template <class F>
  void in_records(std::vector<model::OffsetRun> runs, F&& emit) const;
  void group_freed(QueueRuntime& q);
  void give_back(QueueRuntime& q, std::vector<model::OffsetRun> runs, bool failed, int64_t delay_ms);
  /// `then` once every message is settled and has its copy for the dead letters on record, if it is to have one: what
  /// left memory is read back first. An error means that some of them went back to the queue.
  using Rejected = std::function<void(const Result<void>&)>;
  void reject(
      QueueRuntime& q, std::vector<model::OffsetRun> runs, const std::string& reason,
      Rejected then = [](const Result<void>&) {});

  // queues_pump.cc
  /// What want_pump() asked for.
  void serve(QueueRuntime& q);
  void pump(QueueRuntime& q);
  void load(QueueRuntime& q, const storage::SegmentRef& segment, Offset from);
  /// `batch` with its records inflated, valid until the next call. Null when they cannot be: it is dropped then.
  const model::Batch* plain_of(QueueRuntime& q, const model::Batch& batch);
  void let_go_of_plain(QueueRuntime& q);
  void drop_damaged(QueueRuntime& q, const model::Batch& batch, const Error& error);
  void load_failed(QueueRuntime& q, const Error& error);
  void add_read_bytes(int64_t bytes);
  /// The batch that holds `offset`. Null when it is being read back (q.loading), or when the message is settled now:
  /// retention took it, or the batch cannot be read.
  const model::Batch* batch_for(QueueRuntime& q, Offset offset);
  /// What is handed out at once: messages of one batch with the same history.
  struct Piece {
    const model::Batch* batch;
    model::OffsetRun run;
    engine::Ledger::History history;
  };
  /// The beginning of `run`, which `batch` holds. Nothing when messages had expired or were not due: what is ready has
  /// changed, and must be picked anew.
  std::optional<Piece> piece_of(QueueRuntime& q, const model::Batch& batch, model::OffsetRun run);

  // queues_limits.cc
  /// A queue that drops from its head keeps to its maximum length and bytes, whatever made messages ready.
  void drop_excess(QueueRuntime& q);

  // queues_receive.cc
  /// False when nothing is ready yet.
  bool try_receive(QueueRuntime& q, SessionId session, RequestId request, const model::Receive& c);
  void serve_receivers(QueueRuntime& q);
  /// Adds what is at hand of `parts`, up to the first message that must be read from its segment, which it returns.
  std::optional<Offset> add_at_hand(QueueRuntime& q, const std::vector<model::OffsetRun>& parts, model::Received& to);

  // queues_sessions.cc
  std::optional<std::string> lock_session(QueueRuntime& q, const std::string& wanted, int64_t until, Error& error);
  bool has_locked(QueueRuntime& q, SessionId session, const std::string& group) const;
  /// 0: nobody has it.
  int64_t locked_until(const QueueRuntime& q, const std::string& group) const;
  /// The group is free. Consumers that had locked it are cancelled; pointers to them are invalid after.
  void end_session(QueueRuntime& q, const std::string& group);

  // queues_timers.cc
  /// Drops expired messages from the head; true when the head is not expired (or there is none).
  bool expire_head(QueueRuntime& q);
  /// A message whose time was over when it was stored (a time to live of 0) is for whoever has credit when it comes.
  bool for_who_waits(QueueRuntime& q, const model::Batch& batch, Offset offset);
  /// The head may be another one: if it expires some time, that is seen to. One that lies in a segment is read for it,
  /// once.
  void watch_head(QueueRuntime& q);
  void arm(QueueRuntime& q, int64_t boot_ms);
  void on_timer(QueueRuntime& q);
  std::optional<int64_t> expires_at(QueueRuntime& q, const model::Batch& batch, uint32_t index);
  const BatchTimes& times_of(QueueRuntime& q, const model::Batch& batch);
  /// Hides what is ready of `run` (of that batch) and not due yet; true when there was something.
  bool hide_early(QueueRuntime& q, const model::Batch& batch, model::OffsetRun run);
  bool may_expire(const QueueRuntime& q, const model::Batch& batch) const;

  Worker& worker_;
  std::unordered_map<LedgerId, std::unique_ptr<QueueRuntime>> queues_;
  std::vector<LedgerId> pump_list_;
  int64_t read_bytes_ = 0;  ///< what all queues hold of segments, and inflated
};

}  // namespace godwit::broker
