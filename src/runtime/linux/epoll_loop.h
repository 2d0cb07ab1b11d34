#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <queue>
#include <vector>

#include "base/error.h"
#include "runtime/linux/posix_file.h"
#include "runtime/linux/system_clock.h"
#include "runtime/loop.h"

namespace godwit::runtime {

/// Told when a file descriptor has become ready, on its loop's thread.
class Watcher {
 public:
  virtual ~Watcher() = default;
  struct Ready {
    bool readable = false;
    bool writable = false;
    bool ended = false;  ///< the peer closed or the connection broke: reading tells which
  };
  /// Readiness is told once, when it begins: read, or write, until the call would block. The watcher may unwatch and
  /// destroy itself.
  virtual void on_ready(Ready ready) = 0;
};

/// A worker's loop over epoll, edge-triggered: one registration a descriptor for its whole life, and one wait a turn.
/// A turn dispatches what became ready, then runs what was posted until then, then what is due.
///
/// post() is cheap: on the loop's own thread it appends to a list; from another thread it does so under a lock and
/// wakes the loop only when it sleeps.
class EpollLoop final : public Loop {
 public:
  static Result<std::unique_ptr<EpollLoop>> create(const SystemClock& clock);
  ~EpollLoop() override;

  void post(Task task) override;
  /// Read once a turn.
  Now now() const override;
  void call_at(int64_t boot_ms, Task task) override;
  uint64_t random() override;

  /// On the loop's thread, or before it runs. `watcher` must stay until unwatch(). Errors: kIo.
  Result<void> watch(int fd, Watcher& watcher);
  /// No on_ready follows. Before the descriptor is closed.
  void unwatch(int fd, Watcher& watcher);

  /// Runs turns on the calling thread until stop(). Not again afterwards.
  void run();
  /// From any thread: run() returns at the end of its turn. What is still posted is destroyed with the loop.
  void stop();

 private:
  struct Timer {
    int64_t boot_ms;
    uint64_t order;
    mutable Task task;
    bool operator<(const Timer& other) const {
      return boot_ms != other.boot_ms ? boot_ms > other.boot_ms : order > other.order;
    }
  };

  EpollLoop(const SystemClock& clock, UniqueFd epoll, UniqueFd wake);
  void turn();
  int wait_ms();
  bool prepare_to_sleep();
  void dispatch(int wait_ms);
  void run_posted();
  void run_due();

  // Constant after construction.
  UniqueFd epoll_;
  UniqueFd wake_;

  // Owned by the loop's thread.
  SteadyView view_;
  std::vector<Task> local_;
  std::vector<Task> running_;
  std::priority_queue<Timer> timers_;
  uint64_t timer_order_ = 0;
  uint64_t random_state_;
  std::vector<Watcher*> gone_;  ///< unwatched during this turn's dispatch
  bool dispatching_ = false;

  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<Task> remote_;  ///< guarded by mutex_
  bool sleeping_ = false;     ///< guarded by mutex_
};

}  // namespace godwit::runtime
