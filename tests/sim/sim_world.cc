#include "sim/sim_world.h"

#include "sim/sim_client.h"

namespace godwit::sim {

broker::Options World::small() {
  broker::Options options;
  options.journal_bytes_max = 1_MiB;
  options.memory_messages_bytes = 256_KiB;
  options.memory_limit = 4_MiB;
  options.disk_reserve_bytes = 1_MiB;
  options.segment_bytes_max = 128_KiB;
  return options;
}

World::World(Setup setup)
    : setup_(std::move(setup)), scheduler_(setup_.seed), disk_(mix64(setup_.seed), setup_.disk_bytes), io_(scheduler_) {
  set_workers(setup_.workers);
}

void World::set_workers(uint16_t workers) {
  setup_.workers = workers;
  while (loops_.size() < workers) loops_.push_back(std::make_unique<SimLoop>(scheduler_));
}

World::~World() {
  if (running()) power_off();
}

Result<void> World::start() {
  failure_.reset();
  broker::Node::Parts parts;
  parts.disk = &disk_;
  for (uint16_t i = 0; i < setup_.workers; ++i) parts.loops.push_back(loops_[i].get());
  parts.io = &io_;
  parts.on_failure = [this](const Error& error) {
    if (!failure_) failure_ = error;
  };
  parts.on_report = [this](const Error& error) { reports_.push_back(error); };
  parts.journal_wake = [this] { scheduler_.wake_step(); };
  parts.wall_ms = [this] { return now().wall_ms; };
  parts.random[0] = scheduler_.random();
  parts.random[1] = scheduler_.random();
  Result<std::unique_ptr<broker::Node>> opened = broker::Node::open(setup_.broker, std::move(parts));
  if (!opened) {
    scheduler_.clear();
    disk_.kill();
    return std::unexpected(opened.error());
  }
  node_ = std::move(*opened);
  scheduler_.set_step([this] { return node_->step_journal(); });
  scheduler_.wake_step();
  node_->start();
  return {};
}

void World::power_off() {
  scheduler_.clear();
  for (SimClient* client : clients_) client->lose_session();
  node_.reset();
  scheduler_.clear();
}

void World::kill() {
  power_off();
  disk_.kill();
}

void World::crash() {
  power_off();
  disk_.crash();
}

bool World::stop() {
  for (SimClient* client : std::vector<SimClient*>(clients_)) client->disconnect();
  bool stopped = false;
  node_->stop([&] { stopped = true; });
  run_until([&] { return stopped || failure_; });
  bool clean = stopped && !failure_;
  kill();
  return clean;
}

bool World::run_until(const std::function<bool()>& done, int64_t ms_max) {
  int64_t deadline = now().boot_ms + ms_max;
  while (!done()) {
    if (scheduler_.run_one()) continue;
    if (!scheduler_.pass_time(deadline)) return false;
  }
  return true;
}

void World::advance(int64_t ms) {
  int64_t deadline = now().boot_ms + ms;
  while (scheduler_.run_one() || scheduler_.pass_time(deadline)) {
  }
}

void World::run_some(uint64_t tasks) {
  while (tasks > 0 && scheduler_.run_one()) --tasks;
}

}  // namespace godwit::sim
