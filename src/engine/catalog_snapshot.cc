#include "engine/catalog.h"

namespace godwit::engine {
namespace {

bool is_volatile(const model::QueueInfo& queue) { return !queue.settings.durable || queue.settings.exclusive; }

bool is_volatile(const BindingEntry& entry) {
  return !entry.source->info.durable || (entry.queue ? is_volatile(*entry.queue->info) : !entry.exchange->info.durable);
}

struct Volatile {
  const Catalog& catalog;

  bool operator()(const TopicPut& r) const { return r.topic->settings.is_volatile; }
  bool operator()(const TopicRemoved& r) const {
    const model::TopicInfo* topic = catalog.topic(r.id);
    return topic && topic->settings.is_volatile;
  }
  bool operator()(const QueuePut& r) const { return is_volatile(*r.queue); }
  bool operator()(const QueueRemoved& r) const {
    const model::QueueInfo* queue = catalog.queue(r.id);
    return queue && is_volatile(*queue);
  }
  bool operator()(const ExchangePut& r) const { return !r.exchange.durable; }
  bool operator()(const ExchangeRemoved& r) const {
    const model::ExchangeInfo* exchange = catalog.exchange(r.name);
    return exchange && !exchange->durable;
  }
  bool operator()(const BindingAdded& r) const {
    const model::Name target{r.binding.source.space, r.binding.target};
    const model::ExchangeInfo* source = catalog.exchange(r.binding.source);
    if (!source || !source->durable) return true;
    if (r.binding.target_kind == model::BindingTarget::kQueue) {
      const model::QueueInfo* queue = catalog.queue(target);
      return !queue || is_volatile(*queue);
    }
    const model::ExchangeInfo* exchange = catalog.exchange(target);
    return !exchange || !exchange->durable;
  }
  bool operator()(const BindingRemoved& r) const {
    const BindingEntry* entry = catalog.find_binding(r.binding);
    return entry && is_volatile(*entry);
  }
  bool operator()(const ProducerIdsReserved&) const { return false; }
  bool operator()(const IdsReserved&) const { return false; }
};

}  // namespace

bool is_volatile(const CatalogRecord& record, const Catalog& catalog) { return std::visit(Volatile{catalog}, record); }

CatalogRecords Catalog::snapshot(Keep keep) const {
  CatalogRecords records;
  auto add = [&](CatalogRecord record) {
    if (keep == Keep::kAll || !engine::is_volatile(record, *this)) records.push_back(std::move(record));
  };
  add(IdsReserved{next_id_, ids_reserved_});
  add(ProducerIdsReserved{next_producer_id_});
  for (const auto& [name, space] : spaces_) {
    for (const TopicEntry* topic : space.topics.sorted()) add(TopicPut{topic->info});
    for (const QueueEntry* queue : space.queues.sorted()) add(QueuePut{queue->info});
    for (const ExchangeEntry* exchange : space.exchanges.sorted())
      if (!exchange->predeclared) add(ExchangePut{exchange->info});
    for (const ExchangeEntry* exchange : space.exchanges.sorted())
      for (BindingNumber number : exchange->outgoing) add(BindingAdded{bindings_.at(number).binding});
  }
  return records;
}

}  // namespace godwit::engine
