#pragma once

#include <set>

#include "sim/workload.h"

namespace godwit::sim {

/// A queue that is not durable, published to and read by calls that settle on delivery: nothing is received twice, or
/// after a restart.
class VolatileQueue final : public Workload {
 public:
  explicit VolatileQueue(Run& run) : Workload(run, 1) {}
  void drain(SimClient&) override {}

 protected:
  void set_up(SimClient& client) override;
  void act(Program& program) override;
  void restarted() override { sent_.clear(); }

 private:
  std::set<std::string> sent_;  ///< and not received
};

}  // namespace godwit::sim
