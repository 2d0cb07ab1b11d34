#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"

namespace godwit::server {

/// The received bytes of one connection that its session has not taken yet. Bytes are received into a buffer that all
/// connections of a worker share, and only what is left over is kept: an idle connection holds nothing. A frame larger
/// than the shared buffer grows a buffer of its own, no faster than its bytes arrive.
class Inbox {
 public:
  /// Where to receive next: at most what lies behind the bytes at hand. `wanted`: see Session::bytes_wanted().
  std::span<uint8_t> room(std::span<uint8_t> shared, size_t wanted);
  /// All bytes at hand, of which the last `received` have just been put into room(). Valid until the next call.
  ByteView received(size_t received);
  /// Bytes kept from before.
  ByteView kept() const { return {own_.get() + begin_, size_}; }
  /// The first `taken` of the bytes last shown are done with; the rest is kept.
  void take(size_t taken);
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }

 private:
  void reserve(size_t capacity);
  void move_to_front();

  std::unique_ptr<uint8_t[]> own_;
  size_t begin_ = 0;  ///< in own_: many small requests are taken one by one
  size_t size_ = 0;
  size_t capacity_ = 0;
  std::span<uint8_t> shared_;  ///< while bytes lie there: between room() and take()
  ByteView shown_;
};

}  // namespace godwit::server
