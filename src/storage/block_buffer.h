#pragma once

#include <memory>
#include <new>
#include <span>

#include "base/bytes.h"
#include "base/limits.h"

namespace godwit::storage {

/// Memory aligned for direct I/O, used again and again.
class BlockBuffer {
 public:
  explicit BlockBuffer(size_t capacity) : capacity_(capacity), bytes_(allocate(capacity)) {}

  uint8_t* data() { return bytes_.get(); }
  size_t capacity() const { return capacity_; }
  std::span<uint8_t> first(size_t bytes) { return {bytes_.get(), bytes}; }

  /// Makes the capacity at least `bytes`; what it held is lost when it was smaller.
  void reserve(size_t bytes) {
    if (bytes > capacity_) *this = BlockBuffer(bytes);
  }

 private:
  static constexpr std::align_val_t kAlignment{kBlockBytes};
  struct Free {
    void operator()(uint8_t* bytes) const { ::operator delete[](bytes, kAlignment); }
  };
  static uint8_t* allocate(size_t bytes) { return static_cast<uint8_t*>(::operator new[](bytes, kAlignment)); }

  size_t capacity_;
  std::unique_ptr<uint8_t[], Free> bytes_;
};

}  // namespace godwit::storage
