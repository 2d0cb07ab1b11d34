#include <algorithm>

#include <fmt/format.h>

#include "engine/catalog.h"

namespace godwit::engine {
namespace {

/// Leaves each topic from `begin` on once, in order. One exchange's targets mostly are that already.
void sort_out(std::vector<TopicId>& topics, size_t begin) {
  auto first = topics.begin() + static_cast<std::ptrdiff_t>(begin);
  if (std::ranges::is_sorted(first, topics.end(), std::less_equal<>())) return;
  std::sort(first, topics.end());
  topics.erase(std::unique(first, topics.end()), topics.end());
}

/// The default exchange: every topic is bound by its own name. (A subscription has no topic of its name.)
bool match_default(const SpaceEntry& space, std::string_view routing_key, std::vector<TopicId>& topics) {
  const TopicEntry* topic = space.topics.find(routing_key);
  if (topic) topics.push_back(topic->info->id);
  return topic != nullptr;
}

}  // namespace

Result<void> Catalog::route(const model::Name& exchange, const model::RoutingInput& input,
                            std::vector<TopicId>& topics) const {
  const SpaceEntry& space = *find_space(exchange.space);
  if (exchange.text.empty()) {
    if (match_default(space, input.routing_key, topics)) return {};
    const QueueEntry* queue = space.queues.find(input.routing_key);
    if (!queue || input.by_broker) return {};
    return fail(ErrorCode::kAccessDenied, fmt::format("'{}' is a subscription: publish to topic '{}' instead",
                                                      input.routing_key, topic(queue->info->topic)->name.text));
  }
  const ExchangeEntry* entry = space.exchanges.find(exchange.text);
  if (!entry) return fail(ErrorCode::kNotFound, fmt::format("there is no exchange '{}'", exchange.text));
  if (entry->info.internal && !input.by_broker)
    return fail(ErrorCode::kAccessDenied, fmt::format("exchange '{}' is internal", exchange.text));
  size_t begin = topics.size();
  follow(space, *entry, input, topics);
  sort_out(topics, begin);
  return {};
}

/// Visits each exchange at most once, so cycles of bindings or of alternates end.
void Catalog::follow(const SpaceEntry& space, const ExchangeEntry& first, const model::RoutingInput& input,
                     std::vector<TopicId>& topics) const {
  uint64_t visit = ++visits_;
  Matches matches(topics);
  size_t followed = 0;
  for (const ExchangeEntry* at = &first;;) {
    at->visit = visit;
    size_t before = matches.count();
    at->kind->match(input, matches);
    if (matches.count() == before && at->info.alternate) {
      const ExchangeEntry* alternate = space.exchanges.find(*at->info.alternate);
      if (alternate && alternate->info.name.text.empty())
        match_default(space, input.routing_key, topics);
      else if (alternate)
        matches.add({model::BindingTarget::kExchange, alternate->number});
    }
    do {
      if (followed == matches.exchanges().size()) return;
      at = exchanges_.at(matches.exchanges()[followed++]).get();
    } while (at->visit == visit);
  }
}

}  // namespace godwit::engine
