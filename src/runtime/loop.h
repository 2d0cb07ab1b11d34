#pragma once

#include <cstdint>

#include "base/time.h"
#include "runtime/executor.h"

namespace godwit::runtime {

/// A worker's event loop: one thread, or the simulator's stand-in for one.
class Loop : public Executor {
 public:
  virtual Now now() const = 0;
  /// Runs `task` once the boot clock has reached `boot_ms`. Called on the loop's own thread.
  virtual void call_at(int64_t boot_ms, Task task) = 0;
  /// Random bits, not for secrets; in a simulation they follow from its seed.
  virtual uint64_t random() = 0;
};

}  // namespace godwit::runtime
