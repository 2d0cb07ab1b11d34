#pragma once

#include <cstdint>

namespace godwit {

/// The two clocks a decision may use, read once a batch of work and passed down: engines never read a clock.
///
/// `wall_ms`  Unix time in milliseconds, never backwards within a boot: timestamps, expiry, schedules. Slower than real
///            time while the system's clock is set back behind it, until that has caught up.
/// `boot_ms`  Milliseconds that only ever advance with real time, anchored at boot to max(wall, last chunk's time):
///            leases and timeouts. Comparable across restarts.
struct Now {
  int64_t wall_ms = 0;
  int64_t boot_ms = 0;
};

}  // namespace godwit
