#include "broker/worker.h"

#include <algorithm>

#include "base/check.h"
#include "broker/authorize.h"
#include "broker/broker.h"
#include "model/placement.h"

namespace godwit::broker {

Worker::Worker(Broker& broker, WorkerId id, runtime::Loop& loop)
    : broker_(broker),
      id_(id),
      loop_(loop),
      stage_(id, broker),
      segments_(broker.blobs(), loop),
      memory_(broker.options()),
      cold_reads_(segments_, memory_, [this] { wake(); }),
      partitions_(*this),
      retention_(*this),
      queues_(*this),
      transfer_(*this),
      schedule_(*this),
      catalog_(*this),
      groups_(*this),
      checkpoint_(*this),
      broker_principal_(std::make_shared<Principal>(Principal{"godwit", true})),
      outbound_(broker.options().workers) {}

Worker::~Worker() = default;

void Worker::start() {
  groups_.restart();
  schedule_.restart();
  transfer_.restart();
  checkpoint_.restart();
  retention_.start();
  started_ = true;
  wake();
}

const Options& Worker::options() const { return broker_.options(); }

WorkerId Worker::owner_of(ShardId shard) const { return broker_.owner_of(shard); }

SessionPort& Worker::open_session(const std::function<std::unique_ptr<Session>(SessionHost&)>& make,
                                  Connection& connection) {
  SessionId id = make_session_id(id_, next_session_++);
  auto port = std::make_unique<SessionPort>(*this, id, connection);
  port->start(make(*port));
  ++counters_.sessions_opened;
  SessionPort& opened = *sessions_.emplace(id, std::move(port)).first->second;
  if (blocked()) notify(id, PublishersBlocked{true, hold_reason()});
  touch(opened);
  return opened;
}

void Worker::close_session(SessionId id) {
  auto it = sessions_.find(id);
  if (it == sessions_.end()) return;
  std::unique_ptr<SessionPort> port = std::move(it->second);
  sessions_.erase(it);
  ++counters_.sessions_closed;
  port->account(0);
  port->session().on_closed();
  for (LedgerId ledger : port->ledgers())
    submit({id, 0, broker_principal_, model::Detach{.ledger = ledger, .tag = model::kEveryConsumer, .release = true}});
  // It waits no longer: a wait of the same session and partition answers the earlier one.
  for (const auto& [request, partition] : port->waits())
    submit({id, 0, broker_principal_, model::AwaitData{.partition = partition}});
  for (const model::QueueInfo& queue : catalog_.exclusive_queues_of(id))
    call(model::DeleteQueue{.name = queue.name, .only = queue.id}, [](const Result<model::QueueDeleted>&) {});
  wake();
}

SessionPort* Worker::session(SessionId id) {
  auto it = sessions_.find(id);
  return it == sessions_.end() ? nullptr : it->second.get();
}

void Worker::touch(SessionPort& port) {
  if (!port.touched) {
    port.touched = true;
    touched_.push_back(port.id());
  }
  wake();
}

namespace {

template <class>
constexpr bool kAlwaysFalse = false;

/// Where a command is executed: the shard it goes to, or every worker, or the catalog's.
template <class C>
std::optional<ShardId> shard_of_command(const C& command) {
  if constexpr (requires { command.partition.topic; })
    return model::shard_of(command.partition);
  else if constexpr (requires { command.ledger; })
    return model::shard_of(command.ledger.partition);
  else if constexpr (requires { command.group; })
    return model::shard_of_group(kGroupSpace, command.group);
  else
    return std::nullopt;
}

}  // namespace

WorkerId Worker::target_of(const Command& command) const {
  return std::visit(
      [&](const auto& c) {
        if (auto shard = shard_of_command(c)) return owner_of(*shard);
        if constexpr (std::is_same_v<std::decay_t<decltype(c)>, model::ListGroups>) return id_;
        return owner_of(ShardId(kCatalogShard));
      },
      command);
}

void Worker::submit(Envelope envelope) {
  wake();
  if (auto allowed = authorize(*envelope.principal, envelope.command); !allowed) {
    reply(envelope.session, envelope.request, std::unexpected(allowed.error()));
    return;
  }
  WorkerId target = target_of(envelope.command);
  if (target == id_)
    execute(envelope);
  else
    outbound_[target.value].commands.push_back(std::move(envelope));
}

void Worker::execute(Envelope& e) {
  std::visit(
      [&](auto& command) {
        using C = std::decay_t<decltype(command)>;
        if constexpr (requires { partitions_.run(e, command); })
          partitions_.run(e, command);
        else if constexpr (requires { queues_.run(e, command); })
          queues_.run(e, command);
        else if constexpr (requires { groups_.run(e, command); })
          groups_.run(e, command);
        else if constexpr (requires { catalog_.run(e, command); })
          catalog_.run(e, command);
        else
          static_assert(kAlwaysFalse<C>, "a command without a home");
      },
      e.command);
}

void Worker::reply(SessionId session, RequestId request, Reply reply, uint64_t lsn) {
  wake();
  if (lsn > stage_.durable_lsn() && options().plant != testing::Plant::kAckBeforeSync) {
    stage_.hurry();
    if (!parked_.empty()) lsn = std::max(lsn, parked_.back().lsn);
    parked_.push_back({lsn, {session, request, std::move(reply)}, {}});
    return;
  }
  send_reply({session, request, std::move(reply)});
}

void Worker::when_durable(uint64_t lsn, runtime::Task task) {
  if (lsn > stage_.durable_lsn()) stage_.hurry();
  wake();
  // Also one that has nothing to wait for: tasks run in the order in which they were given.
  if (!parked_.empty()) lsn = std::max(lsn, parked_.back().lsn);
  parked_.push_back({lsn, {SessionId(), 0, model::Detached{}}, std::move(task)});
}

void Worker::send_reply(ReplyEnvelope reply) {
  WorkerId home = worker_of(reply.session);
  if (home == id_)
    local_replies_.push_back(std::move(reply));
  else
    outbound_[home.value].replies.push_back(std::move(reply));
}

void Worker::notify(SessionId session, Notice notice) {
  wake();
  WorkerId home = worker_of(session);
  if (home == id_)
    local_notices_.push_back({session, std::move(notice)});
  else
    outbound_[home.value].notices.push_back({session, std::move(notice)});
}

void Worker::wake() {
  if (turn_scheduled_ || in_turn_) return;
  turn_scheduled_ = true;
  loop_.post([this] { finish_turn(); });
}

void Worker::run_soon(runtime::Task task) {
  soon_.push_back(std::move(task));
  wake();
}

void Worker::on_mail(Mail mail) {
  wake();
  // A reply must not overtake a delivery that was sent before it: a consumer gets nothing after the answer to its end.
  if (!mail.replies.empty() && !local_notices_.empty()) deliver_local();
  for (Envelope& envelope : mail.commands) execute(envelope);
  std::move(mail.replies.begin(), mail.replies.end(), std::back_inserter(local_replies_));
  std::move(mail.notices.begin(), mail.notices.end(), std::back_inserter(local_notices_));
}

void Worker::deliver_local() {
  // Sessions answer by submitting more, which may be answered at once: go round until it is quiet.
  std::vector<ReplyEnvelope> replies = std::exchange(local_replies_, {});
  for (ReplyEnvelope& r : replies) {
    if (is_worker_itself(r.session)) {
      auto it = internal_.find(r.request);
      if (it == internal_.end()) continue;
      auto then = std::move(it->second);
      internal_.erase(it);
      then(std::move(r.reply));
    } else if (SessionPort* port = session(r.session); port && r.request != 0) {
      port->on_reply(r.request, std::move(r.reply));
    }
  }
  std::vector<NoticeEnvelope> notices = std::exchange(local_notices_, {});
  // A delivery to a session that is gone comes back with the session's Detach.
  for (NoticeEnvelope& n : notices)
    if (SessionPort* port = session(n.session)) port->on_notice(std::move(n.notice));
}

void Worker::finish_turn() {
  turn_scheduled_ = false;
  in_turn_ = true;
  auto is_quiet = [this] {
    bool none_due = parked_.empty() || parked_.front().lsn > stage_.durable_lsn();
    return none_due && soon_.empty() && local_replies_.empty() && local_notices_.empty() && touched_.empty() &&
           !queues_.wants_pump();
  };
  // What a turn brings about is done in the same turn, unless that goes on and on: others wait.
  constexpr int kRoundsMax = 64;
  for (int round = 0; round == 0 || (round < kRoundsMax && !is_quiet()); ++round) {
    std::vector<runtime::Task> soon = std::exchange(soon_, {});
    for (runtime::Task& task : soon) task();
    release_parked();
    queues_.pump_wanted();
    deliver_local();
    std::vector<SessionId> touched = std::exchange(touched_, {});
    for (SessionId id : touched) {
      SessionPort* port = session(id);
      if (!port) continue;
      port->touched = false;
      port->connection().session_changed();
    }
  }
  in_turn_ = false;
  if (!is_quiet()) wake();
  for (size_t i = 0; i < outbound_.size(); ++i) {
    if (!outbound_[i].empty()) broker_.send(WorkerId(static_cast<uint16_t>(i)), std::exchange(outbound_[i], {}));
  }
  flush_stage();
  checkpoint_.consider();
  watch_memory();
}

/// Who waited for memory goes on with what has come, and who holds what can be made again lets go of it.
void Worker::look_again() {
  std::vector<SessionId> all;
  all.reserve(sessions_.size());
  for (auto& [id, port] : sessions_) all.push_back(id);
  for (SessionId id : all)
    if (SessionPort* port = session(id)) port->on_writable();
}

bool Worker::memory_exhausted() {
  if (!memory_.exhausted()) return false;
  told_exhausted_ = true;
  wake();  // memory may come back before a turn has seen that there was none
  return true;
}

void Worker::watch_memory() {
  // Long enough that publishers are not told many times a second.
  constexpr int64_t kHoldMsMin = 100;
  if (memory_.exhausted()) queues_.let_go_of_idle();
  bool was_exhausted = std::exchange(exhausted_, memory_.exhausted());
  bool comes_back = !exhausted_ && std::exchange(told_exhausted_, false);
  if (exhausted_ != was_exhausted || comes_back) look_again();
  if (!holding_ && memory_.publishers_too_many()) {
    holding_ = true;
    held_boot_ms_ = now().boot_ms;
    ++counters_.publisher_holds;
    call_at(held_boot_ms_ + kHoldMsMin, [] {});
  } else if (holding_ && memory_.publishers_welcome() && now().boot_ms >= held_boot_ms_ + kHoldMsMin) {
    holding_ = false;
  } else {
    return;
  }
  broker_.run_on_each([hold = holding_](Worker& worker) { worker.hold_publishers(Hold::kMemory, hold); });
}

void Worker::flush_stage() {
  constexpr uint64_t kLazyBytesMax = 256_KiB;
  if (stage_.empty() || failed_) return;
  if (stage_.urgent() || stage_.staged_bytes() >= kLazyBytesMax) {
    ++counters_.journal_flushes;
    stage_.flush();
    return;
  }
  if (lazy_flush_scheduled_) return;
  lazy_flush_scheduled_ = true;
  loop_.call_at(now().boot_ms + options().lazy_flush_ms, [this] {
    lazy_flush_scheduled_ = false;
    stage_.hurry();
    wake();
  });
}

void Worker::on_durable(uint64_t ticket, Result<storage::ChunkSeq> seq) {
  if (!seq) {
    failed_ = true;
    broker_.fail(seq.error());
    return;
  }
  stage_.on_durable(ticket, *seq);
  partitions_.on_durable(stage_.durable_lsn());
  release_parked();
  wake();
}

void Worker::release_parked() {
  for (size_t n = parked_.size(); n > 0 && parked_.front().lsn <= stage_.durable_lsn(); --n) {
    Parked next = std::move(parked_.front());
    parked_.pop_front();
    if (next.task)
      next.task();
    else
      send_reply(std::move(next.reply));
  }
}

void Worker::call_at(int64_t boot_ms, runtime::Task task) {
  loop_.call_at(boot_ms, [this, task = std::move(task)]() mutable {
    task();
    wake();
  });
}

namespace {

std::string_view to_text(Worker::Hold why) {
  switch (why) {
    case Worker::Hold::kDisk: return "the disk is down to its reserve";
    case Worker::Hold::kBlobs: return "blobs cannot be stored";
    case Worker::Hold::kMemory: return "memory is short";
  }
  return "";
}

}  // namespace

std::string Worker::hold_reason() const {
  for (size_t why = 0; why < kHolds; ++why)
    if (holds_[why] > 0) return std::string(to_text(static_cast<Hold>(why)));
  return "";
}

void Worker::hold_publishers(Hold why, bool hold) {
  bool before = blocked();
  uint32_t& holds = holds_[static_cast<size_t>(why)];
  CHECK(hold || holds > 0);
  holds += hold ? 1 : -1;
  // Each worker watches the same disk, and tells all of them of its memory: one of them speaks for the broker.
  if (id_ == WorkerId(0) && holds == (hold ? 1 : 0)) broker_.report_hold(to_text(why), hold);
  if (blocked() == before) return;
  for (auto& [id, port] : sessions_) notify(id, PublishersBlocked{hold, hold ? hold_reason() : ""});
}

}  // namespace godwit::broker
