#pragma once

#include "engine/exchange/targets.h"

namespace godwit::engine::exchange {

/// Matches every binding, whatever the keys.
class Fanout final : public ExchangeKind {
 public:
  void bind(const model::Binding&, Target target) override { targets_.add(target); }
  void unbind(const model::Binding&, Target target) override { targets_.remove(target); }
  void match(const model::RoutingInput&, Matches& matches) const override { targets_.match(matches); }

 private:
  Targets targets_;
};

}  // namespace godwit::engine::exchange
