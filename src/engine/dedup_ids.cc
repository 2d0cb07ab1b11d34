#include "engine/dedup_ids.h"

namespace godwit::engine {

std::optional<Offset> DedupIds::find(std::string_view id, int64_t wall_ms) const {
  auto known = by_id_.find(id);
  if (known == by_id_.end() || seen_.at(known->second).until_ms <= wall_ms) return std::nullopt;
  return known->second;
}

void DedupIds::remember(std::string_view id, Offset offset, int64_t until_ms) {
  auto [it, added] = by_id_.try_emplace(std::string(id), offset);
  if (!added) {
    auto earlier = seen_.find(it->second);
    by_end_.erase({earlier->second.until_ms, earlier->first});
    seen_.erase(earlier);
    it->second = offset;
  }
  seen_[offset] = {std::string(id), until_ms};
  by_end_.emplace(until_ms, offset);
}

void DedupIds::expire(int64_t wall_ms) {
  while (!by_end_.empty() && by_end_.begin()->first <= wall_ms) {
    auto ended = seen_.find(by_end_.begin()->second);
    by_id_.erase(ended->second.id);
    seen_.erase(ended);
    by_end_.erase(by_end_.begin());
  }
}

void DedupIds::index() {
  by_id_.clear();
  by_end_.clear();
  for (const auto& [offset, seen] : seen_) {
    by_id_[seen.id] = offset;
    by_end_.emplace(seen.until_ms, offset);
  }
}

}  // namespace godwit::engine
