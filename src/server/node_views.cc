#include "server/node_views.h"

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "broker/envelope.h"
#include "broker/worker.h"
#include "runtime/linux/process_usage.h"
#include "server/version.h"

namespace godwit::server {
namespace {

struct Gathered {
  broker::Counters counters;
  std::map<std::string, uint64_t> open_by_protocol;
  uint64_t unsent_bytes = 0;
  std::array<uint64_t, broker::Memory::kUses> memory{};
  bool blocked = false;
};

constexpr std::array<std::string_view, broker::Memory::kUses> kMemoryUses{"messages", "volatile", "waiting",
                                                                          "connections", "reads"};

void gather(const WorkerConnections& connections, broker::Worker& worker, Gathered& into) {
  into.counters.add(worker.counters());
  into.blocked |= worker.blocked();
  for (size_t i = 0; i < into.memory.size(); ++i)
    into.memory[i] += worker.memory().used(static_cast<broker::Memory::Use>(i));
  connections.for_each([&](const Connection& c) {
    ++into.open_by_protocol[std::string(c.protocol().name)];
    into.unsent_bytes += c.unsent_bytes();
  });
}

void add_process(std::vector<admin::Metric>& out, int64_t started_ms) {
  runtime::ProcessUsage usage = runtime::process_usage();
  out.push_back(
      {"process_resident_bytes", "Memory resident in this process", false, static_cast<double>(usage.resident_bytes)});
  out.push_back({"process_cpu_seconds_total", "Processor time used by this process", true, usage.cpu_s});
  out.push_back(
      {"process_descriptors_open", "File descriptors open", false, static_cast<double>(usage.descriptors_open)});
  out.push_back(
      {"process_descriptors_max", "File descriptors allowed", false, static_cast<double>(usage.descriptors_max)});
  out.push_back({"process_start_seconds", "Unix time of the start", false, static_cast<double>(started_ms) / 1000});
}

admin::Vitals vitals_of(const Gathered& gathered, broker::Broker& broker, int64_t started_ms) {
  const broker::Options& options = broker.options();
  storage::JournalUsage journal = broker.journal().usage();
  admin::Vitals vitals{.version = kVersion,
                       .started_ms = started_ms,
                       .connections = 0,
                       .publishers_blocked = gathered.blocked,
                       .metrics = {}};
  auto& out = vitals.metrics;
  out.push_back({"build", "1, with the version as a label", false, 1, fmt::format("version=\"{}\"", kVersion)});
  broker::Counters::each([&](const char* name, const char* help, uint64_t broker::Counters::* member) {
    out.push_back({name, help, true, static_cast<double>(gathered.counters.*member)});
  });
  for (const auto& [protocol, open] : gathered.open_by_protocol) {
    vitals.connections += open;
    out.push_back({"connections", "Connections open", false, static_cast<double>(open),
                   fmt::format("protocol=\"{}\"", protocol)});
  }
  out.push_back({"connections_unsent_bytes", "Bytes that peers have not taken yet", false,
                 static_cast<double>(gathered.unsent_bytes)});
  for (size_t i = 0; i < gathered.memory.size(); ++i)
    out.push_back({"memory_used_bytes", "Memory counted against memory.limit, by its use", false,
                   static_cast<double>(gathered.memory[i]), fmt::format("use=\"{}\"", kMemoryUses[i])});
  out.push_back({"memory_limit_bytes", "The setting memory.limit", false, static_cast<double>(options.memory_limit)});
  out.push_back({"publishers_blocked", "1 while publishers are held back", false, gathered.blocked ? 1.0 : 0.0});
  out.push_back({"journal_used_bytes", "Bytes of the journal in use", false, static_cast<double>(journal.used_bytes)});
  out.push_back({"journal_capacity_bytes", "Size of the journal", false, static_cast<double>(journal.capacity_bytes)});
  out.push_back({"durability_fsync", "1 when acknowledged means on stable storage, 0 with storage.durability \"os\"",
                 false, options.durability == storage::Durability::kFsync ? 1.0 : 0.0});
  out.push_back({"workers", "Worker threads", false, static_cast<double>(options.workers)});
  if (Result<uint64_t> free = broker.disk().free_bytes())
    out.push_back({"disk_free_bytes", "Free disk space", false, static_cast<double>(*free)});
  out.push_back({"disk_reserve_bytes", "The setting storage.disk_reserve_bytes", false,
                 static_cast<double>(options.disk_reserve_bytes)});
  add_process(out, started_ms);
  return vitals;
}

admin::ConnectionStatus status_of(const Connection& c) {
  return {.number = c.number(),
          .protocol = std::string(c.protocol().name),
          .peer = c.peer().text(),
          .client = c.describe(),
          .opened_ms = c.opened_ms(),
          .received_bytes = c.received_bytes(),
          .sent_bytes = c.sent_bytes(),
          .unsent_bytes = c.unsent_bytes()};
}

}  // namespace

class NodeViews::View final : public admin::NodeView {
 public:
  explicit View(NodeViews& views) : views_(views) {}

  void vitals(SessionId asker, std::move_only_function<void(admin::Vitals)> then) override {
    Gathered none;
    for (const std::string& protocol : views_.facts_.protocols) none.open_by_protocol[protocol] = 0;
    views_.round<Gathered>(
        asker, std::move(none),
        [](NodeViews& views, broker::Worker& worker, Gathered& into) {
          gather(*views.connections_[worker.id().value], worker, into);
        },
        [&views = views_, then = std::move(then)](Gathered gathered) mutable {
          then(vitals_of(gathered, views.broker_, views.facts_.started_ms));
        });
  }

  void connections(SessionId asker, std::move_only_function<void(std::vector<admin::ConnectionStatus>)> then) override {
    views_.round<std::vector<admin::ConnectionStatus>>(
        asker, {},
        [](NodeViews& views, broker::Worker& worker, std::vector<admin::ConnectionStatus>& into) {
          views.connections_[worker.id().value]->for_each([&](const Connection& c) {
            if (c.has_session()) into.push_back(status_of(c));
          });
        },
        std::move(then));
  }

  bool ready() const override { return views_.ready_.get(); }
  const std::vector<std::string>& spaces() const override { return views_.facts_.spaces; }
  size_t metrics_queues_max() const override { return views_.facts_.metrics_queues_max; }

 private:
  NodeViews& views_;
};

NodeViews::NodeViews(broker::Broker& broker, const std::vector<std::unique_ptr<WorkerConnections>>& connections,
                     Facts facts)
    : broker_(broker), connections_(connections), facts_(facts), view_(std::make_unique<View>(*this)) {}

NodeViews::~NodeViews() = default;

admin::NodeView& NodeViews::view() { return *view_; }

template <class T>
void NodeViews::round(SessionId asker, T gathered, void (*step)(NodeViews&, broker::Worker&, T&),
                      std::move_only_function<void(T)> then, uint16_t at) {
  if (at == broker_.workers()) {
    broker_.run_on(broker::worker_of(asker),
                   [asker, gathered = std::move(gathered), then = std::move(then)](broker::Worker& worker) mutable {
                     broker::SessionPort* port = worker.session(asker);
                     if (port == nullptr) return;
                     then(std::move(gathered));
                     worker.touch(*port);
                   });
    return;
  }
  broker_.run_on(WorkerId(at), [this, asker, gathered = std::move(gathered), step, then = std::move(then),
                                at](broker::Worker& worker) mutable {
    step(*this, worker, gathered);
    round<T>(asker, std::move(gathered), step, std::move(then), static_cast<uint16_t>(at + 1));
  });
}

}  // namespace godwit::server
