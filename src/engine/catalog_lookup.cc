#include "engine/catalog.h"

/// Reading the catalog: by name, by id, one after another.
namespace godwit::engine {
namespace {

template <class Entry>
auto info_of(const Entry* entry) {
  return entry ? &*entry->info : nullptr;
}

template <class Map, class Id>
auto find_in(const Map& map, Id id) {
  auto at = map.find(id);
  return at == map.end() ? nullptr : &at->second;
}

}  // namespace

const SpaceEntry* Catalog::find_space(std::string_view space) const {
  auto at = spaces_.find(space);
  return at == spaces_.end() ? &pristine_ : &at->second;
}

const TopicEntry* Catalog::find_topic(const model::Name& name) const {
  return find_space(name.space)->topics.find(name.text);
}
const TopicEntry* Catalog::find_topic(TopicId id) const { return find_in(topics_, id); }
const QueueEntry* Catalog::find_queue(const model::Name& name) const {
  return find_space(name.space)->queues.find(name.text);
}
const QueueEntry* Catalog::find_queue(QueueId id) const { return find_in(queues_, id); }
const ExchangeEntry* Catalog::find_exchange(const model::Name& name) const {
  return find_space(name.space)->exchanges.find(name.text);
}

const BindingEntry* Catalog::find_binding(const model::Binding& binding) const {
  const ExchangeEntry* source = find_exchange(binding.source);
  if (!source) return nullptr;
  auto at = source->by_key.find(binding_key(binding));
  return at == source->by_key.end() ? nullptr : &bindings_.at(at->second);
}

const model::TopicInfo* Catalog::topic(const model::Name& name) const { return info_of(find_topic(name)); }
const model::TopicInfo* Catalog::topic(TopicId id) const { return info_of(find_topic(id)); }
const model::QueueInfo* Catalog::queue(const model::Name& name) const { return info_of(find_queue(name)); }
const model::QueueInfo* Catalog::queue(QueueId id) const { return info_of(find_queue(id)); }
const model::ExchangeInfo* Catalog::exchange(const model::Name& name) const {
  const ExchangeEntry* entry = find_exchange(name);
  return entry ? &entry->info : nullptr;
}

void Catalog::for_each_topic(std::string_view space, const std::function<void(const model::TopicInfo&)>& f) const {
  for (const TopicEntry* entry : find_space(space)->topics.sorted()) f(*entry->info);
}

void Catalog::for_each_queue(std::string_view space, const std::function<void(const model::QueueInfo&)>& f) const {
  for (const QueueEntry* entry : find_space(space)->queues.sorted()) f(*entry->info);
}

void Catalog::for_each_exchange(std::string_view space,
                                const std::function<void(const model::ExchangeInfo&)>& f) const {
  for (const ExchangeEntry* entry : find_space(space)->exchanges.sorted()) f(entry->info);
}

void Catalog::for_each_binding(std::string_view space, const std::function<void(const model::Binding&)>& f) const {
  for (const ExchangeEntry* entry : find_space(space)->exchanges.sorted())
    for (BindingNumber number : entry->outgoing) f(bindings_.at(number).binding);
}

void Catalog::for_each_space(const std::function<void(std::string_view)>& f) const {
  for (const auto& [name, entry] : spaces_) f(name);
}

}  // namespace godwit::engine
