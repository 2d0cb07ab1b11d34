#include "sim/sim_file.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "base/limits.h"

namespace godwit::sim {

uint64_t SimDisk::Node::footprint() const {
  return (std::max(allocated, size) + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
}

void SimDisk::Node::write(uint64_t position, ByteView in) {
  if (in.empty()) return;
  uint64_t end = position + in.size();
  uint64_t last = (end + kSectorBytes - 1) / kSectorBytes;
  if (bytes.size() < last * kSectorBytes) bytes.resize(last * kSectorBytes);
  for (uint64_t sector = position / kSectorBytes; sector < last; ++sector) {
    if (auto gone = lost.extract(sector)) {
      before.insert(std::move(gone));
    } else if (auto [at, fresh] = before.try_emplace(sector); fresh) {
      std::memcpy(at->second.data(), bytes.data() + sector * kSectorBytes, kSectorBytes);
    }
  }
  std::memcpy(bytes.data() + position, in.data(), in.size());
  size = std::max(size, end);
}

void SimDisk::Node::sync() {
  before.clear();
  synced_size = size;
}

void SimDisk::Node::fail_sync(std::mt19937_64& random) {
  for (auto& [sector, old] : before)
    if (random() & 1) lost.insert_or_assign(sector, old);
  before.clear();
}

void SimDisk::Node::restore(uint64_t sector, const Sector& old) {
  std::memcpy(bytes.data() + sector * kSectorBytes, old.data(), kSectorBytes);
}

void SimDisk::Node::crash(std::mt19937_64& random) {
  for (const auto& [sector, old] : lost) restore(sector, old);
  // All lost, all kept, a prefix, or any subset of the sectors.
  uint64_t way = random() % 4;
  uint64_t keep = before.empty() ? 0 : random() % (before.size() + 1);
  uint64_t at = 0;
  for (const auto& [sector, old] : before) {
    bool kept = way == 1 || (way == 2 && at < keep) || (way == 3 && (random() & 1));
    if (!kept) restore(sector, old);
    ++at;
  }
  before.clear();
  lost.clear();
  if (random() & 1) size = synced_size;
  synced_size = size;
  bytes.resize(std::min<uint64_t>(bytes.size(), (size + kSectorBytes - 1) / kSectorBytes * kSectorBytes));
  if (bytes.size() > size) std::fill(bytes.begin() + static_cast<ptrdiff_t>(size), bytes.end(), 0);
  allocated = std::min(allocated, size);
}

Result<void> SimFile::check_alive() const {
  if (generation_ == disk_.generation_) return {};
  return fail(ErrorCode::kIo, fmt::format("{}: opened before a crash", path_));
}

void SimFile::check_aligned(uint64_t position, const uint8_t* memory, size_t bytes) const {
  CHECK(mode_ != runtime::Disk::Mode::kDirect ||
            (position | bytes | reinterpret_cast<uintptr_t>(memory)) % kBlockBytes == 0,
        "{}: {} bytes at {}", path_, bytes, position);
}

bool SimFile::fits(uint64_t end) const {
  uint64_t wanted = (std::max({node_->allocated, node_->size, end}) + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  uint64_t more = wanted - node_->footprint();
  return more == 0 || disk_.used_bytes() + more <= disk_.capacity_;
}

Result<void> SimFile::write(uint64_t position, ByteView bytes) {
  CHECK(mode_ != runtime::Disk::Mode::kRead, "{} is open for reading", path_);
  check_aligned(position, bytes.data(), bytes.size());
  if (Result<void> alive = check_alive(); !alive) return alive;
  bool was_stopped = disk_.stopped();
  if (Result<void> begun = disk_.begin_change(); !begun) {
    if (!was_stopped && fits(position + bytes.size())) node_->write(position, bytes);
    return begun;
  }
  bool fails = !disk_.fail_writes_in_.empty() && path_.starts_with(disk_.fail_writes_in_);
  if (std::exchange(disk_.fail_write_, false) || fails) {
    node_->write(position, bytes.first(bytes.size() / 2));
    return fail(ErrorCode::kIo, fmt::format("{}: write: input/output error", path_));
  }
  if (!fits(position + bytes.size())) return fail(ErrorCode::kFull, fmt::format("{}: write: no space left", path_));
  node_->write(position, bytes);
  ++disk_.writes_;
  disk_.bytes_written_ += bytes.size();
  return {};
}

Result<size_t> SimFile::read(uint64_t position, std::span<uint8_t> into) {
  check_aligned(position, into.data(), into.size());
  if (Result<void> alive = check_alive(); !alive) return std::unexpected(alive.error());
  if (std::exchange(disk_.fail_read_, false))
    return fail(ErrorCode::kIo, fmt::format("{}: read: input/output error", path_));
  if (position >= node_->size) return size_t{0};
  size_t wanted = std::min<uint64_t>(into.size(), node_->size - position);
  size_t there = position < node_->bytes.size() ? std::min<size_t>(wanted, node_->bytes.size() - position) : 0;
  if (there > 0) std::memcpy(into.data(), node_->bytes.data() + position, there);
  std::fill(into.begin() + static_cast<ptrdiff_t>(there), into.begin() + static_cast<ptrdiff_t>(wanted), 0);
  return wanted;
}

Result<void> SimFile::sync() {
  if (Result<void> alive = check_alive(); !alive) return alive;
  if (Result<void> begun = disk_.begin_change(); !begun) return begun;
  ++disk_.syncs_;
  if (std::exchange(disk_.fail_sync_, false)) {
    node_->fail_sync(disk_.random_);
    return fail(ErrorCode::kIo, fmt::format("{}: fdatasync: input/output error", path_));
  }
  node_->sync();
  return {};
}

Result<void> SimFile::allocate(uint64_t bytes) {
  if (Result<void> alive = check_alive(); !alive) return alive;
  if (Result<void> begun = disk_.begin_change(); !begun) return begun;
  if (!fits(bytes)) return fail(ErrorCode::kFull, fmt::format("{}: fallocate: no space left", path_));
  node_->allocated = std::max(node_->allocated, bytes);
  node_->size = std::max(node_->size, bytes);
  return {};
}

Result<uint64_t> SimFile::size() {
  if (Result<void> alive = check_alive(); !alive) return std::unexpected(alive.error());
  return node_->size;
}

}  // namespace godwit::sim
