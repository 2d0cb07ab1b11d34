#include "engine/catalog_removal.h"

namespace godwit::engine {

void CatalogRemoval::binding(const BindingEntry& binding) {
  remove(binding);
  remove_bare_exchanges();
}

void CatalogRemoval::exchange(const ExchangeEntry& exchange) {
  exchanges_.insert(exchange.number);
  bare_.push_back(&exchange);
  remove_bare_exchanges();
}

void CatalogRemoval::queue(const QueueEntry& queue) {
  for (BindingNumber number : queue.bindings) remove(catalog_.binding(number));
  records_.push_back(QueueRemoved{queue.info->id});
  remove_bare_exchanges();
}

void CatalogRemoval::topic(const TopicEntry& topic) {
  if (const QueueEntry* own = catalog_.find_queue(topic.own_queue)) queue(*own);
  records_.push_back(TopicRemoved{topic.info->id});
}

void CatalogRemoval::remove(const BindingEntry& binding) {
  if (!bindings_.insert(&binding).second) return;
  records_.push_back(BindingRemoved{binding.binding});
  const ExchangeEntry& source = *binding.source;
  size_t removed = ++outgoing_removed_[source.number];
  if (source.info.auto_delete && removed == source.outgoing.size() && exchanges_.insert(source.number).second)
    bare_.push_back(&source);
}

/// A list instead of recursion: a chain of auto-delete exchanges may be as long as a client likes.
void CatalogRemoval::remove_bare_exchanges() {
  while (!bare_.empty()) {
    const ExchangeEntry& exchange = *bare_.back();
    bare_.pop_back();
    for (BindingNumber number : exchange.outgoing) remove(catalog_.binding(number));
    for (BindingNumber number : exchange.incoming) remove(catalog_.binding(number));
    records_.push_back(ExchangeRemoved{exchange.info.name});
  }
}

}  // namespace godwit::engine
