#pragma once

#include <utility>
#include <vector>

#include "broker/runtimes.h"

namespace godwit::broker {

class Worker;

/// Collects what one round of a queue's pump hands out, so that each consumer gets one Delivery a batch.
class DeliveryRound {
 public:
  /// `run` lies within `batch`; equal neighbours join.
  void add(engine::Consumer& consumer, const QueueRuntime& q, const model::Batch& batch, const model::OffsetRun& run,
           const engine::Ledger::History& history, uint32_t attempt = 0);
  /// Sends everything to the consumers' sessions.
  void send(Worker& worker);
  bool empty() const { return open_.empty(); }

 private:
  struct Open {
    engine::ConsumerKey key;
    model::DeliveredBatch delivered;
  };
  std::vector<Open> open_;
};

/// Appends to what is handed out of one batch, joining neighbours of equal history.
void add_run(model::DeliveredBatch& delivered, const model::OffsetRun& run, const engine::Ledger::History& history,
             uint32_t attempt);

}  // namespace godwit::broker
