#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "runtime/linux/tcp.h"

namespace godwit::server {

/// Bytes on their way to a peer: taken from its session, not yet by the kernel.
class Outbox {
 public:
  void add(std::vector<Slice> slices);
  size_t bytes() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }

  /// Sends what the socket takes, gathering. False when the connection broke. What is left waits for the socket.
  bool send(int fd);

 private:
  void advance(size_t sent);

  std::vector<Slice> slices_;
  size_t first_ = 0;   ///< slices before it are sent
  size_t offset_ = 0;  ///< sent bytes of slices_[first_]
  size_t bytes_ = 0;
};

}  // namespace godwit::server
