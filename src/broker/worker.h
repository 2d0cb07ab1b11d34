#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "broker/catalog_service.h"
#include "broker/checkpoint.h"
#include "broker/cold_reads.h"
#include "broker/counters.h"
#include "broker/envelope.h"
#include "broker/group_service.h"
#include "broker/memory.h"
#include "broker/options.h"
#include "broker/partitions.h"
#include "broker/queues.h"
#include "broker/retention.h"
#include "broker/schedule.h"
#include "broker/session_port.h"
#include "broker/stage.h"
#include "broker/transfer.h"
#include "runtime/loop.h"
#include "storage/blob_store.h"
#include "storage/journal.h"
#include "storage/segment.h"

namespace godwit::broker {

class Broker;

/// One thread's share of the broker: the shards placed on it and the sessions that live on it. Everything here runs on
/// its loop; other workers reach it by batches of envelopes.
///
/// Work is done in turns. What a turn decides is staged; at its end queues hand out what has become ready, replies and
/// notices go to the local sessions, envelopes for other workers leave in one batch each, and the staged records go to
/// the journal. Replies that depend on them wait until the journal says they are durable.
class Worker {
 public:
  Worker(Broker& broker, WorkerId id, runtime::Loop& loop);
  ~Worker();

  WorkerId id() const { return id_; }
  Broker& broker() { return broker_; }
  runtime::Loop& loop() { return loop_; }
  Now now() const { return loop_.now(); }
  const Options& options() const;

  Stage& stage() { return stage_; }
  Partitions& partitions() { return partitions_; }
  Retention& retention() { return retention_; }
  Queues& queues() { return queues_; }
  Transfer& transfer() { return transfer_; }
  Schedule& schedule() { return schedule_; }
  CatalogService& catalog() { return catalog_; }
  GroupService& groups() { return groups_; }
  Checkpoint& checkpoint() { return checkpoint_; }
  ColdReads& segments() { return cold_reads_; }
  Memory& memory() { return memory_; }
  /// For a session: it is told by on_writable() when that has changed, however shortly it was so.
  bool memory_exhausted();
  Counters& counters() { return counters_; }

  // Sessions.
  SessionPort& open_session(const std::function<std::unique_ptr<Session>(SessionHost&)>& make, Connection& connection);
  /// The connection is gone: consumers are detached, exclusive queues deleted, the session destroyed.
  void close_session(SessionId id);
  SessionPort* session(SessionId id);
  size_t session_count() const { return sessions_.size(); }
  template <class F>
  void for_each_session(F&& f) {
    for (auto& [id, port] : sessions_) f(*port);
  }
  void touch(SessionPort& port);

  // Commands.
  /// From a session here, or from the broker itself: to the owner of its shard.
  void submit(Envelope envelope);
  /// A command the broker gives itself (transfers, clean-up); `then` runs on this worker. Not for sessions.
  template <class C, class F>
  void call(C command, F then) {
    RequestId request = next_internal_++;
    internal_.emplace(request, [then = std::move(then)](Reply reply) mutable {
      using R = typename C::ReplyType;
      if (!reply)
        then(Result<R>(std::unexpected(std::move(reply.error()))));
      else
        then(Result<R>(std::get<R>(std::move(*reply))));
    });
    submit({make_session_id(id_, 0), request, broker_principal_, std::move(command)});
  }
  /// Answers once everything up to `lsn` is durable.
  void reply(SessionId session, RequestId request, Reply reply, uint64_t lsn = 0);
  /// Runs `task` once everything up to `lsn` is durable, in order with the replies.
  void when_durable(uint64_t lsn, runtime::Task task);
  void notify(SessionId session, Notice notice);

  /// Timers, transfers and deliveries begin.
  void start();
  /// What was stored is all there.
  bool started() const { return started_; }

  // The turn.
  /// Something happened: a turn ends soon.
  void wake();
  void run_soon(runtime::Task task);
  void on_mail(Mail mail);
  void on_durable(uint64_t ticket, Result<storage::ChunkSeq> seq);
  void call_at(int64_t boot_ms, runtime::Task task);
  /// Ends the turn at once; for boot and the simulator.
  void finish_turn();
  /// Why publishers are held back. Any worker may have each of them, for its own sessions or for everybody's.
  enum class Hold : uint8_t { kDisk, kBlobs, kMemory };
  static constexpr size_t kHolds = 3;
  /// One more reason, or one less. Sessions are told of the first and of the end of the last.
  void hold_publishers(Hold why, bool hold);
  bool held_for(Hold why) const { return holds_[static_cast<size_t>(why)] > 0; }
  bool blocked() const {
    return std::ranges::any_of(holds_, [](uint32_t holds) { return holds > 0; });
  }

  /// The worker that owns a shard.
  WorkerId owner_of(ShardId shard) const;

 private:
  struct Parked {
    uint64_t lsn;
    ReplyEnvelope reply;
    runtime::Task task;  ///< instead of a reply
  };

  void execute(Envelope& envelope);
  WorkerId target_of(const Command& command) const;
  void send_reply(ReplyEnvelope reply);
  void deliver_local();
  void release_parked();
  void flush_stage();
  /// At the end of a turn: holds publishers back or lets them go, as memory is.
  void watch_memory();
  void look_again();
  std::string hold_reason() const;

  Broker& broker_;
  WorkerId id_;
  runtime::Loop& loop_;
  Stage stage_;
  storage::SegmentReader segments_;
  Memory memory_;
  ColdReads cold_reads_;
  Counters counters_;
  Partitions partitions_;
  Retention retention_;
  Queues queues_;
  Transfer transfer_;
  Schedule schedule_;
  CatalogService catalog_;
  GroupService groups_;
  Checkpoint checkpoint_;

  std::unordered_map<SessionId, std::unique_ptr<SessionPort>> sessions_;
  std::vector<SessionId> touched_;
  uint64_t next_session_ = 1;
  bool started_ = false;
  std::unordered_map<RequestId, std::move_only_function<void(Reply)>> internal_;
  RequestId next_internal_ = 1;
  std::shared_ptr<const Principal> broker_principal_;

  std::deque<Parked> parked_;
  std::vector<ReplyEnvelope> local_replies_;
  std::vector<NoticeEnvelope> local_notices_;
  std::vector<Mail> outbound_;  ///< by worker
  std::vector<runtime::Task> soon_;
  bool turn_scheduled_ = false;
  bool in_turn_ = false;
  bool lazy_flush_scheduled_ = false;
  std::array<uint32_t, kHolds> holds_{};  ///< by Hold
  bool holding_ = false;                  ///< for want of memory here
  int64_t held_boot_ms_ = 0;
  bool exhausted_ = false;
  bool told_exhausted_ = false;  ///< a session was
  bool failed_ = false;
};

}  // namespace godwit::broker
