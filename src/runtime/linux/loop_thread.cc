#include "runtime/linux/loop_thread.h"

#include <pthread.h>

namespace godwit::runtime {

LoopThread::LoopThread(const char* name, EpollLoop& loop) : loop_(loop), thread_([&loop] { loop.run(); }) {
  ::pthread_setname_np(thread_.native_handle(), name);
}

LoopThread::~LoopThread() {
  loop_.stop();
  thread_.join();
}

}  // namespace godwit::runtime
