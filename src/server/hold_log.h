#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "runtime/loop.h"

namespace godwit::server {

/// Says in the log when publishers begin to wait and when they go on: a line a change, but of each reason no more than
/// one in a while, or a broker at its limit would say little else. Lives on one loop.
class HoldLog {
 public:
  static constexpr int64_t kPauseMs = 10'000;
  /// `times`: how often they had to wait since the line before.
  using Say = std::function<void(const std::string& reason, bool held, uint64_t times)>;

  HoldLog(runtime::Loop& loop, Say say) : loop_(loop), say_(std::move(say)) {}

  void changed(const std::string& reason, bool held);

 private:
  struct State {
    bool held = false;
    bool said = false;
    bool scheduled = false;
    uint64_t times = 0;  ///< since the last line
    int64_t quiet_until_ms = 0;
  };

  void consider(const std::string& reason);

  runtime::Loop& loop_;
  const Say say_;
  std::map<std::string, State> states_;
};

}  // namespace godwit::server
