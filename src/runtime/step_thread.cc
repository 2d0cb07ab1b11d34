#include "runtime/step_thread.h"

#include <pthread.h>

#include <utility>

#include "runtime/linux/time_slice.h"

namespace godwit::runtime {

StepThread::StepThread(const char* name, std::function<bool()> step) : step_(std::move(step)) {
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), name);
}

StepThread::~StepThread() { stop(); }

void StepThread::wake() {
  wakes_.fetch_add(1, std::memory_order_release);
  wakes_.notify_one();
}

void StepThread::stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true);
  wake();
  thread_.join();
}

void StepThread::run() {
  shorten_time_slices();
  uint32_t seen = 0;
  while (!stopping_.load()) {
    wakes_.wait(seen, std::memory_order_acquire);
    seen = wakes_.load(std::memory_order_acquire);
    while (!stopping_.load(std::memory_order_relaxed) && step_()) {
    }
  }
}

}  // namespace godwit::runtime
