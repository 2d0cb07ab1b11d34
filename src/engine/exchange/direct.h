#pragma once

#include "engine/exchange/targets.h"
#include "engine/string_map.h"

namespace godwit::engine::exchange {

/// Matches bindings whose key equals the message's.
class Direct final : public ExchangeKind {
 public:
  void bind(const model::Binding& binding, Target target) override;
  void unbind(const model::Binding& binding, Target target) override;
  void match(const model::RoutingInput& input, Matches& matches) const override;

 private:
  StringMap<Targets> keys_;
};

}  // namespace godwit::engine::exchange
