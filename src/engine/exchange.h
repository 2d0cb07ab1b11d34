#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "model/catalog_view.h"
#include "model/settings.h"

namespace godwit::engine {

/// Where a binding leads: to the topic behind a queue, or to another exchange by its number in the catalog.
struct Target {
  model::BindingTarget kind = model::BindingTarget::kQueue;
  uint64_t id = 0;

  auto operator<=>(const Target&) const = default;
};

/// Collects what one message matched: topics into the caller's vector, exchanges to be followed. May hold repetitions.
class Matches {
 public:
  explicit Matches(std::vector<TopicId>& topics) : topics_(topics) {}

  void add(Target target) {
    if (target.kind == model::BindingTarget::kQueue)
      topics_.push_back(TopicId(target.id));
    else
      exchanges_.push_back(target.id);
  }
  size_t count() const { return topics_.size() + exchanges_.size(); }
  const std::vector<uint64_t>& exchanges() const { return exchanges_; }

 private:
  std::vector<TopicId>& topics_;
  std::vector<uint64_t> exchanges_;
};

/// How one type of exchange chooses among its bindings. One implementation a file in engine/exchange/; the table in
/// exchange.cc names them. Bindings are the catalog's to keep: a kind only indexes them.
class ExchangeKind {
 public:
  virtual ~ExchangeKind() = default;

  /// Whether this type understands the binding. Errors: kInvalidArgument.
  virtual Result<void> check(const model::Binding& binding) const {
    (void)binding;
    return {};
  }
  /// Each binding (routing key, arguments, target) is bound at most once and unbound only when bound.
  virtual void bind(const model::Binding& binding, Target target) = 0;
  virtual void unbind(const model::Binding& binding, Target target) = 0;
  /// Not for two threads at once: a kind may keep scratch space.
  virtual void match(const model::RoutingInput& input, Matches& matches) const = 0;
};

/// Null when there is no such type.
std::unique_ptr<ExchangeKind> make_exchange_kind(std::string_view type);
bool is_exchange_type(std::string_view type);

}  // namespace godwit::engine
