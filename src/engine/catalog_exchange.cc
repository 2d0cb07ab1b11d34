#include <fmt/format.h>

#include "base/limits.h"
#include "engine/catalog_decide.h"
#include "engine/catalog_removal.h"
#include "engine/catalog_rules.h"

/// Decisions about exchanges and bindings.
namespace godwit::engine {
namespace {

std::unexpected<Error> no_exchange(std::string_view name) {
  return fail(ErrorCode::kNotFound, fmt::format("there is no exchange '{}'", name));
}

Result<void> check_new(const model::ExchangeInfo& info) {
  if (auto ok = check_name(info.name, "exchange"); !ok) return ok;
  if (is_reserved(info.name.text))
    return fail(ErrorCode::kAccessDenied,
                fmt::format("'{}': names beginning with 'amq.' are reserved", info.name.text));
  if (!is_exchange_type(info.type))
    return fail(ErrorCode::kUnsupported, fmt::format("there is no exchange type '{}'", info.type));
  return {};
}

/// What a binding joins; exactly one of the targets is set.
struct Ends {
  const ExchangeEntry* source = nullptr;
  const QueueEntry* queue = nullptr;
  const ExchangeEntry* exchange = nullptr;
};

Result<Ends> find_ends(const Catalog& catalog, const model::Binding& binding, const CatalogContext& context) {
  bool to_queue = binding.target_kind == model::BindingTarget::kQueue;
  if (binding.source.text.empty() || (!to_queue && binding.target.empty()))
    return fail(ErrorCode::kAccessDenied, "the default exchange's bindings are fixed");
  model::Name target{binding.source.space, binding.target};
  Ends ends{.source = catalog.find_exchange(binding.source)};
  if (!ends.source) return no_exchange(binding.source.text);
  if (to_queue)
    ends.queue = catalog.find_queue(target);
  else
    ends.exchange = catalog.find_exchange(target);
  if (!ends.queue && !ends.exchange)
    return fail(ErrorCode::kNotFound, fmt::format("no {} '{}'", to_queue ? "queue" : "exchange", binding.target));
  if (ends.queue)
    if (auto ok = check_access(*ends.queue, context); !ok) return std::unexpected(ok.error());
  return ends;
}

}  // namespace

CatalogResult<model::DeclareExchange> decide(const Catalog& catalog, const model::DeclareExchange& command,
                                             const CatalogContext&) {
  const model::ExchangeInfo& want = command.exchange;
  if (want.name.text.empty() && !command.passive)
    return fail(ErrorCode::kAccessDenied, "the default exchange cannot be declared");
  if (const ExchangeEntry* have = catalog.find_exchange(want.name)) {
    if (command.passive) return {{}};
    if (auto found = difference(have->info, want))
      return fail(ErrorCode::kMismatch, fmt::format("exchange '{}' exists and its {}", want.name.text, *found));
    return {{}};
  }
  if (command.passive) return no_exchange(want.name.text);
  if (auto ok = check_new(want); !ok) return std::unexpected(ok.error());
  return {{{ExchangePut{want}}, {.created = true}}};
}

CatalogResult<model::DeleteExchange> decide(const Catalog& catalog, const model::DeleteExchange& command,
                                            const CatalogContext&) {
  const ExchangeEntry* exchange = catalog.find_exchange(command.name);
  if (!exchange) return no_exchange(command.name.text);
  if (exchange->predeclared)
    return fail(ErrorCode::kAccessDenied, fmt::format("exchange '{}' cannot be deleted", command.name.text));
  if (command.if_unused && !exchange->outgoing.empty())
    return fail(ErrorCode::kInUse,
                fmt::format("exchange '{}' has {} bindings", command.name.text, exchange->outgoing.size()));
  CatalogRemoval removal(catalog);
  removal.exchange(*exchange);
  return {{removal.take(), {}}};
}

CatalogResult<model::Bind> decide(const Catalog& catalog, const model::Bind& command, const CatalogContext& context) {
  const model::Binding& binding = command.binding;
  auto ends = find_ends(catalog, binding, context);
  if (!ends) return std::unexpected(ends.error());
  if (ends->queue && !ends->queue->info->own)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("queue '{}' is a subscription of a topic: bind the topic's own "
                            "queue",
                            binding.target));
  if (binding.routing_key.size() > kNameBytesMax)
    return fail(ErrorCode::kInvalidArgument, fmt::format("the routing key is over {} bytes", kNameBytesMax));
  if (auto ok = ends->source->kind->check(binding); !ok) return std::unexpected(ok.error());
  if (catalog.find_binding(binding)) return {{{}, {.changed = false}}};
  return {{{BindingAdded{binding}}, {.changed = true}}};
}

CatalogResult<model::Unbind> decide(const Catalog& catalog, const model::Unbind& command,
                                    const CatalogContext& context) {
  if (auto ends = find_ends(catalog, command.binding, context); !ends) {
    if (ends.error().code == ErrorCode::kNotFound) return {{{}, {.changed = false}}};
    return std::unexpected(ends.error());
  }
  const BindingEntry* binding = catalog.find_binding(command.binding);
  if (!binding) return {{{}, {.changed = false}}};
  CatalogRemoval removal(catalog);
  removal.binding(*binding);
  return {{removal.take(), {.changed = true}}};
}

}  // namespace godwit::engine
