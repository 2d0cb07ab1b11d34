#include "sim/simulation.h"

#include <algorithm>

#include "base/check.h"
#include "sim/replica.h"
#include "sim/workloads/carried_records.h"
#include "sim/workloads/connection_queues.h"
#include "sim/workloads/group_members.h"
#include "sim/workloads/kept_log.h"
#include "sim/workloads/kept_while.h"
#include "sim/workloads/leased_queues.h"
#include "sim/workloads/lost_tail.h"
#include "sim/workloads/owned_queues.h"
#include "sim/workloads/passing_queue.h"
#include "sim/workloads/routed_queues.h"
#include "sim/workloads/session_queue.h"
#include "sim/workloads/timed_queue.h"
#include "sim/workloads/volatile_queue.h"

namespace godwit::sim {
namespace {

using Make = std::unique_ptr<Workload> (*)(Run&);
template <class W>
std::unique_ptr<Workload> make(Run& run) {
  return std::make_unique<W>(run);
}

struct Kind {
  const char* name;
  Make make;
  bool bears_loss = false;  ///< it knows what power failure may take with durability "os"
};
constexpr Kind kKinds[] = {
    {"connection_queues", make<ConnectionQueues>},
    {"kept_log", make<KeptLog>},
    {"leased_queues", make<LeasedQueues>},
    {"group_members", make<GroupMembers>},
    {"timed_queue", make<TimedQueue>},
    {"limited_queues", make<LimitedQueues>},
    {"volatile_queue", make<VolatileQueue>},
    {"session_queue", make<SessionQueue>},
    {"routed_queues", make<RoutedQueues>},
    {"passing_queue", make<PassingQueue>},
    {"kept_while", make<KeptWhile>},
    {"owned_queues", make<OwnedQueues>},
    {"carried_records", make<CarriedRecords>},
    {"lost_tail", make<LostTail>, true},
};

/// What the seed makes of the machine. With durability "os" power fails only under workloads that bear it: what a
/// killed process may not lose is checked under all of them.
struct Machine {
  bool os = false;
  bool power_fails = true;
};
Machine machine_of(uint64_t seed, const std::string& only) {
  std::mt19937_64 random(mix64(seed + 23));
  bool bears_loss = false;
  for (const Kind& kind : kKinds) bears_loss |= only == kind.name && kind.bears_loss;
  bool os = random() % (bears_loss ? 2 : 5) == 0;
  bool power_fails = !os || bears_loss || (only.empty() && random() % 3 == 0);
  return {os, power_fails};
}

World::Setup setup_of(uint64_t seed, broker::testing::Plant plant, bool os) {
  std::mt19937_64 random(mix64(seed + 17));
  World::Setup setup{.seed = seed, .workers = static_cast<uint16_t>(1 + random() % 3)};
  setup.broker.journal_bytes_max = 256_KiB << (random() % 3);
  setup.broker.memory_messages_bytes = 32_KiB << (random() % 4);
  setup.broker.memory_limit = 2_MiB;
  setup.broker.segment_bytes_max = 16_KiB << (random() % 4);
  setup.broker.disk_reserve_bytes = 256_KiB;
  setup.broker.plant = plant;
  if (os) setup.broker.durability = storage::Durability::kOs;
  setup.disk_bytes = 64_MiB;
  return setup;
}

}  // namespace

std::vector<std::string> Simulation::kinds() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

Simulation::Simulation(uint64_t seed, broker::testing::Plant plant, const std::string& only)
    : run_(setup_of(seed, plant, machine_of(seed, only).os), machine_of(seed, only).power_fails), faults_(run_) {
  Machine machine = machine_of(seed, only);
  run_.faults = &faults_;
  constexpr size_t kAtOnce = 3;
  std::vector<const Kind*> kinds;
  for (const Kind& kind : kKinds)
    if (only.empty() ? !machine.os || !machine.power_fails || kind.bears_loss : only == kind.name)
      kinds.push_back(&kind);
  while (kinds.size() > kAtOnce) kinds.erase(kinds.begin() + static_cast<ptrdiff_t>(run_.below(kinds.size())));
  for (const Kind* kind : kinds) workloads_.push_back(kind->make(run_));
}

std::string Simulation::run() {
  boot();
  uint64_t lives = 2 + run_.below(3);
  for (uint64_t life = 0; life < lives && run_.verdict.ok(); ++life) {
    live();
    go_down();
    if (run_.verdict.ok()) boot();
  }
  if (run_.verdict.ok()) drain();
  return run_.verdict.what();
}

void Simulation::boot() {
  ++run_.boot;
  lost();
  faults_.start();
  for (auto& workload : workloads_)
    if (run_.verdict.ok()) workload->begin();
}

void Simulation::lost() {
  for (auto& workload : workloads_) workload->lost();
}

void Simulation::leave() {
  for (auto& workload : workloads_) workload->leave();
}

void Simulation::live() {
  faults_.plan_life();
  uint64_t actions = 20 + run_.below(150);
  for (uint64_t i = 0; i < actions && run_.alive(); ++i) {
    faults_.act();
    workloads_[run_.below(workloads_.size())]->act();
    if (!run_.chance(3)) run_.world.run_some(run_.below(30));
    if (run_.chance(8)) run_.world.advance(static_cast<int64_t>(run_.below(60)));
  }
}

void Simulation::go_down() {
  if (!run_.verdict.ok()) return;
  World& world = run_.world;
  if (world.disk().stopped() || world.failure()) {
    if (world.failure() && !world.disk().stopped() && !faults_.broke_broker())
      return run_.verdict.broken(fmt::format("the broker failed: {}", world.failure()->message));
    world.run_some(run_.below(20));
    return run_.chance(4) ? world.kill() : run_.crash();
  }
  switch (run_.below(4)) {
    case 0: return run_.crash();
    case 1: return world.kill();
    case 2: return kill_and_compare();
    case 3:
      answer_all();
      if (!run_.alive()) return kill_failed();
      leave();
      // That of the journal may have failed before, and show only now.
      if (world.stop() || (world.failure() && faults_.broke_broker())) return;
      return run_.verdict.broken("the broker does not stop");
  }
}

/// It failed while its last commands were being answered.
void Simulation::kill_failed() {
  if (run_.world.failure() && !faults_.broke_broker())
    run_.verdict.broken(fmt::format("the broker failed: {}", run_.world.failure()->message));
  run_.world.kill();
}

std::string Simulation::state_of_broker() {
  storage::JournalUsage usage = run_.world.broker().journal().usage();
  std::string text = fmt::format("journal {} of {} bytes, chunks {} to {}", usage.used_bytes, usage.capacity_bytes,
                                 usage.oldest_needed.value, usage.newest.value);
  for (uint16_t w = 0; w < run_.world.broker().workers(); ++w) {
    broker::Worker& worker = run_.world.broker().worker(WorkerId(w));
    text += fmt::format("; worker {}: {} in memory, staged {}, durable {}{}{}", w,
                        worker.memory().used(broker::Memory::Use::kMessages), worker.stage().lsn(),
                        worker.stage().durable_lsn(), worker.checkpoint().running() ? ", in a checkpoint" : "",
                        worker.checkpoint().must_wait() ? ", publishers wait" : "");
  }
  if (!run_.world.reports().empty()) text += "; " + run_.world.reports().back().message;
  return text;
}

void Simulation::answer_all() {
  faults_.calm();
  auto pending = [&] {
    uint64_t all = 0;
    for (const auto& workload : workloads_) all += workload->pending();
    return all;
  };
  if (!run_.world.run_until([&] { return pending() == 0 || !run_.alive(); }, 30'000))
    run_.verdict.broken(fmt::format("{} commands are not answered in half a minute; {}", pending(), state_of_broker()));
}

void Simulation::kill_and_compare() {
  answer_all();
  if (!run_.alive()) return kill_failed();
  run_.world.advance(1000);
  // A timer may just have recorded something that nobody waits for: it is the journal's before long.
  auto durable = [&] {
    for (uint16_t w = 0; w < run_.world.broker().workers(); ++w) {
      const broker::Stage& stage = run_.world.broker().worker(WorkerId(w)).stage();
      if (stage.durable_lsn() != stage.lsn()) return false;
    }
    return true;
  };
  if (!run_.world.run_until([&] { return !run_.alive() || durable(); }, 30'000))
    run_.verdict.broken(fmt::format("what is staged is not durable in half a minute; {}", state_of_broker()));
  if (!run_.alive()) return kill_failed();
  check_memory(false);
  Replica before = replica_of(run_.world);
  for (const char* which : {"first", "second"}) {
    run_.world.kill();
    Result<void> up = run_.world.start();
    if (!up) return run_.verdict.broken(fmt::format("the broker does not start: {}", up.error().message));
    std::string different = difference(before, replica_of(run_.world));
    if (!different.empty()) return run_.verdict.broken(fmt::format("after the {} restart {}", which, different));
  }
  run_.crash();
}

void Simulation::drain() {
  faults_.calm();
  leave();
  run_.world.advance(3000);  // blocked publishers are let go, dead letters arrive
  for (auto& workload : workloads_) {
    if (!run_.verdict.ok()) return;
    SimClient client(run_.world);
    workload->drain(client);
  }
  run_.world.advance(1000);
  if (run_.world.failure()) run_.verdict.broken(fmt::format("the broker failed: {}", run_.world.failure()->message));
  check_memory(true);
}

void Simulation::check_memory(bool drained) {
  if (!run_.verdict.ok()) return;
  for (uint16_t w = 0; w < run_.world.broker().workers(); ++w) {
    broker::Worker& worker = run_.world.broker().worker(WorkerId(w));
    uint64_t counted = worker.memory().used(broker::Memory::Use::kMessages);
    uint64_t counted_volatile = worker.memory().used(broker::Memory::Use::kVolatile);
    uint64_t durable = 0;
    uint64_t in_memory = 0;
    for (auto& [id, p] : worker.partitions().all()) {
      (p->is_volatile() ? in_memory : durable) += p->log.memory_bytes();
      bool kept = p->keeps_for_readers() || p->is_volatile();
      if (drained && !kept && p->log.bytes() > 0)
        run_.verdict.broken(fmt::format("{} is drained and keeps {} bytes", p->topic->name.text, p->log.bytes()));
    }
    if (durable != counted || in_memory != counted_volatile)
      run_.verdict.broken(fmt::format("worker {} counts {} and {} bytes in memory, and has {} and {}", w, counted,
                                      counted_volatile, durable, in_memory));
  }
}

}  // namespace godwit::sim
