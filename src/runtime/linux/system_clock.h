#pragma once

#include <cstdint>

#include "base/time.h"

namespace godwit::runtime {

/// The machine's two clocks as the broker uses them (base/time.h). Wall time is the system's; boot time runs with
/// CLOCK_BOOTTIME, so that it goes on while the machine sleeps and is not set by anybody.
class SystemClock {
 public:
  /// Boot time starts at the wall time of now.
  SystemClock();

  /// Boot time is at least `boot_ms` from here on: the newest time found in stored data. Before other threads read.
  void advance_boot(int64_t boot_ms);
  /// Wall time alone. From any thread, also while boot time is advanced.
  int64_t wall_ms() const;
  /// As the clocks stand: wall time may have been set back between two calls. From any thread.
  Now read() const;

 private:
  int64_t boot_offset_ms_ = 0;
};

/// One thread's view of a clock, in which wall time never runs backwards.
class SteadyView {
 public:
  explicit SteadyView(const SystemClock& clock) : clock_(clock), now_(clock.read()) {}
  const Now& now() const { return now_; }
  const Now& refresh();

 private:
  const SystemClock& clock_;
  Now now_;
};

}  // namespace godwit::runtime
