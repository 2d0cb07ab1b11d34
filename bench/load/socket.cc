#include "load/socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "load/process_usage.h"

namespace godwit::bench {
namespace {

// 0 when the call would have blocked; anything else that failed ends the process.
size_t checked(ssize_t moved, const char* what) {
  if (moved >= 0) return static_cast<size_t>(moved);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
  fail(fmt::format("{}: {}", what, std::strerror(errno)));
}

}  // namespace

Socket::Socket(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) fail("cannot resolve " + host);
  fd_ = ::socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, 0);
  if (fd_ < 0 || ::connect(fd_, found->ai_addr, found->ai_addrlen) != 0) {
    fail(fmt::format("connect to {}:{}: {}", host, port, std::strerror(errno)));
  }
  freeaddrinfo(found);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Socket::~Socket() { ::close(fd_); }

void Socket::send_all(std::string_view bytes) {
  while (!bytes.empty()) bytes.remove_prefix(checked(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), "send"));
}

size_t Socket::send_some(std::string_view bytes) {
  return checked(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT), "send");
}

size_t Socket::receive(char* into, size_t capacity, bool wait) {
  const ssize_t got = ::recv(fd_, into, capacity, wait ? 0 : MSG_DONTWAIT);
  if (got == 0) fail("the broker closed the connection");
  return checked(got, "recv");
}

void Socket::set_receive_timeout_ms(int timeout_ms) {
  const timeval timeout{.tv_sec = timeout_ms / 1000, .tv_usec = (timeout_ms % 1000) * 1000};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
}

void Socket::wait(bool or_writable, int64_t timeout_ns) {
  pollfd entry{.fd = fd_, .events = static_cast<short>(or_writable ? POLLIN | POLLOUT : POLLIN), .revents = 0};
  const timespec timeout{.tv_sec = timeout_ns / 1'000'000'000, .tv_nsec = timeout_ns % 1'000'000'000};
  ppoll(&entry, 1, timeout_ns < 0 ? nullptr : &timeout, nullptr);
}

}  // namespace godwit::bench
