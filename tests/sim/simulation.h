#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "broker/options.h"
#include "sim/faults.h"
#include "sim/workload.h"

namespace godwit::sim {

/// One run: a few lives of one broker under a few kinds of workload, with faults, each life ended by a stop, a kill or
/// a power failure, often in the middle of the disk's work. Everything follows from the seed.
///
/// Checked all along: what each workload's oracle knows, memory is accounted for, every command is answered. At
/// restarts after a kill: what is replayed equals what was, twice. At the end: everything drains.
class Simulation {
 public:
  /// `only`: one kind of workload by its name, or empty: the seed's choice.
  Simulation(uint64_t seed, broker::testing::Plant plant, const std::string& only = {});
  /// What was broken; empty when all was well.
  std::string run();
  static std::vector<std::string> kinds();

 private:
  void boot();
  void live();
  void go_down();
  void kill_failed();
  void begin();
  void lost();
  void leave();
  void answer_all();
  void drain();
  std::string state_of_broker();
  /// Kills the broker when nothing is under way and compares what the next ones replay.
  void kill_and_compare();
  void check_memory(bool drained);

  Run run_;
  Faults faults_;
  std::vector<std::unique_ptr<Workload>> workloads_;
};

}  // namespace godwit::sim
