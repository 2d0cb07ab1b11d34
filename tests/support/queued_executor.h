#pragma once

#include <deque>

#include "runtime/executor.h"

namespace godwit {

/// An executor whose tasks run when the test says so.
class QueuedExecutor final : public runtime::Executor {
 public:
  void post(runtime::Task task) override { tasks_.push_back(std::move(task)); }

  /// Runs everything, also what that posts; whether there was anything.
  bool run() {
    bool ran = false;
    while (!tasks_.empty()) {
      runtime::Task task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
      ran = true;
    }
    return ran;
  }
  size_t waiting() const { return tasks_.size(); }

 private:
  std::deque<runtime::Task> tasks_;
};

}  // namespace godwit
