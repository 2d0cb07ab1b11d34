#pragma once

#include <cstdint>
#include <vector>

#include "base/check.h"
#include "protocol/amqp091/appends.h"

namespace godwit::protocol::amqp091 {

/// Which publishes of a channel in confirm mode are still under way, in a ring of counters from the oldest on. A
/// publish is done when every append that carries it was answered; it is confirmed once all before it are done too, so
/// that one basic.ack with `multiple` covers a whole run.
class Confirms {
 public:
  /// Numbers a publish that `appends` appends will carry. Returns its number, from 1 on.
  uint64_t add(uint32_t appends) {
    if (count_ == ring_.size()) grow();
    at(count_++) = appends;
    return first_ + count_ - 1;
  }
  /// One append with these publishes was answered.
  void answer(const PublishRun& run, bool ok) {
    CHECK(run.first >= first_ && run.first + run.count <= first_ + count_, "publish {} is not under way", run.first);
    for (uint32_t i = 0; i < run.count; ++i) {
      uint32_t& state = at(run.first - first_ + i);
      state = (state - 1) | (ok ? 0 : kRefused);
    }
  }
  /// Takes the runs that are done from the front: say(last number, how many, confirmed) for each.
  template <class F>
  void take_done(F say) {
    while (count_ > 0 && (at(0) & ~kRefused) == 0) {
      bool refused = at(0) != 0;
      uint32_t n = 0;
      while (count_ > 0 && at(0) == (refused ? kRefused : 0u)) {
        head_ = (head_ + 1) & (ring_.size() - 1);
        --count_;
        ++n;
      }
      first_ += n;
      say(first_ - 1, n, !refused);
    }
  }
  uint64_t under_way() const { return count_; }

 private:
  static constexpr uint32_t kRefused = 1u << 31;

  uint32_t& at(uint64_t i) { return ring_[(head_ + i) & (ring_.size() - 1)]; }
  void grow() {
    std::vector<uint32_t> larger(ring_.empty() ? 64 : ring_.size() * 2);
    for (uint64_t i = 0; i < count_; ++i) larger[i] = at(i);
    ring_.swap(larger);
    head_ = 0;
  }

  std::vector<uint32_t> ring_;  ///< a power of two long
  uint64_t head_ = 0;
  uint64_t count_ = 0;
  uint64_t first_ = 1;  ///< number of the publish at head_
};

}  // namespace godwit::protocol::amqp091
