// godwit_sim: runs seeds of the simulation, each in its own fork so that a failed CHECK is a failed seed like any
// other.

#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
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
  bool must_find = false;
};

/// What the processes share. Each seed is taken once.
struct Shared {
  std::atomic<uint64_t> next;
  std::atomic<uint64_t> passed;
  std::atomic<uint64_t> failed;
  std::atomic<uint64_t> died;   ///< of those that failed
  std::atomic<uint64_t> found;  ///< a seed that showed the planted bug, 0 as long as none did
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

/// What broke shows the planted bug only if the seed passes without it.
bool passes_without_plant(uint64_t seed, const Arguments& arguments) {
  Arguments without = arguments;
  without.plant = "none";
  return run_seed(seed, without);
}

/// One process' work: seeds until there are none left, or the planted bug is found.
void work(Shared& shared, size_t job, const Arguments& arguments) {
  while (shared.found == 0) {
    uint64_t seed = shared.next.fetch_add(1);
    if (seed >= arguments.first + arguments.seeds) return;
    shared.running[job] = seed;
    bool passed = run_seed(seed, arguments);
    (passed ? shared.passed : shared.failed).fetch_add(1);
    if (!passed) say_how_to_replay(seed, arguments);
    if (!passed && arguments.must_find && passes_without_plant(seed, arguments)) shared.found = seed;
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

/// Tells now and then how far a long run is.
class Progress {
 public:
  Progress(const Shared& shared, const Arguments& arguments) : shared_(shared), seeds_(arguments.seeds) {}

  void tell() {
    uint64_t failed = shared_.failed;
    uint64_t done = shared_.passed + failed;
    auto now = Clock::now();
    if (terminal_ ? now < next_time_ : done < next_done_) return;
    next_time_ = now + kEvery;
    next_done_ = (done / kSeedsEvery + 1) * kSeedsEvery;
    double seconds = std::chrono::duration<double>(now - began_).count();
    fmt::print(stderr, "{} of {} seeds, {} failed, {:.0f} seeds/s\n", done, seeds_, failed,
               static_cast<double>(done) / seconds);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kEvery{10};  ///< to somebody who watches
  static constexpr uint64_t kSeedsEvery = 100'000;   ///< to a log
  const Shared& shared_;
  const uint64_t seeds_;
  const bool terminal_ = isatty(STDERR_FILENO) == 1;
  const Clock::time_point began_ = Clock::now();
  Clock::time_point next_time_ = began_ + kEvery;
  uint64_t next_done_ = kSeedsEvery;
};

/// Waits for a process to end. SIGCHLD is blocked, so that none is missed between looking and waiting.
pid_t wait_for_one(int& status, Progress& progress) {
  sigset_t child_ended;
  sigemptyset(&child_ended);
  sigaddset(&child_ended, SIGCHLD);
  constexpr timespec kBetween{.tv_sec = 0, .tv_nsec = 500'000'000};
  while (true) {
    pid_t child = waitpid(-1, &status, WNOHANG);
    if (child != 0) return child;
    progress.tell();
    sigtimedwait(&child_ended, nullptr, &kBetween);
  }
}

int verdict_of(const Shared& shared, const Arguments& arguments) {
  fmt::print("{} passed, {} failed\n", shared.passed.load(), shared.failed.load());
  if (!arguments.must_find) return shared.failed == 0 ? 0 : 1;
  if (shared.found != 0) {
    fmt::print("found by seed {}, which passes without the plant\n", shared.found.load());
    return 0;
  }
  fmt::print("{} was not found by any of {} seeds; the process of {} died\n", arguments.plant, arguments.seeds,
             shared.died.load());
  return 1;
}

int run_all(const Arguments& arguments) {
  sigset_t child_ended;
  sigemptyset(&child_ended);
  sigaddset(&child_ended, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child_ended, nullptr);
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  Shared& shared = *new (memory) Shared{};
  shared.next = arguments.first;
  std::map<pid_t, size_t> jobs;
  for (size_t job = 0; job < arguments.jobs; ++job) jobs[start(shared, job, arguments)] = job;
  Progress progress(shared, arguments);
  while (!jobs.empty()) {
    int status = 0;
    pid_t child = wait_for_one(status, progress);
    CHECK(child > 0);
    size_t job = jobs.at(child);
    jobs.erase(child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
    shared.failed.fetch_add(1);
    shared.died.fetch_add(1);
    fmt::print("seed {} failed: the process died\n", shared.running[job].load());
    say_how_to_replay(shared.running[job], arguments);
    jobs[start(shared, job, arguments)] = job;
  }
  return verdict_of(shared, arguments);
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
  CLI::Option* plant =
      app.add_option("--plant", arguments.plant, "a bug to plant; it is to be found")->check(CLI::IsMember(names));
  app.add_flag("--must-find", arguments.must_find,
               "succeed at the first seed whose oracle sees the planted bug, fail if there is none")
      ->needs(plant)
      ->excludes("--seed");
  app.add_option("--only", arguments.only, "one kind of workload instead of the seed's choice")
      ->check(CLI::IsMember(godwit::sim::Simulation::kinds()));
  CLI11_PARSE(app, argc, argv);
  keep_freed_memory();
  if (arguments.seed == 0) return run_all(arguments);
  bool passed = run_seed(arguments.seed, arguments);
  fmt::print("{} passed, {} failed\n", passed ? 1 : 0, passed ? 0 : 1);
  return passed ? 0 : 1;
}
