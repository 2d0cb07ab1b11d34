#include "sim/workload.h"

#include "base/check.h"

namespace godwit::sim {

Workload::Workload(Run& run, size_t programs) : run_(run) {
  for (size_t i = 0; i < programs; ++i) programs_.emplace_back(run);
}

void Workload::begin() {
  for (Program& p : programs_) p.connect();
  set_up(programs_[0].client());
}

void Workload::act() {
  Program& p = any_program();
  if (run_.chance(40)) return reconnect(p);
  act(p);
}

void Workload::reconnect(Program& p) {
  forget(p, false);
  p.drop();
  p.connect();
}

void Workload::lost() {
  for (Program& p : programs_) {
    forget(p, true);
    p.lost();
  }
  restarted();
}

void Workload::leave() {
  for (Program& p : programs_) {
    forget(p, false);
    p.drop();
  }
}

void Workload::declare(SimClient& client, const std::string& queue, const model::QueueSettings& settings) {
  auto declared = run_.must(client, model::DeclareQueue{.name = {.text = queue}, .settings = settings}, "declare");
  if (declared && run_.boot > 1 && declared->created) run_.verdict.broken(fmt::format("queue {} was lost", queue));
}

uint64_t Workload::pending() const {
  uint64_t all = 0;
  for (const Program& p : programs_) all += p.pending();
  return all;
}

size_t Workload::index_of(const Program& program) const {
  for (size_t i = 0; i < programs_.size(); ++i)
    if (&programs_[i] == &program) return i;
  CHECK(false);
  return 0;
}

}  // namespace godwit::sim
