#include "runtime/linux/tcp.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "runtime/linux/posix_error.h"
#include "runtime/linux/wait_while.h"

namespace godwit::runtime {
namespace {

/// Connections the kernel keeps waiting for accept; it lowers this to net.core.somaxconn (4,096 by default).
constexpr int kBacklog = 4096;

Endpoint endpoint_of(const sockaddr_storage& storage) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  Endpoint endpoint;
  if (storage.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &storage, sizeof in);
    ::inet_ntop(AF_INET, &in.sin_addr, text.data(), text.size());
    endpoint.port = ntohs(in.sin_port);
    endpoint.loopback = (ntohl(in.sin_addr.s_addr) >> 24) == 127;
  } else {
    sockaddr_in6 in{};
    std::memcpy(&in, &storage, sizeof in);
    ::inet_ntop(AF_INET6, &in.sin6_addr, text.data(), text.size());
    endpoint.port = ntohs(in.sin6_port);
    endpoint.loopback = IN6_IS_ADDR_LOOPBACK(&in.sin6_addr) || std::strncmp(text.data(), "::ffff:127.", 11) == 0;
  }
  endpoint.address = text.data();
  return endpoint;
}

struct FreeAddress {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, FreeAddress>;

/// Null unless `address` is numeric.
AddressList numeric_address(const std::string& address, uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return nullptr;
  return AddressList(found);
}

std::unexpected<Error> listen_error(const char* call, const std::string& where) {
  switch (errno) {
    case EADDRINUSE: return fail(ErrorCode::kInUse, fmt::format("{} is taken by another process", where));
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} is not an address of this machine", where));
    case EACCES:
    case EPERM: return fail(ErrorCode::kAccessDenied, fmt::format("{} may not be opened by this user", where));
    default: return posix_error(call, where);
  }
}

bool set_option(int fd, int level, int option, int value) {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

}  // namespace

std::string Endpoint::text() const {
  return address.find(':') == std::string::npos ? fmt::format("{}:{}", address, port)
                                                : fmt::format("[{}]:{}", address, port);
}

bool is_address(const std::string& text) { return numeric_address(text, 0) != nullptr; }

Result<UniqueFd> bind_tcp(const std::string& address, uint16_t port) {
  std::string where = Endpoint{address, port, false}.text();
  AddressList list = numeric_address(address, port);
  if (!list) return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is not an IPv4 or IPv6 address", address));
  UniqueFd fd(::socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return listen_error("socket", where);
  // Connections of an earlier process do not keep the port; a socket that listens does.
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  // Each family has a socket of its own, so that `::` does not also take 0.0.0.0.
  if (list->ai_family == AF_INET6) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  int bound = -1;
  wait_while([&] {
    bound = ::bind(fd.get(), list->ai_addr, list->ai_addrlen);
    return bound != 0 && errno == EADDRINUSE;
  });
  if (bound != 0) return listen_error("bind", where);
  return fd;
}

Result<void> listen_tcp(int bound) {
  if (::listen(bound, kBacklog) != 0) return listen_error("listen", local_endpoint(bound).text());
  return {};
}

Endpoint local_endpoint(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  return endpoint_of(storage);
}

Accepted accept_tcp(int listener) {
  while (true) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    int fd = ::accept4(listener, reinterpret_cast<sockaddr*>(&storage), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
      set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
      return {.outcome = Accepted::Outcome::kAccepted, .socket = UniqueFd(fd), .peer = endpoint_of(storage)};
    }
    switch (errno) {
      case EAGAIN:
      case EBADF:
      case EINVAL:
      case ENOTSOCK: return {};
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM: return {.outcome = Accepted::Outcome::kShort, .socket = {}, .peer = {}};
      default: break;  // this connection broke while it waited: accept(2) reports its error here
    }
  }
}

bool at_end(int fd) {
  uint8_t byte = 0;
  ssize_t n = ::recv(fd, &byte, sizeof byte, MSG_PEEK);
  return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

Transfer receive(int fd, std::span<uint8_t> into) {
  while (true) {
    ssize_t n = ::recv(fd, into.data(), into.size(), 0);
    if (n > 0) return {.outcome = Transfer::Outcome::kSome, .bytes = static_cast<size_t>(n)};
    if (n == 0) return {.outcome = Transfer::Outcome::kClosed};
    if (errno == EAGAIN) return {};
    if (errno != EINTR) return {.outcome = Transfer::Outcome::kClosed};
  }
}

Transfer send(int fd, std::span<const iovec> parts) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());  // sendmsg does not write through it
  message.msg_iovlen = parts.size();
  while (true) {
    ssize_t n = ::sendmsg(fd, &message, MSG_NOSIGNAL);
    if (n >= 0) return {.outcome = Transfer::Outcome::kSome, .bytes = static_cast<size_t>(n)};
    if (errno == EAGAIN) return {};
    if (errno != EINTR) return {.outcome = Transfer::Outcome::kClosed};
  }
}

}  // namespace godwit::runtime
