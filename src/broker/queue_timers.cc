#include <algorithm>

#include "broker/queues.h"
#include "broker/worker.h"
#include "model/native_message.h"

// What time does to messages: they expire at the head of the queue, leases run out, hidden messages come back, session
// locks are lost, and unused queues are deleted.
namespace godwit::broker {

using model::OffsetRun;

bool Queues::may_expire(const QueueRuntime& q, const model::Batch& batch) const {
  return q.info.settings.message_ttl_ms || batch.header.flags & model::kHasExpiry;
}

std::optional<int64_t> Queues::expires_at(const QueueRuntime& q, const model::Batch& batch, uint32_t index) const {
  std::optional<int64_t> at;
  if (q.info.settings.message_ttl_ms) at = batch.header.append_ms + *q.info.settings.message_ttl_ms;
  if (!(batch.header.flags & model::kHasExpiry) || batch.header.encoding != model::Encoding::kNative) return at;
  model::NativeBatchReader in(batch.payload);
  model::NativeMessage m;
  for (uint32_t i = 0; i < index; ++i) in.skip();
  if (in.next(m) && m.expires_at_ms) at = std::min(at.value_or(*m.expires_at_ms), *m.expires_at_ms);
  return at;
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
    if (!at) break;
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
  std::vector<OffsetRun> lost;
  for (const OffsetRun& run : due.leases)
    for (Offset o = run.first; o < run.end(); ++o)
      if (!q.leaving.contains(o)) engine::append_offset(lost, o);
  if (!lost.empty()) give_back(q, std::move(lost), true, 0);
  for (const std::string& group : due.sessions) {
    q.partition->owner->shard.emit(engine::SessionChanged{.ledger = q.id, .group = group});
    want_pump(q);
  }
  std::erase_if(q.receivers, [&](const QueueRuntime::Waiter& w) {
    if (q.loading || w.call.wait_until_boot_ms > now) return false;  // what is being read may be for it
    worker_.reply(w.session, w.request, model::Received{});
    return true;
  });
  for (const QueueRuntime::Waiter& w : q.receivers)
    if (w.call.wait_until_boot_ms > now) arm(q, w.call.wait_until_boot_ms);
  expire_head(q);
  if (auto next = q.ledger->next_deadline()) arm(q, *next);
  if (!q.info.settings.expires_ms || q.ledger->consumers().active() > 0 || q.id.partition.index != 0) return;
  int64_t unused_until = q.unused_since_boot_ms + *q.info.settings.expires_ms;
  if (unused_until <= now)
    worker_.call(model::DeleteQueue{.name = q.info.name, .if_unused = true}, [](const Result<model::QueueDeleted>&) {});
  else
    arm(q, unused_until);
}

}  // namespace godwit::broker
