#include <utility>

#include "admin/handlers/handlers.h"
#include "admin/handlers/ledgers.h"
#include "admin/json_fields.h"

namespace godwit::admin::handlers {
namespace {

std::string_view retention_text(model::Retention retention) {
  switch (retention) {
    case model::Retention::kSettled: return "settled";
    case model::Retention::kTime: return "time";
    case model::Retention::kCompact: return "compact";
  }
  return "unknown";
}

json::object topic_to_json(const model::CatalogView& catalog, const model::TopicInfo& topic) {
  const model::QueueInfo* queue = catalog.queue(topic.name);
  const model::TopicSettings& s = topic.settings;
  json::object config;
  for (const auto& [name, value] : s.config) config[name] = value;
  return {{"name", topic.name.text},
          {"id", topic.id.value},
          {"partitions", topic.partitions},
          {"own_queue", queue != nullptr && queue->own},
          {"retention", retention_text(s.retention)},
          {"retention_ms", s.retention_ms},
          {"retention_bytes", s.retention_bytes},
          {"settled_ms", s.settled_ms},
          {"message_bytes_max", s.message_bytes_max},
          {"volatile", s.is_volatile},
          {"config", std::move(config)}};
}

Result<model::CreateTopic> read_create(const CallPtr& call) {
  using enum model::Retention;
  auto body = call->body();
  if (!body) return std::unexpected(body.error());
  model::CreateTopic create{.name = call->name(0), .settings = {.retention = kTime}};
  model::TopicSettings& s = create.settings;
  JsonFields in(*body);
  in.number("partitions", create.partitions, 1, kPartitionsMax);
  in.choice<model::Retention>("retention", s.retention,
                              {{"settled", kSettled}, {"time", kTime}, {"compact", kCompact}});
  if (s.retention == kCompact) s.retention_ms = -1;
  in.number("retention_ms", s.retention_ms, -1, INT64_MAX);
  in.number("retention_bytes", s.retention_bytes, -1, INT64_MAX);
  in.number("settled_ms", s.settled_ms, 0, INT64_MAX);
  in.number("message_bytes_max", s.message_bytes_max, 1, 200'000'000);
  if (auto done = in.done(); !done) return std::unexpected(done.error());
  return create;
}

}  // namespace

void list_topics(const CallPtr& call) {
  if (auto known = call->check_space(); !known) return call->refuse(known.error());
  json::array topics;
  const model::CatalogView& catalog = call->catalog();
  catalog.for_each_topic(call->space(),
                         [&](const model::TopicInfo& topic) { topics.push_back(topic_to_json(catalog, topic)); });
  call->reply(json::object{{"topics", std::move(topics)}});
}

void show_topic(const CallPtr& call) {
  const model::TopicInfo* topic = call->catalog().topic(call->name(0));
  if (topic == nullptr)
    return call->refuse({ErrorCode::kNotFound, fmt::format("there is no topic '{}'", call->argument(0))});
  std::vector<PartitionId> partitions;
  partitions.reserve(topic->partitions);
  for (uint32_t i = 0; i < topic->partitions; ++i) partitions.push_back({topic->id, i});
  json::array queues;
  call->catalog().for_each_queue(call->space(), [&](const model::QueueInfo& queue) {
    if (queue.topic == topic->id) queues.push_back(json::string(queue.name.text));
  });
  json::object out = topic_to_json(call->catalog(), *topic);
  out["queues"] = std::move(queues);
  describe_partitions(
      call, std::move(partitions), [call, out = std::move(out)](std::vector<PartitionState>& states) mutable {
        json::array list;
        for (const PartitionState& s : states)
          list.push_back(
              json::object{{"partition", s.partition.index}, {"start", s.start.value}, {"end", s.end.value}});
        out["offsets"] = std::move(list);
        call->reply(out);
      });
}

void create_topic(const CallPtr& call) {
  auto create = read_create(call);
  if (!create) return call->refuse(create.error());
  call->submit(std::move(*create), [call](const Result<model::TopicCreated>& created) {
    if (!created) return call->refuse(created.error());
    call->reply(topic_to_json(call->catalog(), created->topic), 201);
  });
}

void delete_topic(const CallPtr& call) {
  call->submit(model::DeleteTopic{call->name(0)}, [call](const Result<model::TopicDeleted>& deleted) {
    if (!deleted) return call->refuse(deleted.error());
    call->reply(json::object{{"deleted", true}});
  });
}

}  // namespace godwit::admin::handlers
