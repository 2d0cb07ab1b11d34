#include "engine/run_list.h"

#include <algorithm>

namespace godwit::engine {

std::vector<model::OffsetRun> in_order(std::vector<model::OffsetRun> runs) {
  auto overlap = [](const model::OffsetRun& a, const model::OffsetRun& b) { return a.end() > b.first; };
  if (std::ranges::adjacent_find(runs, overlap) == runs.end()) return runs;
  std::ranges::sort(runs, {}, &model::OffsetRun::first);
  Offset end = runs.front().first;
  for (model::OffsetRun& run : runs) {
    Offset until = std::max(end, run.end());
    run.first = std::max(end, run.first);
    run.count = static_cast<uint32_t>(until - run.first);
    end = until;
  }
  std::erase_if(runs, [](const model::OffsetRun& run) { return run.count == 0; });
  return runs;
}

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
