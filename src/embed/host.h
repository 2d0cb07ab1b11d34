#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/node.h"
#include "broker/options.h"
#include "runtime/disk.h"
#include "runtime/io_thread.h"
#include "runtime/linux/epoll_loop.h"
#include "runtime/linux/loop_thread.h"
#include "runtime/linux/system_clock.h"

namespace godwit::embed {

/// A broker with the threads it runs on: one a worker, one for blobs, and the journal's. The server and the
/// embedding API both hold one. Used from one thread, which is none of these.
class Host {
 public:
  struct Settings {
    std::string directory;
    broker::Options broker;  ///< workers included
    bool repair = false;
    broker::Broker::OnFailure on_failure;  ///< from any thread
    broker::Broker::OnReport on_report;    ///< likewise
    broker::Broker::OnHold on_hold;        ///< on worker 0's thread; may be empty
  };

  /// Locks the directory and recovers what is in it; blocking. No thread runs yet but those for I/O. Errors: as
  /// Node::open.
  static Result<std::unique_ptr<Host>> open(Settings settings);
  /// Ends the threads. What was not stopped before is as after a crash: acknowledged messages are there.
  ~Host();

  /// Starts the workers.
  void start();
  /// Ends the workers' threads; what they own may be destroyed then.
  void join() { threads_.clear(); }
  /// Takes a last checkpoint. `done` runs on worker 0's thread. Sessions are closed before.
  void stop(runtime::Task done);

  broker::Broker& broker() { return node_->broker(); }
  const broker::Node::Recovered& recovered() const { return node_->recovered(); }
  size_t workers() const { return loops_.size(); }
  runtime::EpollLoop& loop(size_t worker) { return *loops_[worker]; }
  const runtime::SystemClock& clock() const { return clock_; }

 private:
  Host();

  runtime::SystemClock clock_;
  std::unique_ptr<runtime::Disk> disk_;
  std::vector<std::unique_ptr<runtime::EpollLoop>> loops_;
  std::unique_ptr<runtime::IoThread> io_;
  std::unique_ptr<runtime::IoThread> reads_;
  std::unique_ptr<broker::Node> node_;
  std::vector<std::unique_ptr<runtime::LoopThread>> threads_;
};

}  // namespace godwit::embed
