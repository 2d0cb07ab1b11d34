#include <algorithm>
#include <utility>

#include "broker/queues.h"
#include "broker/worker.h"
#include "engine/run_list.h"

// What becomes of messages that were handed out, or whose time is over: settled, given back, made dead letters.
namespace godwit::broker {

using model::OffsetRun;

namespace {

/// What the broker itself makes a dead letter of, and could not read, stays out of the way so long.
constexpr int64_t kReadAgainMs = 1000;

/// As a record has it, at most: two numbers of variable length.
constexpr size_t kRunBytesMax = 15;

uint64_t count_of(const std::vector<OffsetRun>& runs) {
  uint64_t n = 0;
  for (const OffsetRun& run : runs) n += run.count;
  return n;
}

/// Settling counts down what keeps a batch for others too: it must happen once for each message.
std::vector<OffsetRun> unsettled_of(const engine::Ledger& ledger, std::vector<OffsetRun> runs) {
  std::vector<OffsetRun> unsettled;
  unsettled.reserve(runs.size());
  for (const OffsetRun& run : engine::in_order(std::move(runs)))
    ledger.for_each_unsettled_in(run.first, run.end(), [&](Offset first, Offset end) {
      unsettled.push_back({first, static_cast<uint32_t>(end - first)});
    });
  return unsettled;
}

}  // namespace

Result<std::vector<OffsetRun>> Queues::claim(QueueRuntime& q, const Envelope& e, const model::Settle& c) {
  std::vector<OffsetRun> runs;
  if (c.consumer) {
    engine::Consumer* consumer = q.ledger->consumers().find({e.session, *c.consumer});
    if (consumer) {
      runs = q.ledger->let_go(*consumer, c.runs);
      q.ledger->consumers().grant(*consumer, c.credit);
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
    runs = engine::in_order(std::move(runs));  // who names a message twice has one
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

void Queues::settle_holes(QueueRuntime& q, std::vector<OffsetRun> runs) {
  in_records(std::move(runs), [&](std::vector<OffsetRun> some) {
    q.partition->owner->shard.emit(engine::Settled{q.id, engine::SettledAs::kExpired, std::move(some)});
  });
}

uint64_t Queues::settle_as(QueueRuntime& q, engine::SettledAs as, std::vector<OffsetRun> runs) {
  runs = unsettled_of(*q.ledger, std::move(runs));
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
  return n;
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

}  // namespace godwit::broker
