#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "model/commands/catalog.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/handlers/pending.h"
#include "protocol/kafka/handlers/repeats.h"
#include "protocol/kafka/names.h"
#include "protocol/kafka/operations.h"
#include "protocol/kafka/topic_config.h"

namespace godwit::protocol::kafka {
namespace {

using Run = Pending<MetadataRequest>;
using Answer = MetadataResponse::Topic;

/// This node leads every partition and is its only replica.
void describe(const Run& run, const model::TopicInfo& topic, Answer& answer) {
  const Settings& settings = run.call.session->settings();
  int32_t node = settings.node_id;
  answer.error = error::kNone;
  answer.name = topic.name.text;
  answer.id = uuid_of(topic.id);
  if (run.call.request.include_topic_operations) answer.operations = kTopicOperations;
  answer.partitions.reserve(topic.partitions);
  for (uint32_t i = 0; i < topic.partitions; ++i)
    answer.partitions.push_back({.index = static_cast<int32_t>(i),
                                 .leader = node,
                                 .leader_epoch = settings.leader_epoch,
                                 .replicas = {node},
                                 .in_sync = {node},
                                 .offline = {}});
}

void create(const std::shared_ptr<Run>& run, const std::string& name, Answer& answer) {
  const Settings& settings = run->call.session->settings();
  model::CreateTopic command;
  command.name = topic_name(name);
  command.partitions = static_cast<uint32_t>(settings.default_partitions);
  command.settings = default_topic_settings(settings);
  command.if_absent = true;
  Run::part(run, std::move(command), [&answer](Run& done, Result<model::TopicCreated> created) {
    if (created)
      describe(done, created->topic, answer);
    else
      answer.error = kafka_error(created.error().code, Subject::kTopic);
  });
}

/// kafka-clients 4.4.0 leaves the name empty, not null, when its admin client asks by id.
bool by_id(const MetadataRequest::Topic& asked) { return !asked.name || asked.id.bytes != wire::Uuid().bytes; }

void look_up(const std::shared_ptr<Run>& run, const MetadataRequest::Topic& asked, Answer& answer) {
  bool has_id = by_id(asked);
  const model::TopicInfo* topic = find_topic(run->call.session->catalog(), has_id, asked.id, asked.name.value_or(""));
  if (topic) return describe(*run, *topic, answer);
  if (!has_id) answer.name = asked.name;
  answer.id = asked.id;
  if (has_id) {
    answer.error = error::kUnknownTopicId;
    if (run->call.version() < 12) answer.name = "";
  } else if (!valid_topic_name(*asked.name)) {
    answer.error = error::kInvalidTopic;
  } else if (run->call.request.allow_auto_creation && run->call.session->settings().auto_create_topics) {
    create(run, *asked.name, answer);
  } else {
    answer.error = error::kUnknownTopicOrPartition;
  }
}

void list_all(Run& run) {
  run.call.session->catalog().for_each_topic(model::Name{}.space, [&](const model::TopicInfo& topic) {
    // Topics of exclusive queues come and go by the thousand and are nobody else's: found by name only.
    if (valid_topic_name(topic.name.text) && !topic.settings.is_volatile)
      describe(run, topic, run.response.topics.emplace_back());
  });
}

}  // namespace

void handle_metadata(Call<MetadataRequest> call) {
  if (auto& topics = call.request.topics)
    drop_repeats(*topics, [](const auto& topic) {
      return by_id(topic) ? std::pair(std::optional<std::string>(), topic.id.bytes)
                          : std::pair(topic.name, topic.id.bytes);
    });
  auto run = std::make_shared<Run>(std::move(call));
  const MetadataRequest& request = run->call.request;
  const Settings& settings = run->call.session->settings();
  MetadataResponse& response = run->response;
  response.brokers.push_back(
      {.node_id = settings.node_id, .host = settings.advertised_host, .port = settings.advertised_port});
  response.cluster_id = settings.cluster_id;
  response.controller_id = settings.node_id;
  if (request.include_cluster_operations) response.cluster_operations = kClusterOperations;
  bool all = !request.topics || (run->call.version() == 0 && request.topics->empty());
  if (all) {
    list_all(*run);
  } else {
    response.topics.resize(request.topics->size());
    for (size_t i = 0; i < request.topics->size(); ++i) look_up(run, (*request.topics)[i], response.topics[i]);
  }
  run->part_done();
}

void handle_describe_cluster(Call<DescribeClusterRequest> call) {
  constexpr int8_t kBrokers = 1;
  const Settings& settings = call.session->settings();
  DescribeClusterResponse response;
  response.cluster_id = settings.cluster_id;
  response.endpoint_type = call.request.endpoint_type;
  if (call.request.endpoint_type != kBrokers) {
    response.error = error::kMismatchedEndpointType;
    response.error_message = "this listener serves brokers, not controllers";
    return call.reply(response);
  }
  response.controller_id = settings.node_id;
  response.brokers.push_back(
      {.node_id = settings.node_id, .host = settings.advertised_host, .port = settings.advertised_port});
  if (call.request.include_cluster_operations) response.cluster_operations = kClusterOperations;
  call.reply(response);
}

namespace {

FindCoordinatorResponse::Coordinator coordinator(const Settings& settings, std::string key, int8_t type) {
  FindCoordinatorResponse::Coordinator answer;
  answer.key = std::move(key);
  if (type == FindCoordinatorRequest::kGroup) {
    answer.node_id = settings.node_id;
    answer.host = settings.advertised_host;
    answer.port = settings.advertised_port;
  } else if (type == FindCoordinatorRequest::kTransaction) {
    // Of all errors this is the one that every client gives up at, at once.
    answer.error = error::kTransactionalIdAuthorizationFailed;
    answer.error_message = "transactions are not served yet: leave transactional.id unset";
  } else {
    answer.error = error::kInvalidRequest;
    answer.error_message = "only coordinators of consumer groups are served";
  }
  return answer;
}

}  // namespace

void handle_find_coordinator(Call<FindCoordinatorRequest> call) {
  const FindCoordinatorRequest& request = call.request;
  const Settings& settings = call.session->settings();
  FindCoordinatorResponse response;
  if (call.version() < 4)
    response.one = coordinator(settings, request.key, request.key_type);
  else
    for (const std::string& key : request.keys)
      response.coordinators.push_back(coordinator(settings, key, request.key_type));
  call.reply(response);
}

}  // namespace godwit::protocol::kafka
