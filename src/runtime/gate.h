#pragma once

#include <mutex>
#include <utility>

#include "runtime/executor.h"

namespace godwit::runtime {

/// The way to an executor for threads that may outlive it: once closed, nothing reaches it. Any thread may use it.
class Gate {
 public:
  /// `inside` stays until the gate is closed.
  explicit Gate(Executor& inside) : inside_(inside) {}

  /// False when it is closed: `task` is destroyed without being run.
  bool post(Task task) {
    std::lock_guard lock(mutex_);
    if (!closed_) inside_.post(std::move(task));
    return !closed_;
  }
  /// Closes it behind `last`. False when it was closed before.
  bool close(Task last) {
    std::lock_guard lock(mutex_);
    if (std::exchange(closed_, true)) return false;
    inside_.post(std::move(last));
    return true;
  }

 private:
  Executor& inside_;
  std::mutex mutex_;
  bool closed_ = false;  ///< guarded by mutex_
};

}  // namespace godwit::runtime
