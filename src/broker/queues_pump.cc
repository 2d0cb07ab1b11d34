#include <algorithm>

#include <fmt/format.h>

#include "broker/broker.h"
#include "broker/delivery_round.h"
#include "broker/queues.h"
#include "broker/worker.h"
#include "model/kafka_message.h"

// Handing out: whenever something may have become ready or somebody may have got credit, the queue is pumped once at
// the end of the turn.
namespace godwit::broker {

using model::OffsetRun;

void Queues::want_pump(QueueRuntime& q) {
  if (q.pump_wanted) return;
  q.pump_wanted = true;
  pump_list_.push_back(q.id);
  worker_.wake();
}

void Queues::pump_wanted() {
  std::vector<LedgerId> list = std::exchange(pump_list_, {});
  for (LedgerId id : list) {
    QueueRuntime* q = find(id);
    if (q && q->pump_wanted) serve(*q);
  }
}

void Queues::serve(QueueRuntime& q) {
  q.pump_wanted = false;
  if (!q.loading) pump(q);
  drop_excess(q);
  watch_head(q);
}

model::Batch* Queues::batch_at(QueueRuntime& q, Offset offset) {
  if (model::Batch* batch = q.partition->log.find(offset)) return batch;
  auto it = std::upper_bound(q.cold.begin(), q.cold.end(), offset,
                             [](Offset o, const model::Batch& b) { return o < b.end_offset(); });
  return it == q.cold.end() || it->base_offset() > offset ? nullptr : &*it;
}

void Queues::keep_cold(QueueRuntime& q, std::vector<model::Batch> read) {
  let_go_of_cold(q);
  for (const model::Batch& batch : read) q.cold_bytes += batch.bytes();
  q.cold = std::move(read);
  add_read_bytes(static_cast<int64_t>(q.cold_bytes));
}

void Queues::let_go_of_cold(QueueRuntime& q) {
  add_read_bytes(-static_cast<int64_t>(std::exchange(q.cold_bytes, 0)));
  q.cold = {};
}

void Queues::let_go_of_idle() {
  if (read_bytes_ == 0) return;
  for (auto& [id, q] : queues_) {
    if (q->pump_wanted) continue;
    let_go_of_plain(*q);
    if (!q->gathering) let_go_of_cold(*q);
  }
}

void Queues::add_read_bytes(int64_t bytes) {
  read_bytes_ += bytes;
  worker_.memory().add(Memory::Use::kReads, bytes);
}

void Queues::read_cold(const storage::SegmentRef& segment, Offset from, storage::SegmentReader::OnRead done) {
  constexpr uint64_t kReadAheadBytes = 1_MiB;
  ++worker_.counters().cold_reads;
  worker_.segments().read(segment, from, kReadAheadBytes, std::move(done));
}

void Queues::load(QueueRuntime& q, const storage::SegmentRef& segment, Offset from) {
  q.loading = true;
  read_cold(segment, from, [this, id = q.id, segment, from](auto batches) {
    QueueRuntime* again = find(id);
    if (!again) return;
    again->loading = false;
    if (!batches) return load_failed(*again, batches.error());
    keep_cold(*again, std::move(*batches));
    settle_hole(*again, segment, from);
    want_pump(*again);
  });
}

void Queues::settle_hole(QueueRuntime& q, const storage::SegmentRef& segment, Offset from) {
  if (batch_at(q, from) || !q.ledger->is_unsettled(from)) return;
  Offset end = hole_end(q, segment, from);
  settle_as(q, engine::SettledAs::kExpired, {{from, static_cast<uint32_t>(end - from)}});
}

Offset Queues::hole_end(const QueueRuntime& q, const storage::SegmentRef& segment, Offset from) {
  return std::max(from + 1, q.cold.empty() ? segment.end_offset : q.cold.front().base_offset());
}

/// Whoever waits is told; consumers, who cannot be, get theirs when a later attempt succeeds.
void Queues::load_failed(QueueRuntime& q, const Error& error) {
  constexpr int64_t kRetryMs = 1000;
  worker_.broker().report(error);
  for (const QueueRuntime::Waiter& w : std::exchange(q.receivers, {}))
    worker_.reply(w.session, w.request, std::unexpected(error));
  worker_.call_at(worker_.now().boot_ms + kRetryMs, [this, id = q.id] {
    if (QueueRuntime* again = find(id)) want_pump(*again);
  });
}

/// Nobody could be given a message of it. The log keeps the batch for those who read it as it is.
void Queues::drop_damaged(QueueRuntime& q, const model::Batch& batch, const Error& error) {
  worker_.broker().report({error.code, fmt::format("queue {}: the batch at offset {} is dropped: {}", q.info->name.text,
                                                   batch.base_offset().value, error.message)});
  settle_as(q, engine::SettledAs::kRejected, {{batch.base_offset(), batch.header.count}});
}

const model::Batch* Queues::batch_for(QueueRuntime& q, Offset offset) {
  if (model::Batch* batch = batch_at(q, offset)) {
    // One that was there before the first queue is looked at now.
    auto indexed = model::index_batch(*batch, q.partition->inflated_bytes_max());
    if (indexed) return batch;
    drop_damaged(q, *batch, indexed.error());
    return nullptr;
  }
  if (const storage::SegmentRef* segment = q.partition->log.segment_for(offset)) {
    if (!q.loading) load(q, *segment, offset);
  } else {
    Offset next = std::max(offset + 1, q.partition->log.next_in_memory(offset, q.partition->facts->end));
    settle_as(q, engine::SettledAs::kExpired, {{offset, static_cast<uint32_t>(next - offset)}});
  }
  return nullptr;
}

const model::Batch* Queues::plain_of(QueueRuntime& q, const model::Batch& batch) {
  if (q.plain && q.plain->base_offset() == batch.base_offset()) return q.plain.get();
  Result<model::Batch> plain = model::plain_batch(batch);
  if (!plain) return drop_damaged(q, batch, plain.error()), nullptr;
  if (plain->payload.data() == batch.payload.data()) return &batch;
  let_go_of_plain(q);
  add_read_bytes(static_cast<int64_t>(plain->payload.size()));
  q.plain = std::make_unique<model::Batch>(std::move(*plain));
  return q.plain.get();
}

void Queues::let_go_of_plain(QueueRuntime& q) {
  if (q.plain) add_read_bytes(-static_cast<int64_t>(q.plain->payload.size()));
  q.plain.reset();
}

std::optional<Queues::Piece> Queues::piece_of(QueueRuntime& q, const model::Batch& holder, OffsetRun run) {
  const model::Batch* batch = &holder;
  if (may_expire(q, *batch)) {
    if (!for_who_waits(q, *batch, run.first) && !expire_head(q)) return std::nullopt;
    batch = batch_at(q, run.first);  // the head may have been another message, which is gone now
    if (!batch) return std::nullopt;
    run.count = 1;
  }
  Offset end = std::min(run.end(), batch->end_offset());
  if (hide_early(q, *batch, {run.first, static_cast<uint32_t>(end - run.first)})) return std::nullopt;
  engine::Ledger::History history = q.ledger->history(run.first, end);
  run.count = static_cast<uint32_t>(std::min(end, history.same_until) - run.first);
  batch = plain_of(q, *batch);
  if (!batch) return std::nullopt;
  return Piece{batch, run, history};
}

void Queues::pump(QueueRuntime& q) {
  if (!q.receivers.empty()) serve_receivers(q);
  DeliveryRound round;
  std::vector<OffsetRun> accepted;
  Offset visible = q.partition->visible_end;
  Offset delivered_end = q.marked_end;
  Counters& counters = worker_.counters();
  const bool single = q.info->settings.single_active_consumer;
  while (auto pick = q.ledger->pick(visible, single)) {
    const model::Batch* batch = batch_for(q, pick->run.first);
    if (!batch && q.loading) break;
    if (!batch) continue;
    std::optional<Piece> piece = piece_of(q, *batch, pick->run);
    if (!piece) continue;
    const OffsetRun run = piece->run;
    engine::Consumer& consumer = *pick->consumer;
    q.ledger->consumers().set_credit(consumer, consumer.credit - run.count);
    counters.messages_delivered += run.count;
    if (piece->history.redelivered) counters.messages_redelivered += run.count;
    round.add(consumer, q, *piece->batch, run, piece->history);
    if (consumer.settle_on_delivery) {
      q.ledger->hold(run, nullptr);
      accepted.push_back(run);
    } else {
      q.ledger->hold(run, &consumer);
      delivered_end = std::max(delivered_end, run.end());
    }
  }
  round.send(worker_);
  if (!accepted.empty()) settle_as(q, engine::SettledAs::kAccepted, std::move(accepted));
  if (delivered_end > q.marked_end) {
    q.marked_end = delivered_end;
    q.partition->owner->shard.emit(engine::Delivered{q.id, delivered_end});
  }
  if (q.loading) return;
  q.offered_end = visible;
  bool more = q.ledger->first_ready(visible).has_value();
  if (!more || worker_.memory().exhausted()) let_go_of_plain(q);
  if (!more && !q.gathering) let_go_of_cold(q);
  if (q.ledger->consumers().sharing() == 0) return;
  q.ledger->consumers().for_each([&](engine::Consumer& c) {
    if (!c.active || !c.shared_credit) return;
    if (c.credit > 0 && !more) {
      worker_.notify(c.key.session, CreditReturned{q.id, c.key.tag, c.credit});
      q.ledger->consumers().set_credit(c, 0);
      c.waiting = true;
    } else if (c.credit == 0 && more && c.waiting) {
      worker_.notify(c.key.session, ReadyNotice{q.id, c.key.tag});
      c.waiting = false;
    }
  });
}

}  // namespace godwit::broker
