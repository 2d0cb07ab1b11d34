#include "server/listener.h"

#include <utility>

#include "server/log.h"

namespace godwit::server {
namespace {

/// Tries for a port that is free on every address; a second try is rare already.
constexpr int kFreePortTries = 16;
/// With no descriptors left, how long until the next try: some connection will have ended.
constexpr int64_t kRetryMs = 100;

/// An address of a family or an interface that is not there.
bool absent(const Error& error) { return error.code == ErrorCode::kInvalidArgument; }

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(const std::vector<std::string>& addresses, uint16_t port) {
  for (int attempt = 1;; ++attempt) {
    auto listener = std::make_unique<Listener>();
    Error last{ErrorCode::kInvalidArgument, "no address to listen on"};
    bool taken = false;
    for (const std::string& address : addresses) {
      uint16_t wanted = listener->endpoints_.empty() ? port : listener->port();
      auto fd = runtime::bind_tcp(address, wanted);
      if (!fd) {
        last = fd.error();
        taken = last.code == ErrorCode::kInUse;
        if (!absent(last)) break;
        if (addresses.size() > 1 && attempt == 1) log::warn("address left out", {{"reason", last.message}});
        continue;
      }
      listener->endpoints_.push_back(runtime::local_endpoint(fd->get()));
      auto socket = std::make_unique<Socket>();
      socket->listener = listener.get();
      socket->fd = std::move(*fd);
      listener->sockets_.push_back(std::move(socket));
      last = {ErrorCode::kInvalidArgument, ""};
    }
    if (taken && port == 0 && attempt < kFreePortTries) continue;
    if (listener->sockets_.empty() || !absent(last)) return std::unexpected(std::move(last));
    return listener;
  }
}

Result<void> Listener::start(runtime::EpollLoop& loop, const Protocol& protocol, OnAccept on_accept) {
  loop_ = &loop;
  protocol_ = &protocol;
  on_accept_ = std::move(on_accept);
  *accepting_ = true;
  for (const auto& socket : sockets_) {
    if (auto listening = runtime::listen_tcp(socket->fd.get()); !listening) return listening;
    if (auto watched = loop.watch(socket->fd.get(), *socket); !watched) return watched;
  }
  return {};
}

void Listener::stop() {
  if (!std::exchange(*accepting_, false)) return;
  for (const auto& socket : sockets_) loop_->unwatch(socket->fd.get(), *socket);
  sockets_.clear();
}

void Listener::accept_all(Socket& socket) {
  while (*accepting_) {
    runtime::Accepted accepted = runtime::accept_tcp(socket.fd.get());
    switch (accepted.outcome) {
      case runtime::Accepted::Outcome::kNone: return;
      case runtime::Accepted::Outcome::kShort: return retry(socket);
      case runtime::Accepted::Outcome::kAccepted:
        on_accept_(*protocol_, std::move(accepted.socket), std::move(accepted.peer));
    }
  }
}

/// The socket is not told about again while connections wait: look by a timer.
void Listener::retry(Socket& socket) {
  if (std::exchange(socket.retrying, true)) return;
  log::warn("out of descriptors: new connections wait", {{"protocol", protocol_->name}});
  loop_->call_at(loop_->now().boot_ms + kRetryMs, [this, &socket, accepting = accepting_] {
    if (!*accepting) return;
    socket.retrying = false;
    accept_all(socket);
  });
}

}  // namespace godwit::server
