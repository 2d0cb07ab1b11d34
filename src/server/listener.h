#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/linux/epoll_loop.h"
#include "runtime/linux/tcp.h"
#include "server/protocol.h"

namespace godwit::server {

/// The listening sockets of one protocol, one an address.
class Listener {
 public:
  using OnAccept = std::function<void(const Protocol&, runtime::UniqueFd, runtime::Endpoint peer)>;

  /// Takes one port on every address, where clients are refused until start(); a free port is free on all of them. An
  /// address that this machine does not have is left out with a warning, if another is left. Errors: as bind_tcp.
  static Result<std::unique_ptr<Listener>> open(const std::vector<std::string>& addresses, uint16_t port);

  uint16_t port() const { return endpoints_.front().port; }
  const std::vector<runtime::Endpoint>& endpoints() const { return endpoints_; }

  /// Listens, and accepts on `loop` from now on; `protocol` outlives the listener. Errors: as listen_tcp.
  Result<void> start(runtime::EpollLoop& loop, const Protocol& protocol, OnAccept on_accept);
  /// Accepts no more, on the loop's thread or after it has ended.
  void stop();

 private:
  struct Socket final : runtime::Watcher {
    Listener* listener = nullptr;
    runtime::UniqueFd fd;
    bool retrying = false;
    void on_ready(Ready) override { listener->accept_all(*this); }
  };

  void accept_all(Socket& socket);
  void retry(Socket& socket);

  std::vector<std::unique_ptr<Socket>> sockets_;
  std::vector<runtime::Endpoint> endpoints_;
  runtime::EpollLoop* loop_ = nullptr;
  const Protocol* protocol_ = nullptr;
  OnAccept on_accept_;
  std::shared_ptr<bool> accepting_ = std::make_shared<bool>(false);  ///< outlives the listener in its timers
};

}  // namespace godwit::server
