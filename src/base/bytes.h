#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit {

/// Borrowed bytes; valid as long as their owner is.
using ByteView = std::span<const uint8_t>;

inline ByteView as_bytes(std::string_view s) { return {reinterpret_cast<const uint8_t*>(s.data()), s.size()}; }
inline std::string_view as_string(ByteView b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }

/// Owned, growing bytes, written by one writer; becomes a Slice when finished.
using ByteVec = std::vector<uint8_t>;

/// A shared, immutable range of bytes: a view and a counted reference to the allocation it lies in. Copying costs one
/// atomic increment, so copy per batch, not per message. Slices may be handed between workers.
class Slice {
 public:
  Slice() = default;
  /// Takes over `bytes` without copying them.
  static Slice take(ByteVec bytes);
  /// The first `size` bytes of `block`, for one that is filled as a whole and need not be zeroed before.
  static Slice take(std::unique_ptr<uint8_t[]> block, size_t size);
  /// Copies `bytes` into an allocation of exactly their size.
  static Slice copy(ByteView bytes);

  Slice(const Slice& other) noexcept : owner_(other.owner_), view_(other.view_) { retain(); }
  Slice(Slice&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), view_(std::exchange(other.view_, {})) {}
  Slice& operator=(Slice other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(view_, other.view_);
    return *this;
  }
  ~Slice() { release(); }

  ByteView view() const { return view_; }
  operator ByteView() const { return view_; }  // NOLINT: a slice is a view with an owner
  const uint8_t* data() const { return view_.data(); }
  size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }

  /// The bytes [pos, pos + len) of this slice, sharing its allocation. The range must lie within it.
  Slice sub(size_t pos, size_t len) const;
  /// `part` must lie within this slice.
  Slice sub(ByteView part) const { return sub(static_cast<size_t>(part.data() - data()), part.size()); }

 private:
  struct Owner {
    std::atomic<uint32_t> references{1};
    ByteVec bytes;
    std::unique_ptr<uint8_t[]> block;  ///< instead of `bytes`
  };

  Slice(Owner* owner, ByteView view) : owner_(owner), view_(view) {}
  void retain() const {
    if (owner_) owner_->references.fetch_add(1, std::memory_order_relaxed);
  }
  void release() {
    if (owner_ && owner_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete owner_;
  }

  Owner* owner_ = nullptr;
  ByteView view_;
};

}  // namespace godwit
