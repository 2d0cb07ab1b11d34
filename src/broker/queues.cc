#include "broker/queues.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/check.h"
#include "broker/message_bytes.h"
#include "broker/worker.h"

namespace godwit::broker {

using model::OffsetRun;

std::unexpected<Error> no_queue(LedgerId id) {
  return fail(ErrorCode::kNotFound, fmt::format("queue {} does not exist", id.queue.value));
}

namespace {

/// Credit ends at the largest number, which stands for no limit.
void grant(QueueRuntime& q, engine::Consumer& consumer, uint32_t credit) {
  credit = std::min(credit, std::numeric_limits<uint32_t>::max() - consumer.credit);
  q.ledger->consumers().set_credit(consumer, consumer.credit + credit);
}

/// What the broker itself makes a dead letter of, and could not read, stays out of the way so long.
constexpr int64_t kReadAgainMs = 1000;

constexpr int64_t kRunMax = std::numeric_limits<uint32_t>::max();
/// As a record has it, at most: two numbers of variable length.
constexpr size_t kRunBytesMax = 15;

/// What the log is known not to have of [start, end): whoever was there before has settled it.
std::vector<OffsetRun> holes(const storage::PartitionLog& log, Offset start, Offset end) {
  std::vector<OffsetRun> runs;
  auto add = [&](Offset until) {
    for (; start < until; start = runs.back().end())
      runs.push_back({start, static_cast<uint32_t>(std::min<int64_t>(until - start, kRunMax))});
  };
  log.for_each_piece([&](Offset base, Offset piece_end, uint64_t, int64_t, int64_t) {
    add(std::min(base, end));
    start = std::max(start, piece_end);
  });
  add(end);
  return runs;
}

uint64_t count_of(const std::vector<OffsetRun>& runs) {
  uint64_t n = 0;
  for (const OffsetRun& run : runs) n += run.count;
  return n;
}

}  // namespace

QueueRuntime* Queues::find(LedgerId id) {
  auto it = queues_.find(id);
  return it == queues_.end() ? nullptr : it->second.get();
}

QueueRuntime& Queues::open(const Shared<model::QueueInfo>& info, PartitionRuntime& partition) {
  LedgerId id{info->id, partition.id};
  std::unique_ptr<QueueRuntime>& q = queues_[id];
  if (!q) {
    q = std::make_unique<QueueRuntime>(id, info);
    q->partition = &partition;
    engine::Shard& shard = partition.owner->shard;
    if (!shard.ledger(id)) {
      Offset start = info->start == model::Start::kEnd ? partition.facts->end : partition.log_start;
      shard.emit(engine::LedgerOpened{id, start,
                                      static_cast<uint8_t>(std::min(info->settings.priorities, uint8_t{254}) + 1),
                                      info->settings.ordering != model::Ordering::kNone});
      partition.log.add_live(start, partition.facts->end, 1);
      if (worker_.started())
        in_records(holes(partition.log, start, partition.facts->end), [&](std::vector<OffsetRun> some) {
          shard.emit(engine::Settled{id, engine::SettledAs::kExpired, std::move(some)});
        });
    }
    q->ledger = shard.ledger(id);
    find_holes(*q);
    q->marked_end = q->ledger->delivered_end();
    q->unused_since_boot_ms = worker_.now().boot_ms;
    partition.queues.push_back(q.get());
  }
  q->info = info;
  q->expires = q->expires || info->settings.message_ttl_ms.has_value();
  if (info->settings.bytes_max && !q->ledger->counts_bytes()) count_bytes(*q->ledger, partition.log);
  if (info->settings.expires_ms) arm(*q, q->unused_since_boot_ms + *info->settings.expires_ms);
  if (auto deadline = q->ledger->next_deadline()) arm(*q, *deadline);
  want_pump(*q);
  return *q;
}

void Queues::find_holes(QueueRuntime& q) {
  // A topic's own queue was there before anything was settled, and what came after a queue is kept for it.
  if (q.info->own || q.info->start == model::Start::kEnd) return;
  for (const storage::SegmentRef& s : q.partition->log.segments()) {
    bool has_gaps = s.messages < static_cast<uint64_t>(s.end_offset - s.base_offset);
    if (has_gaps && q.ledger->unsettled_in(s.base_offset, s.end_offset) > 0) q.holes_end = s.end_offset;
  }
}

void Queues::close(LedgerId id) {
  auto it = queues_.find(id);
  if (it == queues_.end()) return;
  QueueRuntime& q = *it->second;
  PartitionRuntime& p = *q.partition;
  q.ledger->consumers().for_each([&](engine::Consumer& c) {
    if (c.active) worker_.notify(c.key.session, ConsumerCancelled{id, c.key.tag});
  });
  for (const QueueRuntime::Waiter& w : q.receivers) worker_.reply(w.session, w.request, no_queue(id));
  let_go_of_plain(q);
  let_go_of_cold(q);
  std::vector<std::pair<Offset, Offset>> unsettled;
  q.ledger->for_each_unsettled_in(Offset(0), p.facts->end,
                                  [&](Offset first, Offset end) { unsettled.emplace_back(first, end); });
  p.owner->shard.emit(engine::LedgerClosed{id});
  std::erase(p.queues, &q);
  std::unique_ptr<QueueRuntime> gone = std::move(it->second);
  queues_.erase(it);
  for (auto [first, end] : unsettled) worker_.partitions().settled(p, first, end);
  worker_.retention().move_log_start(p);
}

Result<void> Queues::may_use(const QueueRuntime& q, SessionId session) const {
  if (q.info->exclusive_session != 0 && q.info->exclusive_session != session.value)
    return fail(ErrorCode::kExclusive, fmt::format("queue '{}' is exclusive to another connection", q.info->name.text));
  return {};
}

void Queues::note_use(QueueRuntime& q) { q.unused_since_boot_ms = worker_.now().boot_ms; }

void Queues::run(Envelope& e, model::Attach& c) {
  QueueRuntime* q = find(c.ledger);
  if (!q) return worker_.reply(e.session, e.request, no_queue(c.ledger));
  if (auto allowed = may_use(*q, e.session); !allowed)
    return worker_.reply(e.session, e.request, std::unexpected(allowed.error()));
  engine::Consumers& consumers = q->ledger->consumers();
  if (consumers.has_exclusive() || (c.exclusive && consumers.active() > 0))
    return worker_.reply(
        e.session, e.request,
        fail(ErrorCode::kExclusive, fmt::format("queue '{}' is consumed exclusively", q->info->name.text)));
  if (consumers.find({e.session, c.tag}))
    return worker_.reply(e.session, e.request,
                         fail(ErrorCode::kAlreadyExists, fmt::format("consumer {} exists", c.tag.value)));
  model::Attached attached{.ready = q->ledger->ready()};
  std::optional<std::string> group;
  if (c.session_group) {
    Error error{ErrorCode::kTimeout, "no session is free"};
    attached.lock_until_boot_ms = worker_.now().boot_ms + q->info->settings.lease_ms;
    group = lock_session(*q, *c.session_group, attached.lock_until_boot_ms, error);
    if (!group) return worker_.reply(e.session, e.request, std::unexpected(error));
    attached.session_group = *group;
  }
  consumers.add({.key = {e.session, c.tag},
                 .credit = c.credit,
                 .priority = c.priority,
                 .exclusive = c.exclusive,
                 .settle_on_delivery = c.settle_on_delivery,
                 .shared_credit = c.shared_credit,
                 .session_group = group});
  q->had_consumer = true;
  note_use(*q);
  worker_.reply(e.session, e.request, std::move(attached), group ? q->partition->owner->last_lsn : 0);
  want_pump(*q);
}

void Queues::run(Envelope& e, model::Grant& c) {
  QueueRuntime* q = find(c.ledger);
  if (!q) return;
  engine::Consumer* consumer = q->ledger->consumers().find({e.session, c.tag});
  if (!consumer) return;
  grant(*q, *consumer, c.credit);
  want_pump(*q);
}

void Queues::detach(QueueRuntime& q, engine::Consumer& consumer, bool release) {
  if (release && consumer.session_group) {
    q.ledger->consumers().deactivate(consumer);  // it knows
    return end_session(q, std::string(*consumer.session_group));
  }
  if (release && !consumer.held.empty()) {
    std::vector<OffsetRun> runs;
    consumer.held.for_each(
        [&](Offset first, Offset end) { runs.push_back({first, static_cast<uint32_t>(end - first)}); });
    consumer.held.clear();
    give_back(q, std::move(runs), true, 0);
  }
  q.ledger->consumers().deactivate(consumer);
  q.ledger->consumers().set_credit(consumer, 0);
  if (consumer.held.empty()) q.ledger->consumers().remove(consumer.key);
}

void Queues::run(Envelope& e, model::Detach& c) {
  QueueRuntime* q = find(c.ledger);
  if (!q) return worker_.reply(e.session, e.request, model::Detached{});
  std::vector<engine::Consumer*> leaving;
  q->ledger->consumers().for_each([&](engine::Consumer& consumer) {
    if (consumer.key.session == e.session && (c.tag == model::kEveryConsumer || consumer.key.tag == c.tag))
      leaving.push_back(&consumer);
  });
  for (engine::Consumer* consumer : leaving) detach(*q, *consumer, c.release);
  if (c.tag == model::kEveryConsumer)
    std::erase_if(q->receivers, [&](const auto& w) { return w.session == e.session; });
  worker_.reply(e.session, e.request, model::Detached{});
  consumers_changed(*q);
}

void Queues::consumers_changed(QueueRuntime& q) {
  note_use(q);
  want_pump(q);
  if (q.info->settings.expires_ms) arm(q, q.unused_since_boot_ms + *q.info->settings.expires_ms);
  if (!q.info->settings.auto_delete || !q.had_consumer || q.ledger->consumers().active() > 0) return;
  if (q.id.partition.index != 0) return;  // every consumer attaches to all ledgers; one of them decides
  delete_unused(q);
}

/// Somebody may delete it first and declare another of its name.
void Queues::delete_unused(const QueueRuntime& q) {
  QueueId only = worker_.options().plant == testing::Plant::kDeleteByName ? QueueId() : q.info->id;
  worker_.call(model::DeleteQueue{.name = q.info->name, .if_unused = true, .only = only},
               [](const Result<model::QueueDeleted>&) {});
}

Result<std::vector<OffsetRun>> Queues::claim(QueueRuntime& q, const Envelope& e, const model::Settle& c) {
  std::vector<OffsetRun> runs;
  if (c.consumer) {
    engine::Consumer* consumer = q.ledger->consumers().find({e.session, *c.consumer});
    if (consumer) {
      runs = q.ledger->let_go(*consumer, c.runs);
      grant(q, *consumer, c.credit);
      if (c.credit > 0) want_pump(q);
      if (!consumer->active && consumer->held.empty()) q.ledger->consumers().remove(consumer->key);
    }
  } else {
    size_t i = 0;
    for (const OffsetRun& run : c.runs) {
      for (Offset o = run.first; o < run.end() && i < c.attempts.size(); ++o, ++i) {
        auto lease = q.ledger->leases().find(o);
        if (lease == q.ledger->leases().end() || lease->second.attempt != c.attempts[i]) continue;
        if (q.ledger->is_leaving(o)) continue;
        engine::append_offset(runs, o);
      }
    }
  }
  if (runs.empty()) return fail(ErrorCode::kLeaseLost, "none of the messages is leased so any more");
  return runs;
}

void Queues::run(Envelope& e, model::Settle& c) {
  QueueRuntime* q = find(c.ledger);
  if (!q) return worker_.reply(e.session, e.request, no_queue(c.ledger));
  Result<std::vector<OffsetRun>> runs = claim(*q, e, c);
  if (!runs) return worker_.reply(e.session, e.request, std::unexpected(runs.error()));
  uint64_t n = count_of(*runs);
  auto done = [this, session = e.session, request = e.request, ledger = c.ledger, n,
               durable = c.durable_reply](const Result<void>& result) {
    QueueRuntime* again = find(ledger);
    if (!again) return worker_.reply(session, request, no_queue(ledger));
    if (!result) return worker_.reply(session, request, std::unexpected(result.error()));
    worker_.reply(session, request, model::Settled{n}, durable ? again->partition->owner->last_lsn : 0);
  };
  switch (c.verb) {
    case model::Verb::kAccept: settle_as(*q, engine::SettledAs::kAccepted, std::move(*runs)); break;
    case model::Verb::kRelease: give_back(*q, std::move(*runs), false, c.delay_ms); break;
    case model::Verb::kFail: give_back(*q, std::move(*runs), true, c.delay_ms); break;
    case model::Verb::kReject:
      return reject(*q, std::move(*runs), c.reason.empty() ? "rejected" : c.reason, std::move(done));
    case model::Verb::kDefer:
      in_records(std::move(*runs), [&](std::vector<OffsetRun> some) {
        q->partition->owner->shard.emit(engine::Deferred{q->id, std::move(some)});
      });
      group_freed(*q);
      break;
  }
  done({});
}

template <class F>
void Queues::in_records(std::vector<OffsetRun> runs, F&& emit) const {
  const size_t at_once = worker_.stage().record_bytes_max() / kRunBytesMax;
  if (runs.size() <= at_once) return runs.empty() ? void() : emit(std::move(runs));
  for (auto at = runs.begin(); at != runs.end();) {
    auto until = at + std::min<ptrdiff_t>(runs.end() - at, static_cast<ptrdiff_t>(at_once));
    emit(std::vector<OffsetRun>(at, until));
    at = until;
  }
}

void Queues::settle_as(QueueRuntime& q, engine::SettledAs as, std::vector<OffsetRun> runs) {
  uint64_t n = count_of(runs);
  Counters& counters = worker_.counters();
  switch (as) {
    case engine::SettledAs::kAccepted: counters.messages_accepted += n; break;
    case engine::SettledAs::kRejected: counters.messages_rejected += n; break;
    case engine::SettledAs::kExpired: counters.messages_expired += n; break;
    case engine::SettledAs::kDropped: counters.messages_dropped += n; break;
    case engine::SettledAs::kPurged: break;
  }
  const testing::Plant bug = worker_.options().plant;
  bool lost = as == engine::SettledAs::kPurged ? bug == testing::Plant::kLostPurge
                                               : bug == testing::Plant::kLostSettle && worker_.checkpoint().running();
  in_records(std::move(runs), [&](std::vector<OffsetRun> some) {
    engine::Settled record{q.id, as, std::move(some)};
    if (lost) {
      q.partition->owner->shard.emit(engine::Settled{q.id, as, {}});
      q.ledger->apply(record);
    } else {
      q.partition->owner->shard.emit(record);
    }
    for (const OffsetRun& run : record.runs) worker_.partitions().settled(*q.partition, run.first, run.end());
  });
  group_freed(q);
}

/// What stood behind a message of its group may be handed out, or be the next that has expired.
void Queues::group_freed(QueueRuntime& q) {
  if (q.ledger->grouped()) want_pump(q);
}

void Queues::give_back(QueueRuntime& q, std::vector<OffsetRun> runs, bool failed, int64_t delay_ms) {
  worker_.counters().messages_returned += count_of(runs);
  std::vector<OffsetRun> poisoned;
  if (failed && q.info->settings.delivery_limit) {
    std::vector<OffsetRun> healthy;
    for (const OffsetRun& run : runs) {
      for (Offset o = run.first; o < run.end();) {
        auto h = q.ledger->history(o, run.end());
        auto n = static_cast<uint32_t>(h.same_until - o);
        (h.mark.failed + 1 > *q.info->settings.delivery_limit ? poisoned : healthy).push_back({o, n});
        o = h.same_until;
      }
    }
    runs = std::move(healthy);
  }
  if (!poisoned.empty()) reject(q, std::move(poisoned), "delivery_limit");
  if (runs.empty()) return;
  int64_t hidden_until = delay_ms > 0 ? worker_.now().boot_ms + delay_ms : 0;
  in_records(std::move(runs), [&](std::vector<OffsetRun> some) {
    q.partition->owner->shard.emit(engine::Returned{q.id, std::move(some), failed, hidden_until});
  });
  if (hidden_until > 0) arm(q, hidden_until);
  want_pump(q);
}

void Queues::reject(QueueRuntime& q, std::vector<OffsetRun> runs, const std::string& reason, Rejected then) {
  engine::SettledAs as = reason == "expired"  ? engine::SettledAs::kExpired
                         : reason == "maxlen" ? engine::SettledAs::kDropped
                                              : engine::SettledAs::kRejected;
  if (!q.info->settings.dead_letter) {
    settle_as(q, as, std::move(runs));
    return then({});
  }
  for (const OffsetRun& run : runs) q.ledger->leave(run);
  worker_.transfer().dead_letter(
      q, std::move(runs), reason,
      [this, id = q.id, as](std::vector<OffsetRun> copied) {
        if (QueueRuntime* again = find(id)) settle_as(*again, as, std::move(copied));
      },
      [this, id = q.id, as, then = std::move(then)](std::vector<OffsetRun> left, const Result<void>& result) {
        QueueRuntime* again = find(id);
        then(result);
        if (again && !left.empty())
          give_back(*again, std::move(left), false, as == engine::SettledAs::kRejected ? 0 : kReadAgainMs);
      });
}

void Queues::run(Envelope& e, model::Purge& c) {
  QueueRuntime* q = find(c.ledger);
  if (!q) return worker_.reply(e.session, e.request, no_queue(c.ledger));
  if (auto allowed = may_use(*q, e.session); !allowed)
    return worker_.reply(e.session, e.request, std::unexpected(allowed.error()));
  std::vector<OffsetRun> runs = q->ledger->oldest_ready(q->ledger->ready());
  uint64_t n = count_of(runs);
  if (n > 0) settle_as(*q, engine::SettledAs::kPurged, std::move(runs));
  worker_.reply(e.session, e.request, model::Purged{n}, q->partition->owner->last_lsn);
}

void Queues::run(Envelope& e, model::DescribeLedger& c) {
  QueueRuntime* q = find(c.ledger);
  if (!q) return worker_.reply(e.session, e.request, no_queue(c.ledger));
  if (c.uses) note_use(*q);
  if (q->pump_wanted) serve(*q);
  uint64_t unseen = q->ledger->ready_in(q->partition->visible_end, q->partition->facts->end);
  worker_.reply(e.session, e.request,
                model::LedgerDescribed{.ready = q->ledger->ready() - unseen,
                                       .leased = q->ledger->leased(),
                                       .delayed = q->ledger->hidden(),
                                       .deferred = q->ledger->deferred().count(),
                                       .consumers = q->ledger->consumers().active()});
}

}  // namespace godwit::broker
