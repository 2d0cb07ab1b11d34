#include "runtime/linux/loop_thread.h"

#include <pthread.h>

#include "runtime/linux/time_slice.h"

namespace godwit::runtime {

LoopThread::LoopThread(const char* name, EpollLoop& loop)
    : loop_(loop), thread_([&loop] {
        shorten_time_slices();
        loop.run();
      }) {
  ::pthread_setname_np(thread_.native_handle(), name);
}

LoopThread::~LoopThread() {
  loop_.stop();
  thread_.join();
}

}  // namespace godwit::runtime
