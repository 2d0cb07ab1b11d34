#include "sim/sim_loop.h"

#include <algorithm>
#include <utility>

namespace godwit::sim {

SimLoop::SimLoop(Scheduler& scheduler) : scheduler_(scheduler), lane_(scheduler.lanes_.size()) {
  scheduler.lanes_.emplace_back();
}

bool Scheduler::run_one() {
  size_t ready = step_woken_ ? 1 : 0;
  for (const auto& lane : lanes_) ready += lane.empty() ? 0 : 1;
  if (ready == 0) return false;
  size_t chosen = below(ready);
  for (auto& lane : lanes_) {
    if (lane.empty() || chosen-- > 0) continue;
    runtime::Task task = std::move(lane.front());
    lane.pop_front();
    task();
    return true;
  }
  if (!step_()) step_woken_ = false;
  return true;
}

bool Scheduler::pass_time(int64_t boot_ms_max) {
  if (boot_ms_ >= boot_ms_max) return false;
  int64_t next = timers_.empty() ? boot_ms_max : timers_.begin()->first;
  boot_ms_ = std::max(boot_ms_, std::min(next, boot_ms_max));
  while (!timers_.empty() && timers_.begin()->first <= boot_ms_) {
    auto& [lane, task] = timers_.begin()->second;
    lanes_[lane].push_back(std::move(task));
    timers_.erase(timers_.begin());
  }
  return true;
}

void Scheduler::clear() {
  // A destroyed task may post another: go on until it is quiet.
  while (true) {
    auto lanes = std::exchange(lanes_, {});
    lanes_.resize(lanes.size());
    auto timers = std::exchange(timers_, {});
    bool empty =
        timers.empty() && std::all_of(lanes.begin(), lanes.end(), [](const auto& lane) { return lane.empty(); });
    if (empty) break;
  }
  step_ = {};
  step_woken_ = false;
}

}  // namespace godwit::sim
