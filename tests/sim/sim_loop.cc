#include "sim/sim_loop.h"

#include <algorithm>
#include <utility>

namespace godwit::sim {

SimLoop::SimLoop(Scheduler& scheduler) : scheduler_(scheduler), lane_(scheduler.lanes_.size()) {
  scheduler.lanes_.emplace_back();
}

void Scheduler::hold(const SimLoop& lane, int64_t until_boot_ms) { lanes_[lane.lane_].held_until = until_boot_ms; }

bool Scheduler::run_one() {
  size_t ready = can_step() ? 1 : 0;
  for (const Lane& lane : lanes_) ready += can_run(lane) ? 1 : 0;
  if (ready == 0) return false;
  size_t chosen = below(ready);
  for (Lane& lane : lanes_) {
    if (!can_run(lane) || chosen-- > 0) continue;
    runtime::Task task = std::move(lane.tasks.front());
    lane.tasks.pop_front();
    task();
    return true;
  }
  if (!step_()) step_woken_ = false;
  return true;
}

bool Scheduler::pass_time(int64_t boot_ms_max) {
  if (boot_ms_ >= boot_ms_max) return false;
  int64_t next = timers_.empty() ? boot_ms_max : timers_.begin()->first;
  if (step_woken_) next = std::min(next, step_held_until_);
  for (const Lane& lane : lanes_)
    if (!lane.tasks.empty()) next = std::min(next, lane.held_until);
  boot_ms_ = std::max(boot_ms_, std::min(next, boot_ms_max));
  while (!timers_.empty() && timers_.begin()->first <= boot_ms_) {
    auto& [lane, task] = timers_.begin()->second;
    lanes_[lane].tasks.push_back(std::move(task));
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
        timers.empty() && std::all_of(lanes.begin(), lanes.end(), [](const Lane& lane) { return lane.tasks.empty(); });
    if (empty) break;
  }
  step_ = {};
  step_woken_ = false;
  step_held_until_ = 0;
}

}  // namespace godwit::sim
