#include "server/server.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "runtime/linux/process_usage.h"
#include "server/log.h"
#include "server/protocols.h"
#include "server/version.h"

namespace godwit::server {
namespace {

/// Descriptors the broker needs besides connections: journal, blobs, loops, listeners.
constexpr uint64_t kOwnDescriptors = 64;
/// A flood of refused connections is logged this often.
constexpr int64_t kRefusedLogMs = 10'000;

broker::Options broker_options(const Config& config) {
  uint64_t cores = std::max(1U, std::thread::hardware_concurrency());
  broker::Options options;
  options.workers =
      static_cast<uint16_t>(config.server_workers > 0 ? config.server_workers : std::min<uint64_t>(cores, 64));
  options.journal_bytes_max = config.storage_journal_bytes_max.bytes;
  if (config.storage_durability == "os") options.durability = storage::Durability::kOs;
  options.segment_bytes_max = config.storage_segment_bytes_max.bytes;
  options.disk_reserve_bytes = config.storage_disk_reserve_bytes.bytes;
  options.lazy_flush_ms = static_cast<int64_t>(config.storage_lazy_flush_ms);
  options.memory_limit = config.memory_limit.bytes;
  options.memory_messages_bytes = config.memory_limit.bytes / 4;
  return options;
}

void log_recovered(const broker::Node::Recovered& recovered) {
  log::info("recovered",
            {{"chunks", recovered.chunks}, {"entries", recovered.entries}, {"replayed", recovered.replayed}});
  if (!recovered.damaged_copy.empty())
    log::warn("the journal was damaged: it goes on with what preceded the damage", {{"kept", recovered.damaged_copy}});
  if (recovered.torn_bytes > 0)
    log::warn(
        "dropped a torn chunk at the journal's end: with storage.durability \"fsync\" nothing in it was acknowledged",
        {{"bytes", recovered.torn_bytes}});
  if (recovered.cut_off > 0)
    log::warn(
        "dropped chunks behind one that was lost before it was synced: storage.durability was \"os\" when the power "
        "went",
        {{"chunks", recovered.cut_off}});
}

void log_hold(const std::string& reason, bool held, uint64_t times) {
  if (held)
    log::warn("publishers wait", {{"reason", reason}, {"times", times}});
  else
    log::info("publishers go on", {{"was", reason}, {"times", times}});
}

Error of_port(const Protocol& protocol, const Error& error) {
  return {error.code, fmt::format("{}.port: {}", protocol.name, error.message)};
}

}  // namespace

Server::Server(Config config, runtime::EpollLoop& control)
    : config_(std::move(config)), control_(control), holds_(control, log_hold) {}

Result<std::unique_ptr<Server>> Server::open(const Config& config, bool repair, runtime::EpollLoop& control,
                                             std::function<void(const Error&)> on_failure) {
  std::unique_ptr<Server> server(new Server(config, control));
  uint64_t descriptors = runtime::raise_descriptor_limit();
  if (descriptors < config.server_connections_max + kOwnDescriptors)
    log::warn("fewer descriptors than server.connections_max asks for", {{"allowed", descriptors}});

  server->protocols_ = open_protocols(config);
  if (auto taken = server->take_ports(); !taken) return std::unexpected(taken.error());
  auto host = embed::Host::open(
      {.directory = config.storage_directory,
       .broker = broker_options(config),
       .repair = repair,
       .on_failure = [&control, on_failure](const Error& e) { control.post([on_failure, e] { on_failure(e); }); },
       .on_report = [](const Error& e) { log::warn("broker", {{"code", to_string(e.code)}, {"reason", e.message}}); },
       .on_hold =
           [s = server.get()](std::string_view reason, bool held) {
             s->control_.post([s, reason = std::string(reason), held] { s->holds_.changed(reason, held); });
           }});
  if (!host) return std::unexpected(host.error());
  server->host_ = std::move(*host);
  log_recovered(server->host_->recovered());

  for (size_t i = 0; i < server->host_->workers(); ++i) {
    server->connections_.push_back(std::make_unique<WorkerConnections>(
        server->host_->broker().worker(WorkerId(static_cast<uint16_t>(i))), server->host_->loop(i),
        static_cast<int64_t>(config.server_handshake_timeout_ms),
        [s = server.get()] { s->control_.post([s] { s->connection_gone(); }); }));
  }
  NodeViews::Facts facts{.started_ms = control.now().wall_ms,
                         .metrics_queues_max = config.http_metrics_queues_max,
                         .protocols = {},
                         .spaces = configured_spaces(config)};
  for (const Protocol& protocol : server->protocols_) facts.protocols.emplace_back(protocol.name);
  server->views_ = std::make_unique<NodeViews>(server->host_->broker(), server->connections_, std::move(facts));
  equip(server->protocols_, server->ports(), config, server->host_->broker().leader_epoch(), *server->views_);
  return server;
}

Server::~Server() {
  for (const auto& listener : listeners_) listener->stop();
  if (host_) host_->join();
}

Result<void> Server::take_ports() {
  for (const Protocol& protocol : protocols_) {
    uint16_t port = *protocol.port.number;
    // Two sockets may be bound to one port as long as neither listens.
    auto same = std::ranges::find(listeners_, port, &Listener::port);
    if (same != listeners_.end())
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}.port: {} is the port of {} already", protocol.name, port,
                              protocols_[static_cast<size_t>(same - listeners_.begin())].name));
    auto listener = Listener::open(config_.bind, port);
    if (!listener) return std::unexpected(of_port(protocol, listener.error()));
    listeners_.push_back(std::move(*listener));
  }
  return {};
}

