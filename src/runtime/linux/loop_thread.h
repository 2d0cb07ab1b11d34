#pragma once

#include <thread>

#include "runtime/linux/epoll_loop.h"

namespace godwit::runtime {

/// A thread that runs one loop.
class LoopThread {
 public:
  /// `name` as the operating system shows it, up to 15 bytes. `loop` outlives the thread.
  LoopThread(const char* name, EpollLoop& loop);
  /// Stops the loop and waits for the end of its turn. Not from the loop's own thread.
  ~LoopThread();

 private:
  EpollLoop& loop_;
  std::thread thread_;
};

}  // namespace godwit::runtime
