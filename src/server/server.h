#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "embed/host.h"
#include "runtime/linux/epoll_loop.h"
#include "server/config.h"
#include "server/hold_log.h"
#include "server/listener.h"
#include "server/node_views.h"
#include "server/protocol.h"
#include "server/worker_connections.h"

namespace godwit::server {

/// The broker with its listeners: what `godwit serve` runs. Lives on the control loop: accepting, and its own beginning
/// and end.
class Server {
 public:
  /// Takes the ports and then recovers the data directory, which is left alone when a port is not to be had; blocking.
  /// `on_failure` runs on the control loop when the environment has failed the broker, which then must be stopped at
  /// once. Errors: as bind_tcp of the ports; kInUse, kCorrupt, kUnsupported, kIo of the directory.
  static Result<std::unique_ptr<Server>> open(const Config& config, bool repair, runtime::EpollLoop& control,
                                              std::function<void(const Error&)> on_failure);
  ~Server();

  /// Accepts connections and starts the workers. Logs `ready`. Errors: as listen_tcp.
  Result<void> start();
  /// Accepts no more, lets sessions say good-bye, takes a last checkpoint, then runs `done` on the control loop.
  void stop(runtime::Task done);

 private:
  Server(Config config, runtime::EpollLoop& control);
  Result<void> take_ports();
  std::vector<uint16_t> ports() const;
  void accept(const Protocol& protocol, runtime::UniqueFd socket, runtime::Endpoint peer);
  void connection_gone();
  void when_empty(runtime::Task then);
  void each_worker(void (WorkerConnections::*step)());
  void log_ready() const;

  const Config config_;
  runtime::EpollLoop& control_;
  std::unique_ptr<embed::Host> host_;
  std::vector<Protocol> protocols_;
  std::vector<std::unique_ptr<Listener>> listeners_;             ///< parallel to protocols_
  std::vector<std::unique_ptr<WorkerConnections>> connections_;  ///< by worker
  std::unique_ptr<NodeViews> views_;
  HoldLog holds_;
  uint64_t open_ = 0;  ///< connections handed to workers and not gone yet
  uint64_t accepted_ = 0;
  int64_t refused_logged_ms_ = 0;
  runtime::Task when_empty_;
};

}  // namespace godwit::server