std::vector<uint16_t> Server::ports() const {
  std::vector<uint16_t> ports;
  ports.reserve(listeners_.size());
  for (const auto& listener : listeners_) ports.push_back(listener->port());
  return ports;
}

Result<void> Server::start() {
  for (size_t i = 0; i < listeners_.size(); ++i) {
    auto started = listeners_[i]->start(control_, protocols_[i],
                                        [this](const Protocol& protocol, runtime::UniqueFd fd, runtime::Endpoint peer) {
                                          accept(protocol, std::move(fd), std::move(peer));
                                        });
    if (!started) return std::unexpected(of_port(protocols_[i], started.error()));
  }
  host_->start();
  views_->set_ready(true);
  log_ready();
  return {};
}

void Server::log_ready() const {
  if (config_.storage_durability == "os")
    log::warn("storage.durability is \"os\": a power failure or a crash of the system may lose acknowledged messages");
  std::string addresses;
  for (size_t i = 0; i < listeners_.size(); ++i)
    for (const runtime::Endpoint& endpoint : listeners_[i]->endpoints())
      addresses += fmt::format("{}{}://{}", addresses.empty() ? "" : ",", protocols_[i].name, endpoint.text());
  log::info("ready", {{"version", kVersion},
                      {"listen", addresses},
                      {"data", config_.storage_directory},
                      {"workers", host_->workers()}});
}

void Server::accept(const Protocol& protocol, runtime::UniqueFd socket, runtime::Endpoint peer) {
  if (open_ >= config_.server_connections_max) {
    int64_t now = control_.now().boot_ms;
    if (now - refused_logged_ms_ >= kRefusedLogMs) {
      refused_logged_ms_ = now;
      log::warn("connection refused: server.connections_max is reached", {{"peer", peer.text()}, {"open", open_}});
    }
    return;
  }
  ++open_;
  uint64_t number = ++accepted_;
  WorkerConnections* home = connections_[number % connections_.size()].get();
  home->loop().post([home, number, socket = std::move(socket), peer = std::move(peer), &protocol]() mutable {
    home->open(number, std::move(socket), std::move(peer), protocol);
  });
}

void Server::connection_gone() {
  --open_;
  if (open_ == 0 && when_empty_) std::exchange(when_empty_, nullptr)();
}

void Server::when_empty(runtime::Task then) {
  if (open_ == 0) return then();
  when_empty_ = std::move(then);
}

void Server::each_worker(void (WorkerConnections::*step)()) {
  for (const auto& connections : connections_)
    connections->loop().post([home = connections.get(), step] { (home->*step)(); });
}

void Server::stop(runtime::Task done) {
  views_->set_ready(false);
  for (const auto& listener : listeners_) listener->stop();
  log::info("stopping", {{"connections", open_}});
  each_worker(&WorkerConnections::say_goodbye);
  control_.call_at(control_.now().boot_ms + static_cast<int64_t>(config_.server_stop_timeout_ms),
                   [this] { each_worker(&WorkerConnections::drop_all); });
  when_empty([this, done = std::move(done)]() mutable {
    host_->stop([this, done = std::move(done)]() mutable { control_.post(std::move(done)); });
  });
}

}  // namespace godwit::server
