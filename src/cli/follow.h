#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/client.h"

namespace godwit::cli {

/// Which part of a topic's log to show.
struct Follow {
  std::string topic;
  std::optional<uint32_t> partition;  ///< none: all that there are, merged by the time of append
  std::string from = "end";  ///< start, end, or -n for the last n of each partition; an offset of one partition
  int64_t count = 0;         ///< at most, of all together; 0: no limit
  bool once = false;         ///< ends where there is no more, instead of waiting
};

/// Prints what is there and then what comes; returns the exit code.
int follow(Client& client, const Follow& what);

}  // namespace godwit::cli
