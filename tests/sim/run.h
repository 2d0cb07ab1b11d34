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
  explicit Run(World::Setup setup) : world(std::move(setup)) {}

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
  Faults* faults = nullptr;

 private:
  uint64_t next_body_ = 0;
  uint32_t next_tag_ = 1;
};

}  // namespace godwit::sim
