#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace godwit::runtime {

/// A thread that steps one machine: after each wake() it calls `step` until that returns false, then waits. Before the
/// first it steps nothing: what is stepped may still be prepared on the thread that made this one.
/// The simulator calls the same `step` from its scheduler instead.
class StepThread {
 public:
  /// `name` as the operating system shows it, up to 15 bytes.
  StepThread(const char* name, std::function<bool()> step);
  /// Ends as by stop().
  ~StepThread();

  /// There may be work. From any thread; cheap when the thread is already at work.
  void wake();
  /// Returns when the step under way has ended; no further one begins.
  void stop();

 private:
  void run();

  std::function<bool()> step_;
  std::atomic<uint32_t> wakes_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace godwit::runtime
