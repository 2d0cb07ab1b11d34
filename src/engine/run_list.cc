#include "engine/run_list.h"

#include <algorithm>

namespace godwit::engine {

std::vector<model::OffsetRun> first_of(std::vector<model::OffsetRun> runs, uint64_t count) {
  std::ranges::sort(runs, {}, &model::OffsetRun::first);
  for (size_t i = 0; i < runs.size(); ++i) {
    runs[i].count = static_cast<uint32_t>(std::min<uint64_t>(runs[i].count, count));
    count -= runs[i].count;
    if (count == 0) runs.resize(runs[i].count > 0 ? i + 1 : i);
  }
  return runs;
}

}  // namespace godwit::engine
