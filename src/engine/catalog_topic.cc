#include <limits>

#include <fmt/format.h>

#include "engine/catalog_decide.h"
#include "engine/catalog_removal.h"
#include "engine/catalog_rules.h"

/// Decisions about topics and producer ids.
namespace godwit::engine {
namespace {

std::unexpected<Error> no_topic(const model::Name& name) {
  return fail(ErrorCode::kNotFound, fmt::format("there is no topic '{}'", name.text));
}

std::unexpected<Error> subscribed(const Catalog& catalog, const TopicEntry& topic) {
  const std::string& first = catalog.find_queue(*topic.subscriptions.begin())->info->name.text;
  size_t more = topic.subscriptions.size() - 1;
  std::string who = fmt::format("the queue '{}'", first);
  if (more > 0) who = fmt::format("'{}' and {} more {}", first, more, more == 1 ? "queue" : "queues");
  return fail(ErrorCode::kInUse, fmt::format("topic '{}' is subscribed to by {}: delete {} first",
                                             topic.info->name.text, who, more == 0 ? "that" : "those"));
}

}  // namespace

CatalogResult<model::CreateTopic> decide(const Catalog& catalog, const model::CreateTopic& command,
                                         const CatalogContext&) {
  if (auto ok = check_name(command.name, "topic"); !ok) return std::unexpected(ok.error());
  if (const TopicEntry* topic = catalog.find_topic(command.name)) {
    if (!command.if_absent) return fail(ErrorCode::kAlreadyExists, fmt::format("topic '{}' exists", command.name.text));
    return {{{}, {.topic = *topic->info, .created = false}}};
  }
  if (auto ok = check_partitions(command.partitions); !ok) return std::unexpected(ok.error());
  model::TopicInfo info{.name = command.name, .partitions = command.partitions, .settings = command.settings};
  if (command.validate_only) return {{{}, {.topic = info, .created = false}}};
  CatalogRecords records;
  info.id = TopicId(take_ids(catalog, 1, records));
  records.push_back(TopicPut{info});
  return {{std::move(records), {.topic = info, .created = true}}};
}

CatalogResult<model::DeleteTopic> decide(const Catalog& catalog, const model::DeleteTopic& command,
                                         const CatalogContext& context) {
  const TopicEntry* topic = catalog.find_topic(command.name);
  if (!topic) return no_topic(command.name);
  if (!topic->subscriptions.empty()) return subscribed(catalog, *topic);
  if (const QueueEntry* own = catalog.find_queue(topic->own_queue))
    if (auto ok = check_access(*own, context); !ok) return std::unexpected(ok.error());
  CatalogRemoval removal(catalog);
  removal.topic(*topic);
  return {{removal.take(), {}}};
}

CatalogResult<model::AlterTopic> decide(const Catalog& catalog, const model::AlterTopic& command,
                                        const CatalogContext&) {
  const TopicEntry* topic = catalog.find_topic(command.name);
  if (!topic) return no_topic(command.name);
  if (command.settings.is_volatile != topic->info->settings.is_volatile)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("topic '{}' is made durable or volatile once for ever", command.name.text));
  if (command.settings == topic->info->settings) return {{}};
  model::TopicInfo info = *topic->info;
  info.settings = command.settings;
  return {{{TopicPut{std::move(info)}}, {}}};
}

CatalogResult<model::AddPartitions> decide(const Catalog& catalog, const model::AddPartitions& command,
                                           const CatalogContext&) {
  const TopicEntry* topic = catalog.find_topic(command.name);
  if (!topic) return no_topic(command.name);
  if (command.partitions <= topic->info->partitions)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("topic '{}' has {} partitions already", command.name.text, topic->info->partitions));
  if (auto ok = check_partitions(command.partitions); !ok) return std::unexpected(ok.error());
  auto bound_to_one = [&](QueueId id) {
    const model::QueueInfo* queue = catalog.queue(id);
    return queue && needs_one_partition(queue->settings);
  };
  bool in_use = bound_to_one(topic->own_queue);
  for (QueueId id : topic->subscriptions) in_use = in_use || bound_to_one(id);
  if (in_use)
    return fail(ErrorCode::kInUse, fmt::format("a queue with priorities or a single active consumer needs the single "
                                               "partition of topic '{}'",
                                               command.name.text));
  if (command.validate_only) return {{}};
  model::TopicInfo info = *topic->info;
  info.partitions = command.partitions;
  return {{{TopicPut{std::move(info)}}, {}}};
}

CatalogResult<model::AllocateProducer> decide(const Catalog& catalog, const model::AllocateProducer& command,
                                              const CatalogContext&) {
  bool known = command.producer_id >= 0 && command.producer_id < catalog.next_producer_id();
  bool more_epochs = command.producer_epoch >= 0 && command.producer_epoch < std::numeric_limits<int16_t>::max() - 1;
  if (known && more_epochs)
    return {{{}, {.producer_id = command.producer_id, .epoch = static_cast<int16_t>(command.producer_epoch + 1)}}};
  int64_t id = catalog.next_producer_id();
  return {{{ProducerIdsReserved{id + 1}}, {.producer_id = id, .epoch = 0}}};
}

}  // namespace godwit::engine
