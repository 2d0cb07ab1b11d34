#include <algorithm>

#include "broker/delivery_round.h"
#include "broker/queues.h"
#include "broker/worker.h"
#include "engine/run_list.h"

// Calls that take messages themselves: AMQP's basic.get, SQS's ReceiveMessage, Pub/Sub's Pull; leases with a deadline;
// looking without taking.
namespace godwit::broker {

using model::OffsetRun;

namespace {

/// Several segments' batches side by side, in order.
std::vector<model::Batch> merged(std::vector<model::Batch> cold, std::vector<model::Batch> read) {
  for (model::Batch& batch : read) {
    auto at = std::lower_bound(cold.begin(), cold.end(), batch.base_offset(),
                               [](const model::Batch& b, Offset offset) { return b.base_offset() < offset; });
    if (at == cold.end() || at->base_offset() != batch.base_offset()) cold.insert(at, std::move(batch));
  }
  return cold;
}

}  // namespace

void Queues::run(Envelope& e, model::Receive& c) {
  QueueRuntime* q = find(c.ledger);
  if (!q) return worker_.reply(e.session, e.request, no_queue(c.ledger));
  if (auto allowed = may_use(*q, e.session); !allowed)
    return worker_.reply(e.session, e.request, std::unexpected(allowed.error()));
  if (c.session_group && !has_locked(*q, e.session, *c.session_group))
    return worker_.reply(e.session, e.request, not_locked(*c.session_group));
  note_use(*q);
  q->receivers.push_back({e.session, e.request, std::move(c)});
  serve_receivers(*q);
  if (q->expires || q->plain) want_pump(*q);  // the head is another one now; with nothing left `plain` is let go
  int64_t now = worker_.now().boot_ms;
  for (const QueueRuntime::Waiter& w : q->receivers)
    if (w.call.wait_until_boot_ms > now) arm(*q, w.call.wait_until_boot_ms);
}

void Queues::serve_receivers(QueueRuntime& q) {
  int64_t now = worker_.now().boot_ms;
  std::erase_if(q.receivers, [&](const QueueRuntime::Waiter& w) {
    if (q.loading) return false;
    if (try_receive(q, w.session, w.request, w.call)) return true;
    if (q.loading || w.call.wait_until_boot_ms > now) return false;
    worker_.reply(w.session, w.request, model::Received{});
    return true;
  });
}

bool Queues::try_receive(QueueRuntime& q, SessionId session, RequestId request, const model::Receive& c) {
  model::Received received;
  std::vector<OffsetRun> taken;
  std::vector<OffsetRun> accepted;
  uint64_t call = ++q.calls;
  uint32_t attempt = q.ledger->next_attempt();
  uint32_t left = c.messages_max;
  const std::string* group = c.session_group ? &*c.session_group : nullptr;
  engine::Consumer* holder = nullptr;
  if (c.lease_ms == 0 && c.consumer && !c.settle_on_delivery)
    holder = &q.ledger->consumers().find_or_add_holder({session, *c.consumer});
  while (left > 0) {
    auto run = q.ledger->pick_for_call(q.partition->visible_end, left, call, group);
    if (!run) break;
    const model::Batch* batch = batch_for(q, run->first);
    if (!batch && q.loading) break;
    if (!batch) continue;
    std::optional<Piece> piece = piece_of(q, *batch, *run);
    if (!piece) continue;
    if (c.lease_ms > 0) piece->run.count = 1;  // each message has its own attempt number
    if (received.batches.empty() || received.batches.back().batch.base_offset() != piece->batch->base_offset())
      received.batches.push_back({.ledger = q.id, .batch = *piece->batch});
    add_run(received.batches.back(), piece->run, piece->history, c.lease_ms > 0 ? attempt++ : 0);
    q.ledger->hold(piece->run, holder, call);
    (c.lease_ms > 0 ? taken : accepted).push_back(piece->run);
    left -= piece->run.count;
    worker_.counters().messages_delivered += piece->run.count;
    if (piece->history.redelivered) worker_.counters().messages_redelivered += piece->run.count;
  }
  if (holder && holder->held.empty() && !holder->active) q.ledger->consumers().remove(holder->key);
  if (received.batches.empty()) return false;
  engine::Shard& shard = q.partition->owner->shard;
  uint64_t wait_for = 0;
  if (!taken.empty()) {
    received.lease_until_boot_ms = worker_.now().boot_ms + c.lease_ms;
    shard.emit(engine::Leased{q.id, std::move(taken), received.lease_until_boot_ms, q.ledger->next_attempt()});
    arm(q, received.lease_until_boot_ms);
    if (q.ledger->grouped()) wait_for = q.partition->owner->last_lsn;  // two holders of one group must not exist
  } else if (c.settle_on_delivery) {
    settle_as(q, engine::SettledAs::kAccepted, std::move(accepted));
  } else if (!accepted.empty() && accepted.back().end() > q.marked_end) {
    q.marked_end = accepted.back().end();
    shard.emit(engine::Delivered{q.id, q.marked_end});
  }
  received.remaining = q.ledger->ready();
  if (group) received.session_group = *group;
  worker_.reply(session, request, std::move(received), wait_for);
  return true;
}

void Queues::run(Envelope& e, model::ReceiveDeferred& c) {
  QueueRuntime* q = find(c.ledger);
  if (!q) return worker_.reply(e.session, e.request, no_queue(c.ledger));
  // Deferred messages are rare and recent; those that have left memory are read back one segment at a time.
  for (Offset offset : c.offsets) {
    if (!q->ledger->is_aside(offset) || batch_at(*q, offset)) continue;
    const storage::SegmentRef* segment = q->partition->log.segment_for(offset);
    if (!segment) continue;
    q->gathering = true;
    worker_.segments().read(*segment, offset, 1, [this, e, c, offset](auto batches) mutable {
      QueueRuntime* again = find(c.ledger);
      if (!again) return worker_.reply(e.session, e.request, no_queue(c.ledger));
      again->gathering = false;
      if (!batches) return worker_.reply(e.session, e.request, std::unexpected(batches.error()));
      keep_cold(*again, merged(again->cold, std::move(*batches)));
      if (!batch_at(*again, offset)) std::erase(c.offsets, offset);  // settled meanwhile, and gone
      run(e, c);
    });
    return;
  }
  model::Received received;
  std::vector<OffsetRun> taken;
  uint32_t attempt = q->ledger->next_attempt();
  for (Offset offset : c.offsets) {
    const model::Batch* batch = q->ledger->is_aside(offset) ? batch_at(*q, offset) : nullptr;
    if (!batch) continue;
    received.batches.push_back({.ledger = q->id, .batch = *batch});
    add_run(received.batches.back(), {offset, 1}, q->ledger->history(offset, offset + 1), attempt++);
    taken.push_back({offset, 1});
  }
  if (!taken.empty()) {
    int64_t lease_ms = c.lease_ms > 0 ? c.lease_ms : q->info->settings.lease_ms;
    received.lease_until_boot_ms = worker_.now().boot_ms + lease_ms;
    q->partition->owner->shard.emit(
        engine::Leased{q->id, std::move(taken), received.lease_until_boot_ms, q->ledger->next_attempt()});
    arm(*q, received.lease_until_boot_ms);
  }
  worker_.reply(e.session, e.request, std::move(received));
}

void Queues::run(Envelope& e, model::Renew& c) {
  QueueRuntime* q = find(c.ledger);
  if (!q) return worker_.reply(e.session, e.request, no_queue(c.ledger));
  Result<std::vector<OffsetRun>> runs = claim(*q, e, {.ledger = c.ledger, .runs = c.runs, .attempts = c.attempts});
  if (!runs) return worker_.reply(e.session, e.request, std::unexpected(runs.error()));
  int64_t until = worker_.now().boot_ms + c.lease_ms;
  q->partition->owner->shard.emit(engine::Leased{q->id, std::move(*runs), until, 0});
  arm(*q, until);
  // A renewal is a promise: after a crash nobody else may have the message before that time.
  worker_.reply(e.session, e.request, model::Renewed{until}, q->partition->owner->last_lsn);
}

std::optional<Offset> Queues::add_at_hand(QueueRuntime& q, const std::vector<OffsetRun>& parts, model::Received& to) {
  for (const OffsetRun& part : parts) {
    for (Offset o = part.first; o < part.end();) {
      const model::Batch* batch = batch_at(q, o);
      if (!batch && q.partition->log.segment_for(o)) return o;
      if (!batch) break;  // settled meanwhile, and gone
      Offset end = std::min(part.end(), batch->end_offset());
      to.batches.push_back({.ledger = q.id, .batch = *batch});
      engine::Ledger::History history = q.ledger->history(o, end);
      end = std::min(end, history.same_until);
      add_run(to.batches.back(), {o, static_cast<uint32_t>(end - o)}, history, 0);
      o = end;
    }
  }
  return std::nullopt;
}

void Queues::run(Envelope& e, model::Peek& c) {
  QueueRuntime* q = find(c.ledger);
  if (!q) return worker_.reply(e.session, e.request, no_queue(c.ledger));
  model::Received received;
  std::vector<OffsetRun> wanted;
  uint32_t left = c.messages_max;
  Offset before;
  q->ledger->for_each_unsettled_in(c.from, q->partition->visible_end, [&](Offset first, Offset end) {
    if (first < before) left = c.messages_max;  // the next lane
    before = first;
    auto n = static_cast<uint32_t>(std::min<int64_t>(end - first, left));
    if (n > 0) wanted.push_back({first, n});
    left -= n;
  });
  std::optional<Offset> missing = add_at_hand(*q, engine::first_of(std::move(wanted), c.messages_max), received);
  if (missing && received.batches.empty()) {
    const storage::SegmentRef& segment = *q->partition->log.segment_for(*missing);
    read_cold(segment, *missing, [this, e, c, segment, from = *missing](auto read) mutable {
      QueueRuntime* again = find(c.ledger);
      if (!again) return worker_.reply(e.session, e.request, no_queue(c.ledger));
      if (!read) return worker_.reply(e.session, e.request, std::unexpected(read.error()));
      keep_cold(*again, std::move(*read));
      settle_hole(*again, segment, from);
      run(e, c);
    });
    return;
  }
  received.remaining = q->ledger->ready();
  worker_.reply(e.session, e.request, std::move(received));
}

}  // namespace godwit::broker
