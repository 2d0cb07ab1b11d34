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
    seen_.erase(it->second);
    it->second = offset;
  }
  seen_[offset] = {std::string(id), until_ms};
}

void DedupIds::expire(int64_t wall_ms) {
  while (!seen_.empty() && seen_.begin()->second.until_ms <= wall_ms) {
    by_id_.erase(seen_.begin()->second.id);
    seen_.erase(seen_.begin());
  }
}

void DedupIds::index() {
  by_id_.clear();
  for (const auto& [offset, seen] : seen_) by_id_[seen.id] = offset;
}

}  // namespace godwit::engine
