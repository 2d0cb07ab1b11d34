#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/limits.h"
#include "broker/options.h"

namespace godwit::broker {

/// One worker's part of Options::memory_limit, by what it is used for. Numbers only: who takes memory adds it here, and
/// asks first. Messages may take half, those of volatile topics and appends that wait for room an eighth each; a
/// quarter is for buffers: what connections hold, and what is being read back from segments.
class Memory {
 public:
  enum class Use : uint8_t {
    kMessages,     ///< of partitions, to be moved to segments
    kVolatile,     ///< messages of volatile topics, which stay
    kWaiting,      ///< appends that wait until messages have moved
    kConnections,  ///< bytes received and not whole yet, bytes not sent yet, caches
    kReads,        ///< reads from segments under way
  };
  static constexpr size_t kUses = 5;

  explicit Memory(const Options& options) : share_(options.memory_limit / std::max<uint64_t>(1, options.workers)) {}

  void add(Use use, int64_t bytes) {
    uint64_t& used = used_[static_cast<size_t>(use)];
    used = static_cast<uint64_t>(static_cast<int64_t>(used) + bytes);
  }
  uint64_t used(Use use) const { return used_[static_cast<size_t>(use)]; }

  bool messages_full() const { return used(Use::kMessages) > share_ / 2; }
  bool volatile_full() const { return used(Use::kVolatile) > share_ / 8; }
  /// A volatile message is refused: whether that is worth a line in the log, which gets one a minute.
  bool refusal_is_news(int64_t now_boot_ms) {
    if (now_boot_ms < quiet_until_boot_ms_) return false;
    quiet_until_boot_ms_ = now_boot_ms + 60'000;
    return true;
  }
  uint64_t buffers() const { return used(Use::kConnections) + used(Use::kReads); }
  uint64_t buffers_max() const { return share_ / 4; }
  /// No connection may grow its buffers beyond what it may always have. What is whole is handled all the same: buffers
  /// that somebody fills and holds must not stop those who hold none.
  bool exhausted() const { return buffers() > buffers_max(); }
  /// Publishers are to be held back: three quarters of what may wait are taken.
  bool publishers_too_many() const { return used(Use::kWaiting) > share_ / 8 / 4 * 3; }
  /// ... and no longer when half of it is free.
  bool publishers_welcome() const { return used(Use::kWaiting) < share_ / 8 / 2; }
  /// What one connection or read may take next of `wanted`: a quarter of what is left, so that no number of them takes
  /// all, but no less than `least`.
  size_t grant(size_t wanted, size_t least) const {
    uint64_t left = buffers_max() - std::min(buffers(), buffers_max());
    return std::min<size_t>(wanted, std::max<size_t>(least, left / 4));
  }

 private:
  const uint64_t share_;
  std::array<uint64_t, kUses> used_{};
  int64_t quiet_until_boot_ms_ = 0;
};

}  // namespace godwit::broker
