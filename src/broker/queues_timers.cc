#include <algorithm>

#include "broker/queues.h"
#include "broker/worker.h"

// What time does to messages: they expire at the head of the queue, leases run out, hidden messages come back, session
// locks are lost, and unused queues are deleted.
namespace godwit::broker {

using model::OffsetRun;

bool Queues::may_expire(const QueueRuntime& q, const model::Batch& batch) const {
  return q.info->settings.message_ttl_ms || batch.header.flags & model::kHasExpiry;
}

const BatchTimes& Queues::times_of(QueueRuntime& q, const model::Batch& batch) {
  if (!q.times || q.times->base() != batch.base_offset()) q.times = std::make_unique<BatchTimes>(batch);
  return *q.times;
}

std::optional<int64_t> Queues::expires_at(QueueRuntime& q, const model::Batch& batch, uint32_t index) {
  std::optional<int64_t> at;
  if (q.info->settings.message_ttl_ms) at = batch.header.append_ms + *q.info->settings.message_ttl_ms;
  if (!(batch.header.flags & model::kHasExpiry)) return at;
  const BatchTimes::Entry* times = times_of(q, batch).find(index);
  if (times && times->expires_at_ms) at = std::min(at.value_or(*times->expires_at_ms), *times->expires_at_ms);
  return at;
}

bool Queues::for_who_waits(QueueRuntime& q, const model::Batch& batch, Offset offset) {
  if (offset < q.offered_end) return false;
  auto at = expires_at(q, batch, static_cast<uint32_t>(offset - batch.base_offset()));
  return at && *at <= batch.header.append_ms;
}

bool Queues::hide_early(QueueRuntime& q, const model::Batch& batch, OffsetRun run) {
  if (!(batch.header.flags & model::kHasDeliverAt)) return false;
  constexpr int64_t kFarMs = 100LL * 365 * 24 * 3600 * 1000;
  Now now = worker_.now();
  auto first = static_cast<uint32_t>(run.first - batch.base_offset());
  bool hidden = false;
  times_of(q, batch).for_each_in(first, first + run.count, [&](const BatchTimes::Entry& e) {
    if (!e.deliver_at_ms || *e.deliver_at_ms <= now.wall_ms) return;
    int64_t until = now.boot_ms + std::min(*e.deliver_at_ms - now.wall_ms, kFarMs);
    if (!q.ledger->hide({batch.base_offset() + e.index, 1}, until)) return;
    hidden = true;
    arm(q, until);
  });
  return hidden;
}

void Queues::watch_times(QueueRuntime& q, const model::Batch& batch) {
  hide_early(q, batch, {batch.base_offset(), batch.header.count});
  q.expires = q.expires || may_expire(q, batch);
}

void Queues::watch_head(QueueRuntime& q) {
  if (!q.expires || q.loading) return;
  std::optional<Offset> head = q.ledger->first_ready(q.partition->visible_end);
  if (!head || head == q.lasting_head) return;
  q.lasting_head.reset();
  expire_head(q);
  bool served = q.ledger->consumers().active() > 0 || !q.receivers.empty();
  if (q.lasting_head && !served) let_go_of_cold(q);  // it was read for its time only
}

bool Queues::expire_head(QueueRuntime& q) {
  std::vector<OffsetRun> expired;
  bool alive = true;
  Now now = worker_.now();
  while (auto head = q.ledger->first_ready(q.partition->visible_end)) {
    const model::Batch* batch = batch_for(q, *head);
    if (!batch && q.loading) break;
    if (!batch) continue;
    auto at = may_expire(q, *batch) ? expires_at(q, *batch, static_cast<uint32_t>(*head - batch->base_offset()))
                                    : std::nullopt;
    if (!at) {
      q.lasting_head = *head;
      break;
    }
    if (*at > now.wall_ms) {
      arm(q, now.boot_ms + (*at - now.wall_ms));
      break;
    }
    alive = false;
    q.ledger->hold({*head, 1}, nullptr);
    engine::append_offset(expired, *head);
  }
  if (!expired.empty()) reject(q, std::move(expired), "expired");
  return alive;
}

void Queues::arm(QueueRuntime& q, int64_t boot_ms) {
  if (q.timer_boot_ms && *q.timer_boot_ms <= boot_ms) return;
  q.timer_boot_ms = boot_ms;
  worker_.call_at(boot_ms, [this, id = q.id, boot_ms] {
    QueueRuntime* again = find(id);
    if (!again || again->timer_boot_ms != boot_ms) return;  // an earlier timer has taken over
    again->timer_boot_ms.reset();
    on_timer(*again);
  });
}

void Queues::on_timer(QueueRuntime& q) {
  int64_t now = worker_.now().boot_ms;
  engine::Ledger::Overdue due = q.ledger->overdue(now);
  if (!due.hidden.empty()) {
    q.ledger->unhide(due.hidden);
    want_pump(q);
  }
  if (!due.leases.empty()) give_back(q, std::move(due.leases), true, 0);
  for (const std::string& group : due.sessions) end_session(q, group);
  std::erase_if(q.receivers, [&](const QueueRuntime::Waiter& w) {
    if (q.loading || w.call.wait_until_boot_ms > now) return false;  // what is being read may be for it
    worker_.reply(w.session, w.request, model::Received{});
    return true;
  });
  for (const QueueRuntime::Waiter& w : q.receivers)
    if (w.call.wait_until_boot_ms > now) arm(q, w.call.wait_until_boot_ms);
  watch_head(q);
  if (auto next = q.ledger->next_deadline()) arm(q, *next);
  if (!q.info->settings.expires_ms || q.ledger->consumers().active() > 0 || q.id.partition.index != 0) return;
  int64_t unused_until = q.unused_since_boot_ms + *q.info->settings.expires_ms;
  if (unused_until <= now)
    delete_unused(q);
  else
    arm(q, unused_until);
}

}  // namespace godwit::broker
