#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "runtime/loop.h"

namespace godwit::sim {

class SimLoop;

/// Runs everything of a simulated node on the caller's thread: loops, the disk's executor and whatever else is added as
/// a step. What runs next among the things that could is drawn from the seed; time passes only when nothing can run.
class Scheduler {
 public:
  explicit Scheduler(uint64_t seed) : random_(seed) {}

  Now now() const { return {kWallStart + wall_shift_ms_ + boot_ms_, boot_ms_}; }
  /// Somebody sets the clock.
  void shift_wall(int64_t ms) { wall_shift_ms_ += ms; }
  uint64_t random() { return random_(); }
  /// Uniform in [0, n); n > 0.
  uint64_t below(uint64_t n) { return random_() % n; }

  /// Something that may have work whenever `woken` was called since it last had none.
  void set_step(std::function<bool()> step) { step_ = std::move(step); }
  void wake_step() { step_woken_ = true; }

  /// A slow disk: the step, or a lane, has nothing done before that boot time.
  void hold_step(int64_t until_boot_ms) { step_held_until_ = until_boot_ms; }
  void hold(const SimLoop& lane, int64_t until_boot_ms);

  /// Runs one task, or the step. False when there is nothing to run before time passes.
  bool run_one();
  /// Time goes to the next timer, at most to `boot_ms_max`. False when it was there already.
  bool pass_time(int64_t boot_ms_max);
  /// Timers that have not fired yet.
  size_t pending() const { return timers_.size(); }
  /// Power off: every task and timer is destroyed without being run.
  void clear();

 private:
  friend class SimLoop;
  static constexpr int64_t kWallStart = 1'700'000'000'000;

  std::mt19937_64 random_;
  int64_t boot_ms_ = 1'000;
  int64_t wall_shift_ms_ = 0;
  struct Lane {
    std::deque<runtime::Task> tasks;
    int64_t held_until = 0;
  };
  bool can_run(const Lane& lane) const { return !lane.tasks.empty() && lane.held_until <= boot_ms_; }
  bool can_step() const { return step_woken_ && step_held_until_ <= boot_ms_; }

  std::deque<Lane> lanes_;
  std::multimap<int64_t, std::pair<size_t, runtime::Task>> timers_;
  std::function<bool()> step_;
  bool step_woken_ = false;
  int64_t step_held_until_ = 0;
};

/// One lane of the scheduler: a worker's loop, or the thread that does the disk's work. Tasks run in their order.
class SimLoop final : public runtime::Loop {
 public:
  explicit SimLoop(Scheduler& scheduler);

  void post(runtime::Task task) override { scheduler_.lanes_[lane_].tasks.push_back(std::move(task)); }
  Now now() const override { return scheduler_.now(); }
  void call_at(int64_t boot_ms, runtime::Task task) override {
    scheduler_.timers_.emplace(boot_ms, std::pair(lane_, std::move(task)));
  }
  uint64_t random() override { return scheduler_.random(); }

 private:
  friend class Scheduler;
  Scheduler& scheduler_;
  size_t lane_;
};

}  // namespace godwit::sim
