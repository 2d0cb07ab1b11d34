#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "admin/handlers/handlers.h"
#include "admin/json_fields.h"
#include "admin/message_json.h"
#include "model/key_hash.h"

namespace godwit::admin::handlers {
namespace {

/// A list of messages in one request; each costs an append, and its place in the reply.
constexpr size_t kMessagesMax = 1'000;

/// One message of the request, on its way to one partition.
struct Target {
  size_t message;
  std::string topic;
  PartitionId partition;
};
using Topics = std::vector<model::TopicInfo>;
using Route = std::function<Result<Topics>(const Published&)>;

/// The messages of the body: itself, or those of its member "messages". Errors name the message that will not do.
Result<std::vector<Published>> read(const CallPtr& call, const std::string& exchange, const std::string& routing_key,
                                    bool& many) {
  auto body = call->body();
  if (!body) return std::unexpected(body.error());
  std::vector<Published> messages;
  auto add = [&](const json::object& from, const std::string& where) -> Result<void> {
    auto message = message_from_json(from, exchange, routing_key, call->now());
    if (!message) return fail(message.error().code, where + message.error().message);
    messages.push_back(std::move(*message));
    return {};
  };
  const json::value* list = body->if_contains("messages");
  many = list != nullptr;
  if (!many) {
    if (auto added = add(*body, ""); !added) return std::unexpected(added.error());
    return messages;
  }
  JsonFields in(*body);
  in.take("messages");
  if (auto done = in.done(); !done) return std::unexpected(done.error());
  if (!list->is_array() || list->as_array().size() > kMessagesMax)
    return fail(ErrorCode::kInvalidArgument, fmt::format("messages: expected a list of at most {}", kMessagesMax));
  for (const json::value& one : list->as_array()) {
    std::string where = fmt::format("message {}: ", messages.size());
    if (!one.is_object()) return fail(ErrorCode::kInvalidArgument, where + "expected an object");
    if (auto added = add(one.as_object(), where); !added) return std::unexpected(added.error());
  }
  return messages;
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

Result<std::vector<Target>> targets_of(const std::vector<Published>& messages, const Route& route) {
  std::vector<Target> targets;
  for (size_t i = 0; i < messages.size(); ++i) {
    auto topics = route(messages[i]);
    if (!topics) return std::unexpected(topics.error());
    for (const model::TopicInfo& topic : *topics) {
      auto partition = place(topic, messages[i]);
      if (!partition) return std::unexpected(partition.error());
      targets.push_back({i, topic.name.text, *partition});
    }
  }
  return targets;
}

struct Appends {
  json::array list;  ///< in the order of the targets
  std::optional<Error> error;
};

/// Everything is read and placed before anything is appended; one reply when all of it is durable.
void publish(const CallPtr& call, const std::string& exchange, const std::string& routing_key, const Route& route) {
  bool many = false;
  auto messages = read(call, exchange, routing_key, many);
  if (!messages) return call->refuse(messages.error());
  auto targets = targets_of(*messages, route);
  if (!targets) return call->refuse(targets.error());
  std::vector<bool> routed(messages->size());
  for (const Target& target : *targets) routed[target.message] = true;
  bool all_routed = std::ranges::all_of(routed, std::identity());
  auto all = gather<Appends>(call, [call, all_routed](Appends& appends) {
    if (appends.error) return call->refuse(*appends.error);
    call->reply(json::object{{"routed", all_routed}, {"messages", std::move(appends.list)}}, 201);
  });
  all->value.list.resize(targets->size());
  for (size_t at = 0; at < targets->size(); ++at) {
    Target& target = (*targets)[at];
    json::object told{{"topic", target.topic}, {"partition", target.partition.index}};
    if (many) told["message"] = target.message;
    call->submit(model::Append{.partition = target.partition, .batch = (*messages)[target.message].batch},
                 [all, at, told = std::move(told)](const Result<model::Appended>& appended) mutable {
                   if (!appended) return void(all->value.error = appended.error());
                   told["offset"] = appended->base_offset.value;
                   all->value.list[at] = std::move(told);
                 });
  }
}

}  // namespace

void publish_to_topic(const CallPtr& call) {
  const model::TopicInfo* topic = call->catalog().topic(call->name(0));
  if (topic == nullptr)
    return call->refuse({ErrorCode::kNotFound, fmt::format("there is no topic '{}'", call->argument(0))});
  publish(call, "", call->argument(0), [topic](const Published&) -> Result<Topics> { return Topics{*topic}; });
}

void publish_to_queue(const CallPtr& call) {
  const model::QueueInfo* queue = call->catalog().queue(call->name(0));
  if (queue == nullptr)
    return call->refuse({ErrorCode::kNotFound, fmt::format("there is no queue '{}'", call->argument(0))});
  if (!queue->own)
    return call->refuse({ErrorCode::kInvalidArgument,
                         fmt::format("'{}' is a subscription: publish to its topic instead", call->argument(0))});
  const model::TopicInfo* topic = call->catalog().topic(queue->topic);
  publish(call, "", call->argument(0),
          [topic](const Published&) -> Result<Topics> { return topic ? Topics{*topic} : Topics{}; });
}

void publish_to_exchange(const CallPtr& call) {
  publish(call, call->argument(0), "", [&call](const Published& message) -> Result<Topics> {
    std::vector<TopicId> ids;
    model::RoutingInput input{.routing_key = message.routing_key,
                              .headers = [&]() -> const model::ValueMap& { return message.headers; }};
    if (auto routed = call->catalog().route(call->name(0), input, ids); !routed) return std::unexpected(routed.error());
    Topics topics;
    for (TopicId id : ids)
      if (const model::TopicInfo* topic = call->catalog().topic(id)) topics.push_back(*topic);
    return topics;
  });
}

}  // namespace godwit::admin::handlers
