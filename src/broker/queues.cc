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

constexpr int64_t kRunMax = std::numeric_limits<uint32_t>::max();
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
      if (worker_.started()) settle_holes(*q, holes(partition.log, start, partition.facts->end));
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
  if (c.shared_credit) q->ledger->consumers().share_credit(*consumer);
  q->ledger->consumers().grant(*consumer, c.credit);
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

void Queues::run(Envelope& e, model::Purge& c) {
  QueueRuntime* q = find(c.ledger);
  if (!q) return worker_.reply(e.session, e.request, no_queue(c.ledger));
  if (auto allowed = may_use(*q, e.session); !allowed)
    return worker_.reply(e.session, e.request, std::unexpected(allowed.error()));
  uint64_t n = settle_as(*q, engine::SettledAs::kPurged, q->ledger->oldest_ready(q->ledger->ready()));
  worker_.reply(e.session, e.request, model::Purged{n}, q->partition->owner->last_lsn);
}

void Queues::run(Envelope& e, model::DescribeLedger& c) {
  QueueRuntime* q = find(c.ledger);
  if (!q) return worker_.reply(e.session, e.request, no_queue(c.ledger));
  if (c.uses) note_use(*q);
  if (q->pump_wanted) serve(*q);
  const Offset shown = q->partition->visible_end, end = q->partition->facts->end;
  uint64_t unseen = q->ledger->ready_in(shown, end);
  uint64_t unseen_bytes = q->ledger->counts_bytes() ? q->ledger->ready_bytes_in(shown, end) : 0;
  worker_.reply(e.session, e.request,
                model::LedgerDescribed{.ready = q->ledger->ready() - unseen,
                                       .leased = q->ledger->leased(),
                                       .delayed = q->ledger->hidden(),
                                       .deferred = q->ledger->deferred().count(),
                                       .consumers = q->ledger->consumers().active(),
                                       .ready_bytes = q->ledger->ready_bytes() - unseen_bytes});
}

}  // namespace godwit::broker
