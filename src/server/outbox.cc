#include "server/outbox.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace godwit::server {
namespace {

/// Slices gathered in one call. More are sent by the next: at this number the call's own cost does not show.
constexpr size_t kGatherMax = 64;

}  // namespace

void Outbox::add(std::vector<Slice> slices) {
  for (const Slice& slice : slices) bytes_ += slice.size();
  if (slices_.empty())
    slices_ = std::move(slices);
  else
    std::move(slices.begin(), slices.end(), std::back_inserter(slices_));
}

bool Outbox::send(int fd) {
  std::array<iovec, kGatherMax> parts;
  while (bytes_ > 0) {
    size_t count = std::min(kGatherMax, slices_.size() - first_);
    for (size_t i = 0; i < count; ++i) {
      ByteView bytes = slices_[first_ + i].view().subspan(i == 0 ? offset_ : 0);
      parts[i] = {const_cast<uint8_t*>(bytes.data()), bytes.size()};
    }
    runtime::Transfer transfer = runtime::send(fd, {parts.data(), count});
    if (transfer.outcome == runtime::Transfer::Outcome::kClosed) return false;
    if (transfer.outcome == runtime::Transfer::Outcome::kWouldBlock) return true;
    advance(transfer.bytes);
  }
  return true;
}

void Outbox::advance(size_t sent) {
  bytes_ -= sent;
  while (sent > 0) {
    Slice& slice = slices_[first_];
    size_t left = slice.size() - offset_;
    if (sent < left) {
      offset_ += sent;
      return;
    }
    sent -= left;
    offset_ = 0;
    slice = Slice();
    ++first_;
  }
  if (bytes_ == 0) {
    slices_ = std::vector<Slice>();  // `= {}` would keep the memory
    first_ = 0;
  }
}

}  // namespace godwit::server
