#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/node.h"
#include "broker/worker.h"
#include "sim/sim_disk.h"
#include "sim/sim_loop.h"

namespace godwit::sim {

class SimClient;

/// One machine with one broker on it: a disk, a clock and a scheduler that follow from a seed, and a node that can be
/// started, stopped, killed and cut from its power at any operation of the disk.
class World {
 public:
  struct Setup {
    uint64_t seed = 1;
    uint16_t workers = 1;
    broker::Options broker = small();
    uint64_t disk_bytes = 64ULL << 20;
  };
  /// Options under which a few hundred messages reach checkpoints and the journal's end.
  static broker::Options small();

  explicit World(Setup setup);
  ~World();

  /// Boots the node. Errors are the node's: the disk is as it was, but unlocked.
  Result<void> start();
  /// How many the next start has.
  void set_workers(uint16_t workers);
  bool running() const { return node_ != nullptr; }
  /// What failed the running node, if anything did: it wants a restart.
  const std::optional<Error>& failure() const { return failure_; }
  /// Everything on the disk is durable and the node is gone. False when it failed on the way.
  bool stop();
  /// The process ends at once: unfinished work is lost, what was written stays.
  void kill();
  /// So does the machine: what was not synced may be lost.
  void crash();

  /// Runs what can run, and lets time pass when nothing can, until `done` or `ms_max` are over. True when done.
  bool run_until(const std::function<bool()>& done, int64_t ms_max = 60'000);
  /// Time passes, and everything that happens in it.
  void advance(int64_t ms);
  /// The journal, or the disk's other work, does not move for so long.
  void hold_journal(int64_t ms) { scheduler_.hold_step(now().boot_ms + ms); }
  void hold_disk(int64_t ms) { scheduler_.hold(io_, now().boot_ms + ms); }
  /// At most `tasks` tasks; time stands still.
  void run_some(uint64_t tasks);

  storage::Durability durability() const { return setup_.broker.durability; }
  Now now() const { return scheduler_.now(); }
  void shift_wall(int64_t ms) { scheduler_.shift_wall(ms); }
  SimDisk& disk() { return disk_; }
  Scheduler& scheduler() { return scheduler_; }
  broker::Node& node() { return *node_; }
  broker::Broker& broker() { return node_->broker(); }
  const std::vector<Error>& reports() const { return reports_; }

 private:
  friend class SimClient;
  void power_off();

  Setup setup_;
  Scheduler scheduler_;
  SimDisk disk_;
  std::vector<std::unique_ptr<SimLoop>> loops_;
  SimLoop io_;
  std::unique_ptr<broker::Node> node_;
  std::optional<Error> failure_;
  std::vector<Error> reports_;
  std::vector<SimClient*> clients_;
};

}  // namespace godwit::sim
