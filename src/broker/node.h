#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "broker/options.h"
#include "runtime/disk.h"
#include "runtime/executor.h"
#include "runtime/loop.h"

namespace godwit::broker {

/// A broker over one data directory: opens the journal and the blobs, recovers what they hold, and keeps the journal's
/// writer going. The server, the embedding API and the simulator all build on this.
class Node {
 public:
  struct Parts {
    runtime::Disk* disk = nullptr;       ///< locked by the node
    std::vector<runtime::Loop*> loops;   ///< one a worker; their number is the number of workers
    runtime::Executor* io = nullptr;     ///< runs blob writes
    runtime::Executor* reads = nullptr;  ///< runs blob reads; null: `io` does
    Broker::OnFailure on_failure;
    Broker::OnReport on_report;
    Broker::OnHold on_hold;  ///< may be empty
    /// The simulator's: called when step_journal() has something to do. Empty: the node has a thread for it.
    std::function<void()> journal_wake;
    std::function<int64_t()> wall_ms;  ///< for the journal's chunks
    uint64_t random[2] = {0, 0};       ///< of this boot: no two boots of a directory may have the same
  };
  struct Recovered {
    uint64_t chunks = 0;       ///< read: from the last that the journal's superblock knew to be needed
    uint64_t entries = 0;      ///< in these
    uint64_t replayed = 0;     ///< of the entries: what no snapshot contained
    uint64_t torn_bytes = 0;   ///< of the last chunk, dropped
    uint64_t cut_off = 0;      ///< chunks dropped because one before them was lost unsynced
    int64_t last_wall_ms = 0;  ///< of the newest chunk
    std::string damaged_copy;  ///< where --repair kept what it could not read
  };

  /// Blocking; before the loops run. Errors: kInUse: another process has the directory; kCorrupt: damage, see repair;
  /// kUnsupported: written by a newer release.
  static Result<std::unique_ptr<Node>> open(Options options, Parts parts, bool repair = false);
  ~Node();

  Broker& broker();
  const Recovered& recovered() const;
  /// Writes one chunk if there is anything to write; false when there is not.
  bool step_journal();
  /// On each worker's loop, once it runs: queues begin to hand out, timers to run.
  void start();
  /// Takes a last checkpoint, so that the next start has nothing to replay; `done` runs on worker 0's loop when
  /// everything is durable. Sessions are closed before.
  void stop(runtime::Task done);

 private:
  struct State;
  explicit Node(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace godwit::broker
