#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::bench {

/// A connected TCP socket with TCP_NODELAY, blocking by default; closed by its destructor. Failures end the process.
class Socket {
 public:
  Socket(const std::string& host, uint16_t port);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  /// Blocks until all of `bytes` are handed to the kernel.
  void send_all(std::string_view bytes);

  /// Hands over what fits now; 0 when nothing does.
  size_t send_some(std::string_view bytes);

  /// Reads what is there, at most `capacity` bytes; 0 when nothing came (at once, or within the receive timeout).
  size_t receive(char* into, size_t capacity, bool wait);

  /// The longest a waiting `receive` blocks.
  void set_receive_timeout_ms(int timeout_ms);

  /// Blocks until readable, or writable when asked, or `timeout_ns` has passed (negative: for ever).
  void wait(bool or_writable, int64_t timeout_ns);

 private:
  int fd_ = -1;
};

}  // namespace godwit::bench
