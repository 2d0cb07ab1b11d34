#include <utility>

#include <fmt/format.h>

#include "admin/handlers/handlers.h"
#include "admin/message_json.h"
#include "model/key_hash.h"

namespace godwit::admin::handlers {
namespace {

Result<Published> read(const CallPtr& call, std::string exchange, std::string routing_key) {
  auto body = call->body();
  if (!body) return std::unexpected(body.error());
  return message_from_json(*body, std::move(exchange), std::move(routing_key), call->now());
}

/// The asked-for partition, the key's, or the first.
Result<PartitionId> place(const model::TopicInfo& topic, const Published& message) {
  if (message.partition) {
    if (*message.partition >= topic.partitions)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("topic '{}' has {} partitions", topic.name.text, topic.partitions));
    return PartitionId{topic.id, static_cast<uint32_t>(*message.partition)};
  }
  if (message.key) return PartitionId{topic.id, model::partition_of_key(as_bytes(*message.key), topic.partitions)};
  return PartitionId{topic.id, 0};
}

struct Appends {
  json::array list;
  std::optional<Error> error;
};

void append(const CallPtr& call, const std::vector<model::TopicInfo>& topics, const Published& message) {
  auto all = gather<Appends>(call, [call](Appends& appends) {
    if (appends.error) return call->refuse(*appends.error);
    call->reply(json::object{{"routed", !appends.list.empty()}, {"messages", std::move(appends.list)}}, 201);
  });
  for (const model::TopicInfo& topic : topics) {
    auto partition = place(topic, message);
    if (!partition) return void(all->value.error = partition.error());
    call->submit(model::Append{.partition = *partition, .batch = message.batch},
                 [all, topic = topic.name.text, partition = partition->index](const Result<model::Appended>& appended) {
                   if (!appended) return void(all->value.error = appended.error());
                   all->value.list.push_back(json::object{
                       {"topic", topic}, {"partition", partition}, {"offset", appended->base_offset.value}});
                 });
  }
}

}  // namespace

void publish_to_topic(const CallPtr& call) {
  const model::TopicInfo* topic = call->catalog().topic(call->name(0));
  if (topic == nullptr)
    return call->refuse({ErrorCode::kNotFound, fmt::format("there is no topic '{}'", call->argument(0))});
  auto message = read(call, "", call->argument(0));
  if (!message) return call->refuse(message.error());
  append(call, {*topic}, *message);
}

void publish_to_queue(const CallPtr& call) {
  const model::QueueInfo* queue = call->catalog().queue(call->name(0));
  if (queue == nullptr)
    return call->refuse({ErrorCode::kNotFound, fmt::format("there is no queue '{}'", call->argument(0))});
  if (!queue->own)
    return call->refuse({ErrorCode::kInvalidArgument,
                         fmt::format("'{}' is a subscription: publish to its topic instead", call->argument(0))});
  auto message = read(call, "", call->argument(0));
  if (!message) return call->refuse(message.error());
  const model::TopicInfo* topic = call->catalog().topic(queue->topic);
  append(call, topic ? std::vector{*topic} : std::vector<model::TopicInfo>{}, *message);
}

void publish_to_exchange(const CallPtr& call) {
  auto message = read(call, call->argument(0), "");
  if (!message) return call->refuse(message.error());
  std::vector<TopicId> ids;
  model::RoutingInput input{.routing_key = message->routing_key,
                            .headers = [&]() -> const model::ValueMap& { return message->headers; }};
  if (auto routed = call->catalog().route(call->name(0), input, ids); !routed) return call->refuse(routed.error());
  std::vector<model::TopicInfo> topics;
  for (TopicId id : ids)
    if (const model::TopicInfo* topic = call->catalog().topic(id)) topics.push_back(*topic);
  append(call, topics, *message);
}

}  // namespace godwit::admin::handlers
