#pragma once

#include <unistd.h>

namespace godwit::runtime {

/// Looks again for two seconds while `taken()`: a process that was killed has its locks and ports until the last of its
/// threads is back from the disk. Returns what it saw last, with errno as that left it.
template <class F>
bool wait_while(F&& taken) {
  constexpr int kTries = 40;
  constexpr useconds_t kPauseUs = 50'000;
  for (int tries = 1; taken(); ++tries) {
    if (tries == kTries) return true;
    ::usleep(kPauseUs);
  }
  return false;
}

}  // namespace godwit::runtime
