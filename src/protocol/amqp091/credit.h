#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "protocol/amqp091/options.h"

namespace godwit::protocol::amqp091 {

/// How many deliveries may be out: the prefetch limit (0: none) and a window that follows the size of the messages, so
/// that what is sent ahead keeps the socket busy and no more.
class CreditWindow {
 public:
  explicit CreditWindow(uint32_t prefetch) : prefetch_(prefetch) {}

  void on_delivered(uint64_t messages, uint64_t bytes) {
    if (messages == 0) return;
    uint64_t mean = bytes / messages + 1;
    mean_bytes_ = mean_bytes_ == 0 ? mean : (mean_bytes_ * 7 + mean) / 8;
  }
  uint32_t window() const {
    if (mean_bytes_ == 0) return kFirstWindow;
    return static_cast<uint32_t>(std::clamp<uint64_t>(kDeliveryWindowBytes / mean_bytes_, 4, kDeliveryWindowMax));
  }
  /// Credit to give, where `granted` is unused credit and `unsettled` counts against the prefetch limit.
  uint32_t room(uint64_t granted, uint64_t unsettled) const {
    uint64_t limit = prefetch_ == 0 ? std::numeric_limits<uint32_t>::max() : prefetch_;
    uint64_t used = granted + unsettled;
    uint64_t by_limit = limit > used ? limit - used : 0;
    uint64_t by_window = window() > granted ? window() - granted : 0;
    return static_cast<uint32_t>(std::min(by_limit, by_window));
  }

 private:
  static constexpr uint32_t kFirstWindow = 64;  ///< until the first delivery shows how large messages are

  uint32_t prefetch_;
  uint64_t mean_bytes_ = 0;
};

}  // namespace godwit::protocol::amqp091
