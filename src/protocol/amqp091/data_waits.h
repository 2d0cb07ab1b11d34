#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "broker/session.h"

namespace godwit::protocol::amqp091 {

/// Stream readers of one connection that wait for data. A partition may be awaited once a session (AwaitData), so
/// readers of the same partition share one wait.
class DataWaits {
 public:
  using Wake = std::move_only_function<void(bool gone)>;

  /// Calls `wake` once, when there may be something at `beyond` or after a while; gone: the partition is no more.
  void wait(broker::SessionHost& host, broker::Calls& calls, PartitionId partition, Offset beyond, Wake wake) {
    Waiting& waiting = waiting_[partition];
    waiting.wakes.push_back(std::move(wake));
    if (waiting.asked && waiting.beyond <= beyond) return;
    waiting.asked = true;
    waiting.beyond = beyond;
    uint64_t ask = ++waiting.ask;
    calls.call(host, model::AwaitData{partition, beyond, host.now().boot_ms + kWaitMs},
               [this, partition, ask](Result<model::DataAwaited> reply) { answered(partition, ask, !reply); });
  }

 private:
  static constexpr int64_t kWaitMs = 30'000;

  struct Waiting {
    std::vector<Wake> wakes;
    bool asked = false;
    Offset beyond;
    uint64_t ask = 0;
  };

  void answered(PartitionId partition, uint64_t ask, bool gone) {
    auto it = waiting_.find(partition);
    if (it == waiting_.end() || it->second.ask != ask) return;  // a later wait took this one's place
    std::vector<Wake> wakes = std::move(it->second.wakes);
    it->second.wakes.clear();
    it->second.asked = false;
    for (Wake& wake : wakes) wake(gone);
  }

  std::unordered_map<PartitionId, Waiting> waiting_;
};

}  // namespace godwit::protocol::amqp091
