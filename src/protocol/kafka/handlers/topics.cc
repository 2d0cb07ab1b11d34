#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "model/commands/catalog.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/handlers/pending.h"
#include "protocol/kafka/names.h"
#include "protocol/kafka/topic_config.h"

namespace godwit::protocol::kafka {
namespace {

using CreateRun = Pending<CreateTopicsRequest>;

constexpr int32_t kAsDefault = -1;

struct Refusal {
  int16_t code = error::kNone;
  std::string message;
};

/// A partition lives on this node and nowhere else.
bool only_here(const std::vector<int32_t>& brokers, const Settings& settings) {
  return brokers.size() == 1 && brokers.front() == settings.node_id;
}

std::optional<Refusal> refuse_assignments(const CreateTopicsRequest::Topic& asked, const Settings& settings) {
  if (asked.partitions != kAsDefault || asked.replication != kAsDefault)
    return Refusal{error::kInvalidRequest, "either assignments or counts, not both"};
  for (int32_t i = 0; i < static_cast<int32_t>(asked.assignments.size()); ++i) {
    auto it = std::ranges::find(asked.assignments, i, &CreateTopicsRequest::Assignment::partition);
    if (it == asked.assignments.end() || !only_here(it->brokers, settings))
      return Refusal{error::kInvalidReplicaAssignment, "partitions from 0 on, each on this node alone"};
  }
  return std::nullopt;
}

std::optional<Refusal> refuse_topic(const CreateTopicsRequest::Topic& asked, const Settings& settings) {
  if (!valid_topic_name(asked.name))
    return Refusal{error::kInvalidTopic, "a topic's name is 1 to 249 letters, digits, '.', '_' and '-'"};
  if (!asked.assignments.empty()) return refuse_assignments(asked, settings);
  if (asked.partitions != kAsDefault && asked.partitions < 1)
    return Refusal{error::kInvalidPartitions, "a topic has at least one partition"};
  if (asked.replication != kAsDefault && asked.replication != 1)
    return Refusal{error::kInvalidReplicationFactor, "there is one node: the replication factor is 1"};
  return std::nullopt;
}

Result<model::CreateTopic> create_command(const CreateTopicsRequest::Topic& asked, bool validate_only,
                                          const Settings& settings) {
  model::CreateTopic command;
  command.name = topic_name(asked.name);
  command.validate_only = validate_only;
  int32_t partitions = asked.partitions == kAsDefault ? settings.default_partitions : asked.partitions;
  if (!asked.assignments.empty()) partitions = static_cast<int32_t>(asked.assignments.size());
  command.partitions = static_cast<uint32_t>(partitions);
  command.settings = default_topic_settings(settings);
  for (const auto& config : asked.configs) {
    // An absent value would be "the default" when altering; a new topic has nothing to go back from.
    if (!config.value) return fail(ErrorCode::kInvalidArgument, "no value for " + config.name);
    Result<void> set = set_topic_config(command.settings, config.name, config.value, settings);
    if (!set) return std::unexpected(set.error());
  }
  return command;
}

void refuse(CreateTopicsResponse::Topic& answer, Refusal refusal) {
  answer.error = refusal.code;
  answer.error_message = std::move(refusal.message);
}

void created(CreateTopicsResponse::Topic& answer, const model::CreateTopic& command, const Settings& settings,
             const model::TopicCreated& reply) {
  if (!command.validate_only) answer.id = uuid_of(reply.topic.id);
  answer.partitions = static_cast<int32_t>(command.partitions);
  answer.replication = 1;
  answer.configs.emplace();
  for (const ConfigKey& key : topic_config_keys()) {
    ConfigValue value = topic_config_value(command.settings, key, settings);
    answer.configs->push_back(
        {.name = std::string(key.name), .value = std::move(value.value), .source = static_cast<int8_t>(value.source)});
  }
}

void create(const std::shared_ptr<CreateRun>& run, const CreateTopicsRequest::Topic& asked,
            CreateTopicsResponse::Topic& answer) {
  const Settings& settings = run->call.session->settings();
  if (auto refusal = refuse_topic(asked, settings)) return refuse(answer, *refusal);
  Result<model::CreateTopic> command = create_command(asked, run->call.request.validate_only, settings);
  if (!command) return refuse(answer, {error::kInvalidConfig, command.error().message});
  CreateRun::part(run, *command,
                  [&answer, &settings, command = *command](CreateRun&, Result<model::TopicCreated> reply) {
                    if (reply)
                      created(answer, command, settings, *reply);
                    else
                      refuse(answer, {kafka_error(reply.error().code, Subject::kTopic), reply.error().message});
                  });
}

}  // namespace

void handle_create_topics(Call<CreateTopicsRequest> call) {
  auto run = std::make_shared<CreateRun>(std::move(call));
  const auto& topics = run->call.request.topics;
  std::map<std::string_view, int> times;
  for (const auto& topic : topics) ++times[topic.name];
  run->response.topics.resize(topics.size());
  for (size_t i = 0; i < topics.size(); ++i) {
    run->response.topics[i].name = topics[i].name;
    if (times[topics[i].name] > 1)
      refuse(run->response.topics[i], {error::kInvalidRequest, "the topic is named twice"});
    else
      create(run, topics[i], run->response.topics[i]);
  }
  run->part_done();
}

namespace {

using DeleteRun = Pending<DeleteTopicsRequest>;

void remove(const std::shared_ptr<DeleteRun>& run, const model::TopicInfo* topic, DeleteTopicsResponse::Topic& answer) {
  if (!topic) {
    answer.error = answer.name ? error::kUnknownTopicOrPartition : error::kUnknownTopicId;
    return;
  }
  answer.name = topic->name.text;
  answer.id = uuid_of(topic->id);
  DeleteRun::part(run, model::DeleteTopic{topic->name}, [&answer](DeleteRun&, Result<model::TopicDeleted> deleted) {
    if (deleted) return;
    answer.error = kafka_error(deleted.error().code, Subject::kTopic);
    answer.error_message = deleted.error().message;
  });
}

}  // namespace

void handle_delete_topics(Call<DeleteTopicsRequest> call) {
  constexpr int16_t kIdsSince = 6;
  auto run = std::make_shared<DeleteRun>(std::move(call));
  DeleteTopicsRequest& request = run->call.request;
  if (run->call.version() < kIdsSince)
    for (std::string& name : request.names) request.topics.push_back({.name = std::move(name), .id = {}});
  run->response.topics.resize(request.topics.size());
  const model::CatalogView& catalog = run->call.session->catalog();
  for (size_t i = 0; i < request.topics.size(); ++i) {
    const auto& asked = request.topics[i];
    run->response.topics[i].name = asked.name;
    run->response.topics[i].id = asked.id;
    remove(run, find_topic(catalog, !asked.name, asked.id, asked.name.value_or("")), run->response.topics[i]);
  }
  run->part_done();
}

namespace {

using GrowRun = Pending<CreatePartitionsRequest>;

std::optional<Refusal> refuse_growth(const model::TopicInfo* topic, const CreatePartitionsRequest::Topic& asked,
                                     const Settings& settings) {
  if (!topic) return Refusal{error::kUnknownTopicOrPartition, "no such topic"};
  if (asked.count <= static_cast<int32_t>(topic->partitions))
    return Refusal{error::kInvalidPartitions,
                   "the topic already has " + std::to_string(topic->partitions) + " partitions"};
  if (!asked.assignments) return std::nullopt;
  bool here = std::ranges::all_of(*asked.assignments, [&](const auto& a) { return only_here(a.brokers, settings); });
  if (!here || asked.assignments->size() != static_cast<size_t>(asked.count) - topic->partitions)
    return Refusal{error::kInvalidReplicaAssignment, "one assignment for each new partition, on this node alone"};
  return std::nullopt;
}

void refuse(CreatePartitionsResponse::Topic& answer, Refusal refusal) {
  answer.error = refusal.code;
  answer.error_message = std::move(refusal.message);
}

}  // namespace

void handle_create_partitions(Call<CreatePartitionsRequest> call) {
  auto run = std::make_shared<GrowRun>(std::move(call));
  const auto& topics = run->call.request.topics;
  Session& session = *run->call.session;
  run->response.topics.resize(topics.size());
  for (size_t i = 0; i < topics.size(); ++i) {
    CreatePartitionsResponse::Topic& answer = run->response.topics[i];
    answer.name = topics[i].name;
    const model::TopicInfo* topic = find_topic(session.catalog(), false, {}, topics[i].name);
    if (auto refusal = refuse_growth(topic, topics[i], session.settings())) {
      refuse(answer, *refusal);
      continue;
    }
    model::AddPartitions command{topic->name, static_cast<uint32_t>(topics[i].count), run->call.request.validate_only};
    GrowRun::part(run, std::move(command), [&answer](GrowRun&, Result<model::PartitionsAdded> added) {
      if (!added) refuse(answer, {kafka_error(added.error().code, Subject::kTopic), added.error().message});
    });
  }
  run->part_done();
}

}  // namespace godwit::protocol::kafka
