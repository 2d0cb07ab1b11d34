#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "admin/call.h"

namespace godwit::admin::handlers {

/// How many messages a consumer group has still to read of a topic, by its committed positions.
struct GroupLag {
  std::string group;
  std::string topic;
  uint64_t messages = 0;
};
/// Asks every group for its positions, and the partitions of these for their ends. What vanishes meanwhile is left out.
void measure_group_lags(const CallPtr& call, std::move_only_function<void(std::vector<GroupLag>&)> then);

}  // namespace godwit::admin::handlers
