#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "model/commands/queue.h"

namespace godwit::protocol::amqp091 {

class Consumer;

/// Where deliveries that await an acknowledgement came from: a consumer's ledger, or basic.get's.
struct Source {
  ConsumerTag tag;
  LedgerId ledger;
  Consumer* consumer = nullptr;  ///< null once cancelled, and for basic.get
  uint64_t open = 0;             ///< deliveries not settled yet
  bool leased = true;            ///< false: a stream's, which no ledger knows of
  bool used = false;
};

/// Settles gathered during one reading, a command for each source and verb.
class Settlements {
 public:
  struct Pending {
    uint32_t source = 0;
    model::Verb verb = model::Verb::kAccept;
    uint64_t messages = 0;
    std::vector<model::OffsetRun> runs;
  };

  void add(uint32_t source, model::Verb verb, Offset first, uint32_t count) {
    Pending& pending = find(source, verb);
    pending.messages += count;
    if (!pending.runs.empty() && pending.runs.back().end() == first)
      pending.runs.back().count += count;
    else
      pending.runs.push_back({first, count});
  }
  bool empty() const { return pending_.empty(); }
  std::vector<Pending> take() { return std::exchange(pending_, {}); }

 private:
  Pending& find(uint32_t source, model::Verb verb) {
    for (Pending& pending : pending_)
      if (pending.source == source && pending.verb == verb) return pending;
    return pending_.emplace_back(Pending{source, verb, 0, {}});
  }

  std::vector<Pending> pending_;
};

}  // namespace godwit::protocol::amqp091
