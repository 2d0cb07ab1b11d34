#pragma once

#include <atomic>

namespace godwit::runtime {

/// Something that one thread may take, once: whoever asks first has it.
class Claim {
 public:
  bool take() { return !taken_.exchange(true, std::memory_order_acq_rel); }

 private:
  std::atomic<bool> taken_{false};
};

}  // namespace godwit::runtime
