#include <fmt/format.h>

#include "engine/catalog_decide.h"
#include "engine/catalog_removal.h"
#include "engine/catalog_rules.h"

/// Decisions about queues.
namespace godwit::engine {
namespace {

/// Names an edge makes up: of queues declared without a name, and of those behind direct reply-to.
bool is_made_up(std::string_view name) {
  return name.starts_with("amq.gen-") || name.starts_with("amq.rabbitmq.reply-to.");
}

std::unexpected<Error> no_queue(const model::Name& name) {
  return fail(ErrorCode::kNotFound, fmt::format("there is no queue '{}'", name.text));
}

std::unexpected<Error> mismatch(const model::Name& name, std::string_view difference) {
  return fail(ErrorCode::kMismatch, fmt::format("queue '{}' exists and its {}", name.text, difference));
}

/// Whether the command asks for the queue that exists.
Result<void> check_same(const Catalog& catalog, const QueueEntry& queue, const model::DeclareQueue& command,
                        const CatalogContext& context) {
  if (auto ok = check_access(queue, context); !ok) return ok;
  if (command.passive) return {};
  if (command.settings.exclusive != queue.info->settings.exclusive)
    return fail(ErrorCode::kExclusive, fmt::format("queue '{}' is {}exclusive", command.name.text,
                                                   queue.info->settings.exclusive ? "" : "not "));
  if (command.topic.has_value() == queue.info->own)
    return mismatch(command.name, queue.info->own ? "topic is its own" : "topic is another's");
  const std::string& topic = catalog.topic(queue.info->topic)->name.text;
  if (command.topic && *command.topic != topic) return mismatch(command.name, fmt::format("'topic' is '{}'", topic));
  if (auto found = difference(queue.info->settings, command.settings)) return mismatch(command.name, *found);
  return {};
}

Result<void> check_new(const model::DeclareQueue& command) {
  if (command.passive) return no_queue(command.name);
  if (auto ok = check_name(command.name, "queue"); !ok) return ok;
  if (is_reserved(command.name.text) && !is_made_up(command.name.text))
    return fail(ErrorCode::kAccessDenied,
                fmt::format("'{}': names beginning with 'amq.' are reserved", command.name.text));
  return {};
}

/// Whether the new queue can live on a topic with these settings.
Result<void> check_fits(const model::DeclareQueue& command, const model::TopicInfo& topic) {
  if (topic.settings.is_volatile && !is_volatile(command.settings))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("queue '{}' is to be durable, and topic '{}' is not", command.name.text, topic.name.text));
  if (topic.partitions > 1 && needs_one_partition(command.settings))
    return fail(ErrorCode::kInvalidArgument, fmt::format("priorities and a single active consumer need one partition, "
                                                         "and topic '{}' has {}",
                                                         topic.name.text, topic.partitions));
  return {};
}

model::TopicInfo new_topic(const model::DeclareQueue& command) {
  model::TopicInfo topic{.name = command.name, .partitions = command.partitions, .settings = command.topic_settings};
  topic.settings.is_volatile = is_volatile(command.settings);
  return topic;
}

CatalogResult<model::DeclareQueue> create(const Catalog& catalog, const model::DeclareQueue& command,
                                          const CatalogContext& context) {
  model::Name topic_name{command.name.space, command.topic.value_or(command.name.text)};
  const TopicEntry* existing = catalog.find_topic(topic_name);
  if (!existing && command.topic)
    return fail(ErrorCode::kNotFound, fmt::format("there is no topic '{}'", *command.topic));
  model::TopicInfo topic = existing ? *existing->info : new_topic(command);
  if (auto ok = check_partitions(topic.partitions); !ok) return std::unexpected(ok.error());
  if (auto ok = check_fits(command, topic); !ok) return std::unexpected(ok.error());

  CatalogRecords records;
  uint64_t id = take_ids(catalog, existing ? 1 : 2, records);
  if (!existing) {
    topic.id = TopicId(id++);
    records.push_back(TopicPut{topic});
  }
  model::QueueInfo queue{.id = QueueId(id),
                         .name = command.name,
                         .topic = topic.id,
                         .own = !command.topic,
                         .start = command.start,
                         .settings = command.settings};
  if (command.settings.exclusive) queue.exclusive_session = context.session.value;
  records.push_back(QueuePut{queue});
  return {{std::move(records), {.queue = queue, .created = true}}};
}

}  // namespace

CatalogResult<model::DeclareQueue> decide(const Catalog& catalog, const model::DeclareQueue& command,
                                          const CatalogContext& context) {
  if (const QueueEntry* queue = catalog.find_queue(command.name)) {
    if (auto ok = check_same(catalog, *queue, command, context); !ok) return std::unexpected(ok.error());
    return {{{}, {.queue = *queue->info, .created = false, .ready = context.ready, .consumers = context.consumers}}};
  }
  if (auto ok = check_new(command); !ok) return std::unexpected(ok.error());
  return create(catalog, command, context);
}

CatalogResult<model::DeleteQueue> decide(const Catalog& catalog, const model::DeleteQueue& command,
                                         const CatalogContext& context) {
  const QueueEntry* queue = catalog.find_queue(command.name);
  if (!queue || (command.only != QueueId() && command.only != queue->info->id)) return no_queue(command.name);
  if (auto ok = check_access(*queue, context); !ok) return std::unexpected(ok.error());
  if (command.if_unused && context.consumers > 0)
    return fail(ErrorCode::kInUse, fmt::format("queue '{}' has {} consumers", command.name.text, context.consumers));
  if (command.if_empty && context.ready > 0)
    return fail(ErrorCode::kInUse, fmt::format("queue '{}' has {} messages", command.name.text, context.ready));
  const TopicEntry& topic = *catalog.find_topic(queue->info->topic);
  // A topic that keeps its messages for readers, or outlives a restart when its queue does not, is not the queue's to
  // take along: it was there before, or was made a log since.
  const model::TopicSettings& kept = topic.info->settings;
  bool outlives =
      kept.retention != model::Retention::kSettled || (is_volatile(queue->info->settings) && !kept.is_volatile);
  CatalogRemoval removal(catalog);
  if (queue->info->own && topic.subscriptions.empty() && !context.topic_has_groups && !outlives)
    removal.topic(topic);
  else
    removal.queue(*queue);
  return {{removal.take(), {.messages = context.ready}}};
}

}  // namespace godwit::engine
