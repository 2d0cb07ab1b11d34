#include "sim/run.h"

#include "sim/faults.h"

namespace godwit::sim {

std::string Run::new_body(const std::string& kind) {
  std::string body = fmt::format("{}-{}-", kind, next_body_++);
  body.resize(body.size() + (chance(20) ? below(9'000) : below(900)), '.');
  return body;
}

void Run::refused(const char* what, const Error& error) {
  if (!faults->excuses(error)) verdict.broken(fmt::format("{} refused: {}", what, error.message));
}

}  // namespace godwit::sim
