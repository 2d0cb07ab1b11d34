#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>
#include <string>

#include "base/error.h"
#include "runtime/linux/posix_file.h"

/// TCP sockets, none of which ever blocks.
namespace godwit::runtime {

/// An address and a port, e.g. 127.0.0.1:5672 or [::1]:5672.
struct Endpoint {
  std::string address;
  uint16_t port = 0;
  /// On this machine only.
  bool loopback = false;

  std::string text() const;
};

/// Whether `text` is a numeric IPv4 or IPv6 address.
bool is_address(const std::string& text);
/// A socket on a numeric IPv4 or IPv6 address, which refuses connections until it listens; port 0 picks a free one.
/// Waits two seconds for a port that is taken. Errors: kInUse: somebody listens on the port; kInvalidArgument: no such
/// address; kAccessDenied: a privileged port; kIo.
Result<UniqueFd> bind_tcp(const std::string& address, uint16_t port);
/// Errors: kInUse: another socket that was bound to the port listens already; kIo.
Result<void> listen_tcp(int bound);
/// The address that a bound socket has.
Endpoint local_endpoint(int fd);

struct Accepted {
  enum class Outcome {
    kAccepted,
    kNone,   ///< nobody is waiting
    kShort,  ///< no descriptors or memory left: try again later
  };
  Outcome outcome = Outcome::kNone;
  UniqueFd socket;
  Endpoint peer;
};
/// Takes the next waiting connection, with small writes sent at once. A connection that broke while it waited is
/// skipped.
Accepted accept_tcp(int listener);

struct Transfer {
  enum class Outcome { kSome, kWouldBlock, kClosed };
  Outcome outcome = Outcome::kWouldBlock;
  size_t bytes = 0;
};
/// kClosed: the peer has closed, or the connection broke.
/// Whether the next receive() would say kClosed.
bool at_end(int fd);
Transfer receive(int fd, std::span<uint8_t> into);
Transfer send(int fd, std::span<const iovec> parts);

}  // namespace godwit::runtime
