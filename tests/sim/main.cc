// godwit_sim: runs seeds of the simulation, each in its own fork so that a failed CHECK is a failed seed like any
// other.

#include <malloc.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <new>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/check.h"
#include "sim/simulation.h"

namespace {

using godwit::broker::testing::Plant;

const std::map<std::string, Plant> kPlants = {
    {"none", Plant::kNone},
    {"ack-before-sync", Plant::kAckBeforeSync},
    {"show-before-durable", Plant::kShowBeforeDurable},
    {"snapshot-ahead", Plant::kSnapshotAhead},
    {"trim-too-early", Plant::kTrimTooEarly},
    {"lost-settle", Plant::kLostSettle},
    {"lost-purge", Plant::kLostPurge},
    {"lost-binding", Plant::kLostBinding},
    {"shared-session", Plant::kSharedSession},
    {"forget-readers", Plant::kForgetReaders},
    {"delete-by-name", Plant::kDeleteByName},
    {"pack-headers", Plant::kPackHeaders},
    {"lost-key", Plant::kLostKey},
    {"no-epoch", Plant::kNoEpoch},
    {"manifest-unsynced", Plant::kManifestUnsynced},
};

struct Arguments {
  uint64_t seeds = 100;
  uint64_t first = 1;
  uint64_t seed = 0;
  unsigned jobs = 1;
  std::string plant = "none";
  std::string only;
};

/// What the processes share. Each seed is taken once.
struct Shared {
  std::atomic<uint64_t> next;
  std::atomic<uint64_t> passed;
  std::atomic<uint64_t> failed;
  static constexpr size_t kJobsMax = 64;
  std::atomic<uint64_t> running[kJobsMax];  ///< a job's seed, 0 between seeds
};

bool run_seed(uint64_t seed, const Arguments& arguments) {
  std::string broken = godwit::sim::Simulation(seed, kPlants.at(arguments.plant), arguments.only).run();
  if (broken.empty()) return true;
  fmt::print("seed {} failed: {}\n", seed, broken);
  return false;
}

void say_how_to_replay(uint64_t seed, const Arguments& arguments) {
  fmt::print("replay: godwit_sim --seed {}{}{}\n", seed,
             arguments.plant == "none" ? "" : fmt::format(" --plant {}", arguments.plant),
             arguments.only.empty() ? "" : fmt::format(" --only {}", arguments.only));
  std::fflush(stdout);
}

/// One process' work: seeds until there are none left.
void work(Shared& shared, size_t job, const Arguments& arguments) {
  while (true) {
    uint64_t seed = shared.next.fetch_add(1);
    if (seed >= arguments.first + arguments.seeds) return;
    shared.running[job] = seed;
    bool passed = run_seed(seed, arguments);
    (passed ? shared.passed : shared.failed).fetch_add(1);
    if (!passed) say_how_to_replay(seed, arguments);
    shared.running[job] = 0;
  }
}

pid_t start(Shared& shared, size_t job, const Arguments& arguments) {
  std::fflush(stdout);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child > 0) return child;
  work(shared, job, arguments);
  std::fflush(stdout);
  _exit(0);
}

int run_all(const Arguments& arguments) {
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  Shared& shared = *new (memory) Shared{};
  shared.next = arguments.first;
  std::map<pid_t, size_t> jobs;
  for (size_t job = 0; job < arguments.jobs; ++job) jobs[start(shared, job, arguments)] = job;
  while (!jobs.empty()) {
    int status = 0;
    pid_t child = wait(&status);
    CHECK(child > 0);
    size_t job = jobs.at(child);
    jobs.erase(child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
    shared.failed.fetch_add(1);
    fmt::print("seed {} failed: the process died\n", shared.running[job].load());
    say_how_to_replay(shared.running[job], arguments);
    jobs[start(shared, job, arguments)] = job;
  }
  fmt::print("{} passed, {} failed\n", shared.passed.load(), shared.failed.load());
  return shared.failed == 0 ? 0 : 1;
}

/// A world's disks are megabytes that come and go with it: the next world finds them in the heap instead of having the
/// kernel clear them anew, which was a third of the time.
void keep_freed_memory() {
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Simulates the broker under faults");
  app.add_option("--seeds", arguments.seeds, "how many seeds to run");
  app.add_option("--first", arguments.first, "the first of them")->check(CLI::PositiveNumber);
  app.add_option("--seed", arguments.seed, "run this one only, in this process");
  app.add_option("--jobs", arguments.jobs, "processes")->check(CLI::Range(size_t{1}, Shared::kJobsMax));
  std::vector<std::string> names;
  for (const auto& [name, plant] : kPlants) names.push_back(name);
  app.add_option("--plant", arguments.plant, "a bug to plant; it is to be found")->check(CLI::IsMember(names));
  app.add_option("--only", arguments.only, "one kind of workload instead of the seed's choice")
      ->check(CLI::IsMember(godwit::sim::Simulation::kinds()));
  CLI11_PARSE(app, argc, argv);
  keep_freed_memory();
  if (arguments.seed == 0) return run_all(arguments);
  bool passed = run_seed(arguments.seed, arguments);
  fmt::print("{} passed, {} failed\n", passed ? 1 : 0, passed ? 0 : 1);
  return passed ? 0 : 1;
}
