#include "broker/delivery_round.h"

#include "broker/worker.h"

namespace godwit::broker {

void add_run(model::DeliveredBatch& delivered, const model::OffsetRun& run, const engine::Ledger::History& history,
             uint32_t attempt) {
  model::DeliveredRun next{.index = static_cast<uint32_t>(run.first - delivered.batch.base_offset()),
                           .count = run.count,
                           .failed = history.mark.failed,
                           .acquired = history.mark.acquired,
                           .attempt = attempt,
                           .redelivered = history.redelivered};
  if (!delivered.runs.empty() && attempt == 0) {
    model::DeliveredRun& last = delivered.runs.back();
    if (last.index + last.count == next.index && last.redelivered == next.redelivered && last.failed == next.failed &&
        last.acquired == next.acquired && last.attempt == 0) {
      last.count += next.count;
      return;
    }
  }
  delivered.runs.push_back(next);
}

void DeliveryRound::add(engine::Consumer& consumer, const QueueRuntime& q, const model::Batch& batch,
                        const model::OffsetRun& run, const engine::Ledger::History& history, uint32_t attempt) {
  Open* mine = nullptr;
  for (size_t i = open_.size(); i-- > 0 && !mine;) {
    if (open_[i].key != consumer.key) continue;
    if (open_[i].delivered.batch.base_offset() != batch.base_offset()) break;
    mine = &open_[i];
  }
  if (!mine) mine = &open_.emplace_back(Open{consumer.key, {.ledger = q.id, .batch = batch}});
  add_run(mine->delivered, run, history, attempt);
}

void DeliveryRound::send(Worker& worker) {
  for (Open& open : open_) worker.notify(open.key.session, Delivery{open.key.tag, std::move(open.delivered)});
  open_.clear();
}

}  // namespace godwit::broker
