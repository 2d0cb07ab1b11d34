#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "sim/oracle.h"
#include "sim/sim_client.h"
#include "sim/sim_world.h"

namespace godwit::sim {

class Faults;

/// What all parts of one simulation share: the machine, the seed's choices, and the verdict.
class Run {
 public:
  Run(World::Setup setup, bool power_may_fail) : world(std::move(setup)), power_may_fail_(power_may_fail) {}

  /// The machine stops at once; in a run that does not have that, the process.
  void crash();

  uint64_t below(uint64_t n) { return world.scheduler().below(n); }
  bool chance(uint64_t one_in) { return below(one_in) == 0; }
  /// One that was never used before.
  std::string new_body(const std::string& kind);
  uint32_t new_tag() { return next_tag_++; }
  /// A command was refused: that breaks the run, unless a fault that was injected excuses it.
  void refused(const char* what, const Error& error);
  /// Nothing is broken, and the broker runs.
  bool alive() { return verdict.ok() && world.running() && !world.failure() && !world.disk().stopped(); }

  /// A command that a healthy broker must not refuse; the world runs until its reply is there.
  template <class C>
  std::optional<typename C::ReplyType> must(SimClient& client, C command, const char* what) {
    if (!verdict.ok()) return std::nullopt;
    auto reply = client.ask(std::move(command));
    if (reply) return std::move(*reply);
    verdict.broken(fmt::format("{}: {}", what, reply.error().message));
    return std::nullopt;
  }

  World world;
  Verdict verdict;
  uint64_t boot = 0;  ///< numbers the broker's lives
  /// Power failed in the last life, and with durability "os" a tail of what was answered may be lost.
  bool lost_power = false;
  Faults* faults = nullptr;

 private:
  const bool power_may_fail_;
  uint64_t next_body_ = 0;
  uint32_t next_tag_ = 1;
};

}  // namespace godwit::sim
