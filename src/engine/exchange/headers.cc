#include "engine/exchange/headers.h"

#include <algorithm>
#include <concepts>
#include <ranges>
#include <utility>

#include "base/check.h"

namespace godwit::engine::exchange {
namespace {

constexpr std::string_view kMatchArgument = "x-match";

template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;

const model::Value* find_last(const model::ValueMap& map, std::string_view name) {
  for (const auto& [key, value] : map | std::views::reverse)
    if (key == name) return &value;
  return nullptr;
}

/// Empty when the binding does not say; null when it says something else than a string.
const std::string* match_argument(const model::Binding& binding) {
  static const std::string unsaid;
  const model::Value* said = find_last(binding.arguments, kMatchArgument);
  return said ? std::get_if<std::string>(&said->v) : &unsaid;
}

}  // namespace

bool header_matches(const model::Value& wanted, const model::Value& header) {
  return std::visit(
      []<class W, class H>(const W& w, const H& h) {
        if constexpr (std::same_as<W, std::monostate>)
          return true;
        else if constexpr (Integer<W> && Integer<H>)
          return std::cmp_equal(w, h);
        else if constexpr (std::floating_point<W> && std::floating_point<H>)
          return static_cast<double>(w) == static_cast<double>(h);
        else if constexpr (std::same_as<W, H>)
          return w == h;
        else
          return false;
      },
      wanted.v, header.v);
}

Result<void> Headers::check(const model::Binding& binding) const {
  const std::string* how = match_argument(binding);
  if (how && (how->empty() || *how == "all" || *how == "any" || *how == "all-with-x" || *how == "any-with-x"))
    return {};
  return fail(ErrorCode::kInvalidArgument, "x-match is one of all, any, all-with-x, any-with-x");
}

Headers::Rule Headers::rule_of(const model::Binding& binding, Target target) {
  const std::string* how = match_argument(binding);
  CHECK(how, "x-match was checked at bind");
  Rule rule{.all = how->empty() || how->starts_with("all"), .wanted = {}, .target = target};
  bool with_x = how->ends_with("-with-x");
  for (const auto& [name, value] : binding.arguments)
    if (name != kMatchArgument && (with_x || !name.starts_with("x-"))) rule.wanted.emplace_back(name, value);
  return rule;
}

void Headers::bind(const model::Binding& binding, Target target) { rules_.push_back(rule_of(binding, target)); }

void Headers::unbind(const model::Binding& binding, Target target) {
  auto at = std::ranges::find(rules_, rule_of(binding, target));
  CHECK(at != rules_.end(), "target {} is not bound", target.id);
  rules_.erase(at);
}

bool Headers::Rule::matches(const model::ValueMap& headers) const {
  auto satisfied = [&](const auto& want) {
    const model::Value* header = find_last(headers, want.first);
    return header && header_matches(want.second, *header);
  };
  return all ? std::ranges::all_of(wanted, satisfied) : std::ranges::any_of(wanted, satisfied);
}

void Headers::match(const model::RoutingInput& input, Matches& matches) const {
  static const model::ValueMap none;
  if (rules_.empty()) return;
  const model::ValueMap& headers = input.headers ? input.headers() : none;
  for (const Rule& rule : rules_)
    if (rule.matches(headers)) matches.add(rule.target);
}

}  // namespace godwit::engine::exchange
