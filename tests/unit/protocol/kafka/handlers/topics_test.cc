#include <gtest/gtest.h>

#include "protocol/kafka/client.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/names.h"

namespace godwit::protocol::kafka {
namespace {

CreateTopicsRequest create(CreateTopicsRequest::Topic topic) {
  CreateTopicsRequest request;
  request.topics.push_back(std::move(topic));
  return request;
}

/// The code that creating it is refused with, without a command.
int16_t refused(CreateTopicsRequest::Topic topic) {
  Connection c;
  c.ask(create(std::move(topic)), 5);
  EXPECT_TRUE(c.host.submitted.empty());
  return c.response<CreateTopicsRequest>(5).topics.at(0).error;
}

TEST(CreateTopics, WithDefaultsInEveryVersion) {
  for (int16_t version = 2; version <= 7; ++version) {
    Connection c({.default_partitions = 4});
    c.ask(create({.name = "t", .assignments = {}, .configs = {{"retention.ms", "1000"}}}), version);
    model::TopicInfo made{.id = TopicId(5), .name = topic_name("t")};
    model::CreateTopic command = c.answer<model::CreateTopic>({.topic = made, .created = true});
    EXPECT_EQ(command.partitions, 4u);
    EXPECT_EQ(command.settings.retention_ms, 1000);
    EXPECT_FALSE(command.if_absent);
    auto topic = c.response<CreateTopicsRequest>(version).topics.at(0);
    EXPECT_EQ(topic.error, error::kNone);
    if (version >= 5) {
      EXPECT_EQ(topic.partitions, 4);
    }
    if (version >= 5) {
      EXPECT_FALSE(topic.configs->empty());
    }
    if (version >= 7) {
      EXPECT_EQ(topic.id, uuid_of(TopicId(5)));
    }
  }
}

TEST(CreateTopics, EachMistakeHasItsCode) {
  EXPECT_EQ(refused({.name = "a b"}), error::kInvalidTopic);
  EXPECT_EQ(refused({.name = "t", .partitions = 0}), error::kInvalidPartitions);
  EXPECT_EQ(refused({.name = "t", .replication = 3}), error::kInvalidReplicationFactor);
  EXPECT_EQ(refused({.name = "t", .assignments = {{0, {2}}}}), error::kInvalidReplicaAssignment);
  EXPECT_EQ(refused({.name = "t", .assignments = {{1, {1}}}}), error::kInvalidReplicaAssignment);
  EXPECT_EQ(refused({.name = "t", .partitions = 1, .assignments = {{0, {1}}}}), error::kInvalidRequest);
  EXPECT_EQ(refused({.name = "t", .configs = {{"no.such", "1"}}}), error::kInvalidConfig);
  EXPECT_EQ(refused({.name = "t", .configs = {{"retention.ms", {}}}}), error::kInvalidConfig);
  Connection c;
  CreateTopicsRequest twice = create({.name = "t"});
  twice.topics.push_back(twice.topics[0]);
  c.ask(twice, 5);
  EXPECT_EQ(c.response<CreateTopicsRequest>(5).topics.at(1).error, error::kInvalidRequest);
}

TEST(CreateTopics, TheCatalogMayRefuse) {
  Connection c;
  CreateTopicsRequest request = create({.name = "t", .partitions = -1, .assignments = {{0, {1}}, {1, {1}}}});
  request.validate_only = true;
  c.ask(request, 5);
  model::CreateTopic command = c.refuse<model::CreateTopic>(ErrorCode::kAlreadyExists);
  EXPECT_TRUE(command.validate_only);
  EXPECT_EQ(command.partitions, 2u);
  auto topic = c.response<CreateTopicsRequest>(5).topics.at(0);
  EXPECT_EQ(topic.error, error::kTopicAlreadyExists);
  EXPECT_EQ(topic.error_message, "refused");
}

TEST(DeleteTopics, ByNameAndById) {
  for (int16_t version = 1; version <= 6; ++version) {
    Connection c;
    wire::Uuid id = uuid_of(c.host.names.add_topic("t").id);
    DeleteTopicsRequest request;
    if (version < 6)
      request.names = {"t", "none"};
    else
      request.topics = {{.name = {}, .id = id}, {.name = "none", .id = {}}};
    c.ask(request, version);
    EXPECT_EQ(c.answer<model::DeleteTopic>({}).name.text, "t");
    auto topics = c.response<DeleteTopicsRequest>(version).topics;
    EXPECT_EQ(topics.at(0).name, "t");
    EXPECT_EQ(topics.at(0).error, error::kNone);
    EXPECT_EQ(topics.at(1).error, error::kUnknownTopicOrPartition);
  }
}

TEST(CreatePartitions, OnlyGrow) {
  for (int16_t version = 0; version <= 3; ++version) {
    Connection c;
    c.host.names.add_topic("t", 2);
    CreatePartitionsRequest request;
    request.topics = {{"t", 3, {}}, {"t", 2, {}}, {"none", 3, {}}};
    request.topics.push_back({"t", 3, {{{.brokers = {9}}}}});
    c.ask(request, version);
    EXPECT_EQ(c.answer<model::AddPartitions>({}).partitions, 3u);
    auto topics = c.response<CreatePartitionsRequest>(version).topics;
    EXPECT_EQ(topics.at(0).error, error::kNone);
    EXPECT_EQ(topics.at(1).error, error::kInvalidPartitions);
    EXPECT_EQ(topics.at(2).error, error::kUnknownTopicOrPartition);
    EXPECT_EQ(topics.at(3).error, error::kInvalidReplicaAssignment);
  }
}

}  // namespace
}  // namespace godwit::protocol::kafka
