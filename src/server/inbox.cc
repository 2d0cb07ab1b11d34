#include "server/inbox.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/limits.h"

namespace godwit::server {
namespace {

/// What a connection with a large frame on its way may grow by at once.
constexpr size_t kGrowthMin = 256_KiB;

}  // namespace

std::span<uint8_t> Inbox::room(std::span<uint8_t> shared, size_t wanted) {
  // Half of the shared buffer is left for new bytes, so that keeping a rest never costs more than reading it did. A
  // large frame begins here too: what it will take is only believed once half a buffer of it has come.
  if (size_ <= shared.size() / 2) {
    if (size_ > 0) std::memcpy(shared.data(), kept().data(), size_);
    shared_ = shared;
    return shared.subspan(size_);
  }
  shared_ = {};
  move_to_front();
  if (capacity_ - size_ < kGrowthMin / 4) reserve(std::max(std::min(wanted, size_ * 2), size_ + kGrowthMin));
  return {own_.get() + size_, capacity_ - size_};
}

ByteView Inbox::received(size_t received) {
  if (shared_.empty()) {
    size_ += received;
    shown_ = kept();
  } else {
    shown_ = ByteView(shared_).first(size_ + received);
  }
  return shown_;
}

void Inbox::take(size_t taken) {
  bool in_shared = !shared_.empty();
  if (!in_shared) shown_ = kept();
  shared_ = {};
  CHECK(taken <= shown_.size());
  ByteView rest = shown_.subspan(taken);
  shown_ = {};
  if (rest.empty()) {
    own_.reset();
    begin_ = size_ = capacity_ = 0;
    return;
  }
  if (in_shared) {
    if (rest.size() > capacity_) {
      own_ = std::make_unique_for_overwrite<uint8_t[]>(rest.size());
      capacity_ = rest.size();
    }
    std::memcpy(own_.get(), rest.data(), rest.size());
    begin_ = 0;
  } else {
    begin_ += taken;
  }
  size_ = rest.size();
}

void Inbox::move_to_front() {
  if (begin_ > 0) std::memmove(own_.get(), own_.get() + begin_, size_);
  begin_ = 0;
}

void Inbox::reserve(size_t capacity) {
  auto larger = std::make_unique_for_overwrite<uint8_t[]>(capacity);
  if (size_ > 0) std::memcpy(larger.get(), own_.get(), size_);
  own_ = std::move(larger);
  capacity_ = capacity;
}

}  // namespace godwit::server
