#include "engine/catalog.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace godwit::engine {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kPredeclared = {{
    {"", "direct"},
    {"amq.direct", "direct"},
    {"amq.fanout", "fanout"},
    {"amq.topic", "topic"},
    {"amq.headers", "headers"},
    {"amq.match", "headers"},
}};

}  // namespace

Catalog::Catalog() {
  predeclare(pristine_, "default");
  space("default");
}

Catalog::~Catalog() = default;

void Catalog::predeclare(SpaceEntry& space, const std::string& name) {
  for (auto [exchange, type] : kPredeclared)
    add_exchange(space, {.name = {name, std::string(exchange)}, .type = std::string(type)}).predeclared = true;
}

ExchangeEntry& Catalog::add_exchange(SpaceEntry& space, const model::ExchangeInfo& info) {
  auto entry = std::make_unique<ExchangeEntry>();
  entry->number = next_exchange_++;
  entry->info = info;
  entry->kind = make_exchange_kind(info.type);
  CHECK(entry->kind, "exchange '{}' is of unknown type '{}'", info.name.text, info.type);
  space.exchanges.add(entry.get());
  return *exchanges_.emplace(entry->number, std::move(entry)).first->second;
}

SpaceEntry& Catalog::space(const std::string& name) {
  auto [at, added] = spaces_.try_emplace(name);
  if (added) predeclare(at->second, name);
  return at->second;
}

void Catalog::apply(const CatalogRecord& record) {
  std::visit([this](const auto& r) { apply_one(r); }, record);
  ++version_;
}

void Catalog::apply_one(const TopicPut& record) {
  const model::TopicInfo& info = *record.topic;
  auto [at, added] = topics_.try_emplace(info.id, record.topic);
  TopicEntry& entry = at->second;
  CHECK(entry.info->name == info.name, "topic {} changes its name", info.id.value);
  entry.info = record.topic;
  if (added) space(info.name.space).topics.add(&entry);
  take_id(info.id.value);
}

void Catalog::apply_one(const TopicRemoved& record) {
  auto at = topics_.find(record.id);
  CHECK(at != topics_.end(), "topic {}", record.id.value);
  TopicEntry& entry = at->second;
  CHECK(entry.subscriptions.empty() && entry.own_queue == QueueId(), "topic {} has queues", record.id.value);
  space(entry.info->name.space).topics.remove(&entry);
  topics_.erase(at);
}

void Catalog::apply_one(const QueuePut& record) {
  const model::QueueInfo& info = *record.queue;
  auto topic = topics_.find(info.topic);
  CHECK(topic != topics_.end(), "queue {} of topic {}", info.id.value, info.topic.value);
  auto [at, added] = queues_.try_emplace(info.id, record.queue);
  QueueEntry& entry = at->second;
  if (!added) {
    CHECK(entry.info->name == info.name && entry.info->topic == info.topic && entry.info->own == info.own,
          "queue {} changes its name or topic", info.id.value);
    entry.info = record.queue;
    return;
  }
  space(info.name.space).queues.add(&entry);
  if (info.own)
    topic->second.own_queue = info.id;
  else
    topic->second.subscriptions.insert(info.id);
  take_id(info.id.value);
}

void Catalog::apply_one(const QueueRemoved& record) {
  auto at = queues_.find(record.id);
  CHECK(at != queues_.end(), "queue {}", record.id.value);
  QueueEntry& entry = at->second;
  CHECK(entry.bindings.empty(), "queue {} is bound", record.id.value);
  TopicEntry& topic = topics_.at(entry.info->topic);
  if (entry.info->own)
    topic.own_queue = {};
  else
    topic.subscriptions.erase(record.id);
  space(entry.info->name.space).queues.remove(&entry);
  queues_.erase(at);
}

void Catalog::apply_one(const ExchangePut& record) {
  SpaceEntry& in = space(record.exchange.name.space);
  if (ExchangeEntry* entry = in.exchanges.find(record.exchange.name.text)) {
    CHECK(entry->info.type == record.exchange.type, "exchange '{}' changes its type", entry->info.name.text);
    entry->info = record.exchange;
  } else {
    add_exchange(in, record.exchange);
  }
}

void Catalog::apply_one(const ExchangeRemoved& record) {
  SpaceEntry& in = space(record.name.space);
  ExchangeEntry* entry = in.exchanges.find(record.name.text);
  CHECK(entry && entry->outgoing.empty() && entry->incoming.empty(), "exchange '{}'", record.name.text);
  in.exchanges.remove(entry);
  exchanges_.erase(entry->number);
}

void Catalog::apply_one(const BindingAdded& record) {
  const model::Binding& binding = record.binding;
  SpaceEntry& in = space(binding.source.space);
  BindingEntry entry{.binding = binding, .source = in.exchanges.find(binding.source.text)};
  if (binding.target_kind == model::BindingTarget::kQueue)
    entry.queue = in.queues.find(binding.target);
  else
    entry.exchange = in.exchanges.find(binding.target);
  CHECK(entry.source && (entry.queue || entry.exchange), "'{}' to '{}'", binding.source.text, binding.target);
  BindingNumber number = next_binding_++;
  CHECK(entry.source->by_key.emplace(binding_key(binding), number).second, "bound twice");
  entry.source->outgoing.insert(number);
  (entry.queue ? entry.queue->bindings : entry.exchange->incoming).insert(number);
  entry.source->kind->bind(binding, entry.target());
  bindings_.emplace(number, std::move(entry));
}

void Catalog::apply_one(const BindingRemoved& record) {
  ExchangeEntry* source = space(record.binding.source.space).exchanges.find(record.binding.source.text);
  CHECK(source, "exchange '{}'", record.binding.source.text);
  auto key = source->by_key.find(binding_key(record.binding));
  CHECK(key != source->by_key.end(), "'{}' to '{}' is not bound", source->info.name.text, record.binding.target);
  BindingNumber number = key->second;
  BindingEntry& entry = bindings_.at(number);
  source->kind->unbind(entry.binding, entry.target());
  (entry.queue ? entry.queue->bindings : entry.exchange->incoming).erase(number);
  source->outgoing.erase(number);
  source->by_key.erase(key);
  bindings_.erase(number);
}

void Catalog::apply_one(const ProducerIdsReserved& record) {
  next_producer_id_ = std::max(next_producer_id_, record.next);
}

void Catalog::apply_one(const IdsReserved& record) {
  next_id_ = std::max(next_id_, record.next);
  ids_reserved_ = std::max(ids_reserved_, record.up_to);
}

}  // namespace godwit::engine
