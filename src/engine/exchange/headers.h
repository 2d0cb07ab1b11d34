#pragma once

#include <string>
#include <vector>

#include "engine/exchange/targets.h"

namespace godwit::engine::exchange {

/// Matches a binding's arguments with the message's headers, by name and typed value. The argument `x-match` says how:
/// "all" (default) or "any" of them, leaving out names that begin with "x-"; "all-with-x" and "any-with-x" keep those.
/// An argument without a value asks only for the name. Integers of every width compare by value, as do floats; other
/// types must be the same. Of headers that repeat a name the last counts.
class Headers final : public ExchangeKind {
 public:
  Result<void> check(const model::Binding& binding) const override;
  void bind(const model::Binding& binding, Target target) override;
  void unbind(const model::Binding& binding, Target target) override;
  void match(const model::RoutingInput& input, Matches& matches) const override;

 private:
  struct Rule {
    bool all = true;
    model::ValueMap wanted;
    Target target;

    bool operator==(const Rule&) const = default;
    bool matches(const model::ValueMap& headers) const;
  };
  static Rule rule_of(const model::Binding& binding, Target target);

  std::vector<Rule> rules_;
};

/// Whether a header satisfies the value that a binding asks for.
bool header_matches(const model::Value& wanted, const model::Value& header);

}  // namespace godwit::engine::exchange
