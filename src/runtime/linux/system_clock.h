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

/// One thread's view of a clock, in which wall time neither runs backwards nor stands: while the clock was set back
/// behind it, it goes on at 7/8 of boot time's pace until the clock has caught up, so that what is to expire does.
class SteadyView {
 public:
  explicit SteadyView(const SystemClock& clock) : clock_(clock), now_(clock.read()), ahead_since_(now_) {}
  const Now& now() const { return now_; }
  const Now& refresh() { return advance(clock_.read()); }
  /// To what a clock shows now.
  const Now& advance(const Now& read);

 private:
  static constexpr int64_t kAheadPace = 7, kAheadPaceOf = 8;

  const SystemClock& clock_;
  Now now_;
  Now ahead_since_;  ///< when the clock last led
};

}  // namespace godwit::runtime
