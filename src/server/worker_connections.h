#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "broker/broker.h"
#include "runtime/linux/epoll_loop.h"
#include "server/connection.h"

namespace godwit::server {

/// The connections of one worker. Everything here runs on the worker's loop, but for construction and destruction,
/// which happen while it does not run.
class WorkerConnections {
 public:
  /// What one `recv` brings at most: at 1 KiB a message, 256 of them for a system call.
  static constexpr size_t kReceiveBytes = 256_KiB;

  /// `on_gone` runs on the worker's loop for each connection that has ended.
  WorkerConnections(broker::Worker& worker, runtime::EpollLoop& loop, int64_t handshake_timeout_ms,
                    std::function<void()> on_gone);
  ~WorkerConnections();

  void open(uint64_t number, runtime::UniqueFd socket, runtime::Endpoint peer, const Protocol& protocol);
  /// The broker stops: all sessions say good-bye, and later ones at once.
  void say_goodbye();
  /// Ends what is left.
  void drop_all();
  template <class F>
  void for_each(F&& f) const {
    for (const auto& [number, connection] : connections_) f(*connection);
  }

  // For connections.
  broker::Worker& worker() { return worker_; }
  runtime::EpollLoop& loop() { return loop_; }
  int64_t handshake_timeout_ms() const { return handshake_timeout_ms_; }
  std::span<uint8_t> receive_buffer() { return {receive_buffer_.get(), kReceiveBytes}; }
  using Step = void (*)(Connection&);
  /// Runs `step` soon, or after a time, unless the connection is gone by then.
  void post(const Connection& connection, Step step);
  void after(int64_t ms, const Connection& connection, Step step);
  /// Destroys a connection that has ended, when nothing of it is on the stack any more.
  void retire(const Connection& connection);

 private:
  void run(uint64_t number, Step step);

  broker::Worker& worker_;
  runtime::EpollLoop& loop_;
  const int64_t handshake_timeout_ms_;
  const std::function<void()> on_gone_;
  const std::unique_ptr<uint8_t[]> receive_buffer_;
  std::unordered_map<uint64_t, std::unique_ptr<Connection>> connections_;
  bool stopping_ = false;
};

}  // namespace godwit::server
