#include <algorithm>

#include <gtest/gtest.h>

#include "protocol/kafka/client.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/topic_config.h"

namespace godwit::protocol::kafka {
namespace {

struct ConfigsTest : testing::Test {
  ConfigsTest() {
    model::TopicSettings settings = default_topic_settings({});
    EXPECT_TRUE(set_topic_config(settings, "retention.ms", "1000", {}));
    c.host.names.add_topic("t", 1, settings);
  }
  Connection c;
};

TEST_F(ConfigsTest, DescribesTopicsInEveryVersion) {
  for (int16_t version = 1; version <= 4; ++version) {
    DescribeConfigsRequest request;
    request.resources.push_back({.type = kTopicResource, .name = "t", .keys = {}});
    request.include_synonyms = true;
    c.ask(request, version);
    auto resource = c.response<DescribeConfigsRequest>(version).resources.at(0);
    ASSERT_EQ(resource.configs.size(), topic_config_keys().size());
    auto config = std::ranges::find(resource.configs, "retention.ms", &DescribeConfigsResponse::Config::name);
    EXPECT_EQ(config->value, "1000");
    EXPECT_EQ(config->source, 1);
    ASSERT_EQ(config->synonyms.size(), 2u);
    EXPECT_EQ(config->synonyms[1].value, "604800000");
  }
}

TEST_F(ConfigsTest, DescribesATopicOnceHoweverOftenItIsNamed) {
  DescribeConfigsRequest request;
  for (int i = 0; i < 9; ++i) request.resources.push_back({.type = kTopicResource, .name = "t", .keys = {}});
  c.ask(request, 4);
  EXPECT_EQ(c.response<DescribeConfigsRequest>(4).resources.size(), 1u);
}

TEST_F(ConfigsTest, DescribesWhatWasAskedForOnly) {
  DescribeConfigsRequest request;
  request.resources.push_back({.type = kTopicResource, .name = "t", .keys = {{"segment.ms"}}});
  request.resources.push_back({.type = kBrokerResource, .name = "1", .keys = {{"message.max.bytes"}}});
  request.resources.push_back({.type = kBrokerResource, .name = "5", .keys = {}});
  request.resources.push_back({.type = kTopicResource, .name = "none", .keys = {}});
  c.ask(request, 4);
  auto resources = c.response<DescribeConfigsRequest>(4).resources;
  EXPECT_EQ(resources.at(0).configs.at(0).source, 5);
  EXPECT_EQ(resources.at(1).configs.at(0).value, "1048588");
  EXPECT_TRUE(resources.at(1).configs.at(0).read_only);
  EXPECT_EQ(resources.at(2).error, error::kInvalidRequest);
  EXPECT_EQ(resources.at(3).error, error::kUnknownTopicOrPartition);
}

TEST_F(ConfigsTest, AnEmptyListOfKeysIsAllOfThem) {
  DescribeConfigsRequest request;
  request.resources.push_back({.type = kTopicResource, .name = "t", .keys = std::vector<std::string>()});
  c.ask(request, 4);
  EXPECT_EQ(c.response<DescribeConfigsRequest>(4).resources.at(0).configs.size(), topic_config_keys().size());
}

TEST_F(ConfigsTest, AlteringAllForgetsWhatIsNotNamed) {
  AlterConfigsRequest request;
  request.resources.push_back({kTopicResource, "t", {{"segment.ms", "5"}}});
  c.ask(request, 2);
  model::AlterTopic command = c.answer<model::AlterTopic>({});
  EXPECT_EQ(command.settings.retention_ms, 604'800'000);
  EXPECT_EQ(command.settings.config.size(), 1u);
  EXPECT_EQ(c.response<AlterConfigsRequest>(2).resources.at(0).error, error::kNone);
}

TEST_F(ConfigsTest, SingleChanges) {
  using Request = IncrementalAlterConfigsRequest;
  Request request;
  request.resources.push_back({kTopicResource,
                               "t",
                               {{"retention.ms", Request::kDelete, {}},
                                {"max.message.bytes", Request::kSet, "99"},
                                {"cleanup.policy", Request::kAppend, "compact"}}});
  c.ask(request, 1);
  model::AlterTopic command = c.answer<model::AlterTopic>({});
  EXPECT_EQ(command.settings.message_bytes_max, 99u);
  EXPECT_EQ(command.settings.retention, model::Retention::kCompact);
  EXPECT_EQ(command.settings.config.at("cleanup.policy"), "delete,compact");
  EXPECT_FALSE(command.settings.config.contains("retention.ms"));
  EXPECT_EQ(c.response<Request>(1).resources.at(0).error, error::kNone);
}

TEST_F(ConfigsTest, MistakesAndDryRunsChangeNothing) {
  using Request = IncrementalAlterConfigsRequest;
  for (auto config : {Request::Config{"no.such", Request::kSet, "1"},
                      {"retention.ms", Request::kAppend, "1"},
                      {"retention.ms", Request::kSet, {}}}) {
    Request request;
    request.resources.push_back({kTopicResource, "t", {config}});
    c.ask(request, 0);
    EXPECT_EQ(c.response<Request>(0).resources.at(0).error, error::kInvalidConfig);
  }
  Request dry;
  dry.resources.push_back({kTopicResource, "t", {{"retention.ms", Request::kSet, "1"}}});
  dry.validate_only = true;
  c.ask(dry, 0);
  EXPECT_EQ(c.response<Request>(0).resources.at(0).error, error::kNone);
  Request broker;
  broker.resources.push_back({kBrokerResource, "1", {}});
  c.ask(broker, 0);
  EXPECT_EQ(c.response<Request>(0).resources.at(0).error, error::kInvalidRequest);
  EXPECT_TRUE(c.host.submitted.empty());
}

}  // namespace
}  // namespace godwit::protocol::kafka
