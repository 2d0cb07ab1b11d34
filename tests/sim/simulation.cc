#include "sim/simulation.h"

#include <fmt/format.h>

#include "base/check.h"

namespace godwit::sim {
namespace {

World::Setup setup_of(uint64_t seed, broker::testing::Plant plant) {
  std::mt19937_64 random(mix64(seed + 17));
  World::Setup setup{.seed = seed, .workers = static_cast<uint16_t>(1 + random() % 3)};
  setup.broker.journal_bytes_max = 256_KiB << (random() % 3);
  setup.broker.memory_messages_bytes = 32_KiB << (random() % 4);
  setup.broker.memory_limit = 2_MiB;
  setup.broker.segment_bytes_max = 16_KiB << (random() % 4);
  setup.broker.disk_reserve_bytes = 256_KiB;
  setup.broker.plant = plant;
  setup.disk_bytes = 64_MiB;
  return setup;
}

}  // namespace

Simulation::Simulation(uint64_t seed, broker::testing::Plant plant)
    : world_(setup_of(seed, plant)), disk_bytes_(64_MiB) {
  for (const char* name : {"q0", "q1", "dead"}) queues_.push_back({name, QueueOracle(name, verdict_)});
  queues_[0].dead_letters = true;
  uint64_t programs = 2 + below(3);
  for (uint64_t i = 0; i < programs; ++i) {
    programs_.emplace_back();
    programs_.back().producer.partition = static_cast<uint32_t>(i % 2);
  }
}

std::string Simulation::run() {
  boot();
  set_up();
  uint64_t lives = 2 + below(3);
  for (uint64_t life = 0; life < lives && verdict_.ok(); ++life) {
    live();
    go_down();
    boot();
    set_up();
  }
  if (verdict_.ok()) drain();
  return verdict_.what();
}

Simulation::Queue& Simulation::queue(const std::string& name) {
  for (Queue& q : queues_)
    if (q.name == name) return q;
  CHECK(false, "{}", name);
  return queues_[0];
}

bool Simulation::alive() { return verdict_.ok() && world_.running() && !world_.failure() && !world_.disk().stopped(); }

void Simulation::boot() {
  if (!verdict_.ok()) return;
  ++boot_;
  for (Queue& q : queues_) q.oracle.restarted();
  // Power may fail while the broker starts, too.
  bool cut = boot_ > 1 && chance(6);
  if (cut) world_.disk().stop_after(below(12));
  Result<void> up = world_.start();
  if (!up && cut) up = world_.start();
  if (!up) return verdict_.broken(fmt::format("the broker does not start: {}", up.error().message));
  if (cut && world_.disk().stopped()) {
    world_.crash();
    up = world_.start();
    if (!up) return verdict_.broken(fmt::format("the broker does not start again: {}", up.error().message));
  }
  world_.disk().stop_after(UINT64_MAX);
}

void Simulation::connect(Program& w) {
  uint64_t worker = below(world_.broker().workers());
  w.client = std::make_unique<SimClient>(world_, WorkerId(static_cast<uint16_t>(worker)));
  w.client->on_notice = [this, &w](broker::Notice& notice) {
    if (auto* delivery = std::get_if<broker::Delivery>(&notice)) on_delivery(w, *delivery);
    if (std::holds_alternative<broker::ConsumerCancelled>(notice)) verdict_.broken("a consumer was cancelled");
  };
}

void Simulation::drop(Program& w) {
  for (const Held& held : w.held) w.tags.at(held.tag.value)->oracle.returned(held.body);
  w.held.clear();
  w.consuming.clear();
  w.tags.clear();
  w.producer.waiting = false;
  w.pending = 0;
  w.client.reset();
}

void Simulation::set_up() {
  if (!verdict_.ok()) return;
  for (Program& w : programs_) {
    w.held.clear();
    w.consuming.clear();
    w.tags.clear();
    w.newest.clear();
    w.producer.waiting = false;
    w.pending = 0;
    w.client.reset();
    connect(w);
  }
  SimClient& client = *programs_[0].client;
  for (Queue& q : queues_) {
    model::QueueSettings settings;
    if (q.dead_letters) settings.dead_letter = model::DeadLetter{.routing_key = "dead"};
    auto declared = must(client, model::DeclareQueue{.name = {.text = q.name}, .settings = settings}, "declare");
    if (declared && boot_ > 1 && declared->created) verdict_.broken(fmt::format("queue {} was lost", q.name));
  }
  must(client, model::DeclareQueue{.name = {.text = "memory"}, .settings = {.durable = false}}, "declare");
  auto topic = must(client,
                    model::CreateTopic{.name = {.text = "log"},
                                       .partitions = 2,
                                       .settings = {.retention = model::Retention::kTime, .retention_ms = -1},
                                       .if_absent = true},
                    "create topic");
  if (topic && boot_ > 1 && topic->created) verdict_.broken("the topic was lost");
  for (Program& w : programs_) {
    if (w.producer.id >= 0) continue;
    auto allocated = must(*w.client, model::AllocateProducer{}, "allocate producer");
    if (allocated) w.producer.id = allocated->producer_id;
  }
  auto committed = must(client, model::FetchOffsets{.group = "readers"}, "fetch offsets");
  if (!committed) return;
  int64_t position = committed->offsets.empty() ? 0 : committed->offsets[0].offset.value;
  if (position < commit_acked_ || position > commit_sent_)
    verdict_.broken(
        fmt::format("position {} was committed, {} was confirmed, {} sent", position, commit_acked_, commit_sent_));
}

void Simulation::live() {
  if (chance(2)) world_.disk().stop_after(1 + below(chance(3) ? 500 : 60));
  uint64_t actions = 20 + below(150);
  for (uint64_t i = 0; i < actions && alive(); ++i) {
    act();
    if (!chance(3)) world_.run_some(below(30));
    if (chance(8)) world_.advance(static_cast<int64_t>(below(60)));
  }
}

void Simulation::go_down() {
  if (!verdict_.ok()) return;
  if (world_.disk().stopped() || world_.failure()) {
    if (world_.failure() && !world_.disk().stopped())
      return verdict_.broken(fmt::format("the broker failed: {}", world_.failure()->message));
    world_.run_some(below(20));
    return chance(4) ? world_.kill() : world_.crash();
  }
  world_.disk().set_capacity(disk_bytes_);
  switch (below(4)) {
    case 0: return world_.crash();
    case 1: return world_.kill();
    case 2: return kill_and_compare();
    case 3:
      answer_all();
      for (Program& w : programs_) drop(w);
      if (!verdict_.ok() || !world_.running()) return;
      if (world_.stop()) return;
      return verdict_.broken("the broker does not stop");
  }
}

std::string Simulation::state_of_broker() {
  storage::JournalUsage usage = world_.broker().journal().usage();
  std::string text = fmt::format("journal {} of {} bytes, chunks {} to {}", usage.used_bytes, usage.capacity_bytes,
                                 usage.oldest_needed.value, usage.newest.value);
  for (uint16_t w = 0; w < world_.broker().workers(); ++w) {
    broker::Worker& worker = world_.broker().worker(WorkerId(w));
    text += fmt::format("; worker {}: {} in memory, staged {}, durable {}{}{}", w, worker.partitions().memory_bytes(),
                        worker.stage().lsn(), worker.stage().durable_lsn(),
                        worker.checkpoint().running() ? ", in a checkpoint" : "",
                        worker.checkpoint().must_wait() ? ", publishers wait" : "");
  }
  if (!world_.reports().empty()) text += "; " + world_.reports().back().message;
  return text;
}

void Simulation::answer_all() {
  world_.disk().stop_after(UINT64_MAX);
  auto pending = [&] {
    uint64_t all = 0;
    for (const Program& w : programs_) all += w.pending;
    return all;
  };
  if (!world_.run_until([&] { return pending() == 0 || !alive(); }, 30'000))
    verdict_.broken(fmt::format("{} commands are not answered in half a minute; {}", pending(), state_of_broker()));
}

std::map<ShardId, std::pair<uint64_t, ByteVec>> Simulation::facts() {
  std::map<ShardId, std::pair<uint64_t, ByteVec>> all;
  for (uint16_t w = 0; w < world_.broker().workers(); ++w) {
    for (auto& [id, owned] : world_.broker().worker(WorkerId(w)).stage().shards()) {
      if (owned->shard.empty()) continue;
      auto& [seq, bytes] = all[id];
      seq = owned->shard.seq();
      owned->shard.snapshot(bytes);
    }
  }
  return all;
}

void Simulation::kill_and_compare() {
  answer_all();
  world_.advance(1000);
  // A timer may just have recorded something that nobody waits for: it is the journal's before long.
  auto durable = [&] {
    for (uint16_t w = 0; w < world_.broker().workers(); ++w) {
      const broker::Stage& stage = world_.broker().worker(WorkerId(w)).stage();
      if (stage.durable_lsn() != stage.lsn()) return false;
    }
    return true;
  };
  if (!world_.run_until([&] { return !alive() || durable(); }, 30'000))
    verdict_.broken(fmt::format("what is staged is not durable in half a minute; {}", state_of_broker()));
  if (!alive()) return;
  check_memory(false);
  auto before = facts();
  world_.kill();
  Result<void> up = world_.start();
  if (!up) return verdict_.broken(fmt::format("the broker does not start: {}", up.error().message));
  auto after = facts();
  for (const auto& [id, was] : before) {
    auto is = after.find(id);
    if (is == after.end()) return verdict_.broken(fmt::format("shard {} is gone after a restart", id.value));
    if (is->second != was)
      return verdict_.broken(fmt::format("shard {} was at {} and is replayed to {}, with {} facts", id.value, was.first,
                                         is->second.first, was.second == is->second.second ? "equal" : "other"));
  }
  world_.crash();
}

std::string Simulation::new_body(const char* kind) {
  std::string body = fmt::format("{}-{}-", kind, next_body_++);
  body.resize(body.size() + (chance(20) ? below(20'000) : below(900)), '.');
  return body;
}

LedgerId Simulation::ledger(SimClient& client, const std::string& name) {
  const model::QueueInfo* info = client.catalog().queue(model::Name{.text = name});
  if (!info) {
    verdict_.broken(fmt::format("queue {} is not in the catalog", name));
    return {};
  }
  return {info->id, {info->topic, 0}};
}

}  // namespace godwit::sim
