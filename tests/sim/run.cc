#include "sim/run.h"

#include "sim/faults.h"

namespace godwit::sim {

void Run::crash() {
  if (!power_may_fail_) return world.kill();
  world.crash();
  lost_power = world.durability() == storage::Durability::kOs;
}

std::string Run::new_body(const std::string& kind) {
  std::string body = fmt::format("{}-{}-", kind, next_body_++);
  body.resize(body.size() + (chance(20) ? below(9'000) : below(900)), '.');
  return body;
}

void Run::refused(const char* what, const Error& error) {
  if (!faults->excuses(error)) verdict.broken(fmt::format("{} refused: {}", what, error.message));
}

}  // namespace godwit::sim
