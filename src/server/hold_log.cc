#include "server/hold_log.h"

#include <utility>

namespace godwit::server {

void HoldLog::changed(const std::string& reason, bool held) {
  State& state = states_[reason];
  state.held = held;
  state.times += held;
  consider(reason);
}

void HoldLog::consider(const std::string& reason) {
  State& state = states_[reason];
  if (state.held == state.said || state.scheduled) return;
  int64_t now_ms = loop_.now().boot_ms;
  if (now_ms >= state.quiet_until_ms) {
    state.said = state.held;
    state.quiet_until_ms = now_ms + kPauseMs;
    return say_(reason, state.held, std::exchange(state.times, 0));
  }
  state.scheduled = true;
  loop_.call_at(state.quiet_until_ms, [this, reason] {
    states_[reason].scheduled = false;
    consider(reason);
  });
}

}  // namespace godwit::server
