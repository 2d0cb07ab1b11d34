#include "server/worker_connections.h"

#include "broker/worker.h"

namespace godwit::server {

WorkerConnections::WorkerConnections(broker::Worker& worker, runtime::EpollLoop& loop, int64_t handshake_timeout_ms,
                                     std::function<void()> on_gone)
    : worker_(worker),
      loop_(loop),
      handshake_timeout_ms_(handshake_timeout_ms),
      on_gone_(std::move(on_gone)),
      receive_buffer_(std::make_unique_for_overwrite<uint8_t[]>(kReceiveBytes)) {}

WorkerConnections::~WorkerConnections() = default;

void WorkerConnections::open(uint64_t number, runtime::UniqueFd socket, runtime::Endpoint peer,
                             const Protocol& protocol) {
  if (stopping_) return on_gone_();
  auto connection = std::make_unique<Connection>(*this, number, std::move(socket), std::move(peer), protocol);
  connections_.emplace(number, std::move(connection)).first->second->open();
}

void WorkerConnections::say_goodbye() {
  stopping_ = true;
  for (const auto& [number, connection] : connections_) connection->say_goodbye();
}

void WorkerConnections::drop_all() {
  for (const auto& [number, connection] : connections_) connection->drop("the broker stops");
}

void WorkerConnections::run(uint64_t number, Step step) {
  auto it = connections_.find(number);
  if (it != connections_.end()) step(*it->second);
}

void WorkerConnections::post(const Connection& connection, Step step) {
  loop_.post([this, number = connection.number(), step] { run(number, step); });
}

void WorkerConnections::after(int64_t ms, const Connection& connection, Step step) {
  loop_.call_at(loop_.now().boot_ms + ms, [this, number = connection.number(), step] { run(number, step); });
}

void WorkerConnections::retire(const Connection& connection) {
  loop_.post([this, number = connection.number()] {
    connections_.erase(number);
    on_gone_();
  });
}

}  // namespace godwit::server
