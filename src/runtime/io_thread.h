#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "runtime/executor.h"

namespace godwit::runtime {

/// An Executor with a thread of its own, for calls that block.
class IoThread final : public Executor {
 public:
  /// `name` as the operating system shows it, up to 15 bytes.
  explicit IoThread(const char* name);
  /// Ends as by stop().
  ~IoThread() override;

  void post(Task task) override;
  /// Runs what was posted before, then ends the thread. What is posted later is destroyed without being run.
  void stop();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;  ///< guarded by mutex_
  bool stopping_ = false;   ///< guarded by mutex_
  std::thread thread_;
};

}  // namespace godwit::runtime
