#include <algorithm>
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
#include "protocol/kafka/topic_config.h"

namespace godwit::protocol::kafka {
namespace {

using Described = DescribeConfigsResponse::Resource;

/// No keys are all keys: @platformatic/kafka sends an empty list where others send null.
bool wanted(const DescribeConfigsRequest::Resource& asked, std::string_view name) {
  return !asked.keys || asked.keys->empty() || std::ranges::find(*asked.keys, name) != asked.keys->end();
}

void describe_topic(const Call<DescribeConfigsRequest>& call, const DescribeConfigsRequest::Resource& asked,
                    Described& answer) {
  const Session& session = *call.session;
  const model::TopicInfo* topic = find_topic(session.catalog(), false, {}, asked.name);
  if (!topic) {
    answer.error = valid_topic_name(asked.name) ? error::kUnknownTopicOrPartition : error::kInvalidTopic;
    return;
  }
  for (const ConfigKey& key : topic_config_keys()) {
    if (!wanted(asked, key.name)) continue;
    ConfigValue value = topic_config_value(topic->settings, key, session.settings());
    auto& out = answer.configs.emplace_back();
    out.name = key.name;
    out.value = value.value;
    out.source = static_cast<int8_t>(value.source);
    out.type = static_cast<int8_t>(key.type);
    if (call.request.include_documentation) out.documentation = key.documentation;
    if (!call.request.include_synonyms) continue;
    if (value.source == ConfigSource::kTopic) out.synonyms.push_back({out.name, value.value, out.source});
    ConfigValue standard = topic_config_value(default_topic_settings(session.settings()), key, session.settings());
    out.synonyms.push_back({out.name, standard.value, static_cast<int8_t>(ConfigSource::kDefault)});
  }
}

void describe_broker(const Call<DescribeConfigsRequest>& call, const DescribeConfigsRequest::Resource& asked,
                     Described& answer) {
  const Settings& settings = call.session->settings();
  if (!asked.name.empty() && asked.name != std::to_string(settings.node_id)) {
    answer.error = error::kInvalidRequest;
    answer.error_message = "no node of that number";
    return;
  }
  for (BrokerConfig& config : broker_configs(settings)) {
    if (!wanted(asked, config.name)) continue;
    auto& out = answer.configs.emplace_back();
    out.name = config.name;
    out.value = std::move(config.value);
    out.read_only = true;
    out.source = static_cast<int8_t>(ConfigSource::kBrokerFile);
    out.type = static_cast<int8_t>(config.type);
    if (call.request.include_documentation) out.documentation = config.documentation;
    if (call.request.include_synonyms) out.synonyms.push_back({out.name, out.value, out.source});
  }
}

}  // namespace

void handle_describe_configs(Call<DescribeConfigsRequest> call) {
  drop_repeats(call.request.resources, [](const auto& asked) { return std::pair(asked.type, asked.name); });
  DescribeConfigsResponse response;
  for (const auto& asked : call.request.resources) {
    Described& answer = response.resources.emplace_back();
    answer.type = asked.type;
    answer.name = asked.name;
    if (asked.type == kTopicResource) {
      describe_topic(call, asked, answer);
    } else if (asked.type == kBrokerResource) {
      describe_broker(call, asked, answer);
    } else {
      answer.error = error::kInvalidRequest;
      answer.error_message = "only topics and brokers have settings here";
    }
  }
  call.reply(response);
}

namespace {

using Altered = AlterConfigsResponse::Resource;

void refuse(Altered& answer, int16_t code, std::string message) {
  answer.error = code;
  answer.error_message = std::move(message);
}

/// The topic whose settings a resource names; null and an error in the answer where that is not for clients to change.
const model::TopicInfo* alterable(const Session& session, int8_t type, const std::string& name, Altered& answer) {
  answer.type = type;
  answer.name = name;
  if (type != kTopicResource) {
    refuse(answer, error::kInvalidRequest, "only topics' settings can be changed by clients");
    return nullptr;
  }
  const model::TopicInfo* topic = find_topic(session.catalog(), false, {}, name);
  if (!topic) refuse(answer, error::kUnknownTopicOrPartition, "no such topic");
  return topic;
}

template <class Request>
void alter(const std::shared_ptr<Pending<Request>>& run, const model::TopicInfo& topic, model::TopicSettings settings,
           Altered& answer) {
  if (auto together = check_topic_config(settings); !together)
    return refuse(answer, error::kInvalidConfig, together.error().message);
  if (run->call.request.validate_only) return;
  Pending<Request>::part(run, model::AlterTopic{topic.name, std::move(settings)},
                         [&answer](Pending<Request>&, Result<model::TopicAltered> altered) {
                           if (altered) return;
                           refuse(answer, kafka_error(altered.error().code, Subject::kTopic), altered.error().message);
                         });
}

/// `list` with the items of `change` added or taken away.
std::string edited_list(std::string_view list, std::string_view change, bool add) {
  auto contains = [](std::string_view items, std::string_view item) {
    return ("," + std::string(items) + ",").find("," + std::string(item) + ",") != std::string::npos;
  };
  auto each = [](std::string_view items, auto f) {
    while (!items.empty()) {
      std::string_view item = items.substr(0, items.find(','));
      items.remove_prefix(std::min(items.size(), item.size() + 1));
      f(item);
    }
  };
  std::string out;
  auto put = [&](std::string_view item) { out += (out.empty() ? "" : ",") + std::string(item); };
  each(list, [&](std::string_view item) {
    if (add || !contains(change, item)) put(item);
  });
  if (add)
    each(change, [&](std::string_view item) {
      if (!contains(list, item)) put(item);
    });
  return out;
}

Result<void> change_one(model::TopicSettings& settings, const IncrementalAlterConfigsRequest::Config& config,
                        const Settings& defaults) {
  using Request = IncrementalAlterConfigsRequest;
  if (config.operation == Request::kDelete) return set_topic_config(settings, config.name, std::nullopt, defaults);
  if (!config.value) return fail(ErrorCode::kInvalidArgument, "no value for " + config.name);
  if (config.operation == Request::kSet) return set_topic_config(settings, config.name, config.value, defaults);
  auto key = std::ranges::find(topic_config_keys(), config.name, &ConfigKey::name);
  bool list = key != topic_config_keys().end() && key->type == ConfigType::kList;
  bool add = config.operation == Request::kAppend;
  if (!list || (!add && config.operation != Request::kSubtract))
    return fail(ErrorCode::kInvalidArgument, config.name + " is no list to add to or take from");
  std::string now = topic_config_value(settings, *key, defaults).value;
  return set_topic_config(settings, config.name, edited_list(now, *config.value, add), defaults);
}

}  // namespace

void handle_alter_configs(Call<AlterConfigsRequest> call) {
  auto run = std::make_shared<Pending<AlterConfigsRequest>>(std::move(call));
  const auto& resources = run->call.request.resources;
  Session& session = *run->call.session;
  run->response.resources.resize(resources.size());
  for (size_t i = 0; i < resources.size(); ++i) {
    Altered& answer = run->response.resources[i];
    const model::TopicInfo* topic = alterable(session, resources[i].type, resources[i].name, answer);
    if (!topic) continue;
    model::TopicSettings settings = topic->settings;
    // Whatever is not named goes back to its default.
    for (const ConfigKey& key : topic_config_keys())
      if (settings.config.contains(std::string(key.name)))
        (void)set_topic_config(settings, key.name, std::nullopt, session.settings());
    for (const auto& config : resources[i].configs) {
      Result<void> set = set_topic_config(settings, config.name, config.value, session.settings());
      if (!set) refuse(answer, error::kInvalidConfig, set.error().message);
    }
    if (answer.error == error::kNone) alter(run, *topic, std::move(settings), answer);
  }
  run->part_done();
}

void handle_incremental_alter_configs(Call<IncrementalAlterConfigsRequest> call) {
  auto run = std::make_shared<Pending<IncrementalAlterConfigsRequest>>(std::move(call));
  const auto& resources = run->call.request.resources;
  Session& session = *run->call.session;
  run->response.resources.resize(resources.size());
  for (size_t i = 0; i < resources.size(); ++i) {
    Altered& answer = run->response.resources[i];
    const model::TopicInfo* topic = alterable(session, resources[i].type, resources[i].name, answer);
    if (!topic) continue;
    model::TopicSettings settings = topic->settings;
    for (const auto& config : resources[i].configs) {
      Result<void> changed = change_one(settings, config, session.settings());
      if (!changed) refuse(answer, error::kInvalidConfig, changed.error().message);
    }
    if (answer.error == error::kNone) alter(run, *topic, std::move(settings), answer);
  }
  run->part_done();
}

}  // namespace godwit::protocol::kafka
