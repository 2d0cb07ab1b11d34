#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/batch.h"

namespace godwit::broker {

/// When the messages of one batch expire and when they are due: read once for all of them, and only of batches whose
/// flags say that there is something to read.
class BatchTimes {
 public:
  struct Entry {
    uint32_t index = 0;  ///< within the batch
    std::optional<int64_t> expires_at_ms;
    std::optional<int64_t> deliver_at_ms;
  };

  explicit BatchTimes(const model::Batch& batch);

  Offset base() const { return base_; }
  /// Null when the message has neither time.
  const Entry* find(uint32_t index) const;
  /// Those of [first, end), in order.
  template <class F>
  void for_each_in(uint32_t first, uint32_t end, F&& f) const {
    for (auto it = lower_bound(first); it != entries_.end() && it->index < end; ++it) f(*it);
  }

 private:
  std::vector<Entry>::const_iterator lower_bound(uint32_t index) const;

  Offset base_;
  std::vector<Entry> entries_;
};

}  // namespace godwit::broker
