#include "engine/exchange/targets.h"

#include <algorithm>

#include "base/check.h"

namespace godwit::engine::exchange {

void Targets::add(Target target) {
  auto at = std::ranges::lower_bound(entries_, target, {}, &Entry::target);
  if (at == entries_.end() || at->target != target) at = entries_.insert(at, Entry{target});
  ++at->bindings;
}

void Targets::remove(Target target) {
  auto at = std::ranges::lower_bound(entries_, target, {}, &Entry::target);
  CHECK(at != entries_.end() && at->target == target, "target {} is not bound", target.id);
  if (--at->bindings == 0) entries_.erase(at);
}

}  // namespace godwit::engine::exchange
