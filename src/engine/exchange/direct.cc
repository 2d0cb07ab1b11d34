#include "engine/exchange/direct.h"

#include "base/check.h"

namespace godwit::engine::exchange {

void Direct::bind(const model::Binding& binding, Target target) { keys_[binding.routing_key].add(target); }

void Direct::unbind(const model::Binding& binding, Target target) {
  auto at = keys_.find(binding.routing_key);
  CHECK(at != keys_.end(), "key '{}' is not bound", binding.routing_key);
  at->second.remove(target);
  if (at->second.empty()) keys_.erase(at);
}

void Direct::match(const model::RoutingInput& input, Matches& matches) const {
  if (auto at = keys_.find(input.routing_key); at != keys_.end()) at->second.match(matches);
}

}  // namespace godwit::engine::exchange
