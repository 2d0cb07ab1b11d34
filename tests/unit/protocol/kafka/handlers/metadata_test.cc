#include <gtest/gtest.h>

#include "protocol/kafka/client.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/names.h"

namespace godwit::protocol::kafka {
namespace {

MetadataRequest about(std::string name) {
  MetadataRequest request;
  request.topics.emplace().push_back({.id = {}, .name = std::move(name)});
  return request;
}

TEST(Metadata, DescribesThisNodeAndItsTopicsInEveryVersion) {
  for (int16_t version = 0; version <= 13; ++version) {
    Connection c({.advertised_host = "broker", .advertised_port = 9, .node_id = 4});
    auto& topic = c.host.names.add_topic("t", 2);
    c.ask(about("t"), version);
    MetadataResponse response = c.response<MetadataRequest>(version);
    ASSERT_EQ(response.brokers.size(), 1u);
    EXPECT_EQ(response.brokers[0].host, "broker");
    ASSERT_EQ(response.topics.size(), 1u);
    EXPECT_EQ(response.topics[0].name, "t");
    ASSERT_EQ(response.topics[0].partitions.size(), 2u);
    EXPECT_EQ(response.topics[0].partitions[1].leader, 4);
    if (version >= 10) {
      EXPECT_EQ(response.topics[0].id, uuid_of(topic.id));
    }
  }
}

TEST(Metadata, DescribesATopicOnceHoweverOftenItIsNamed) {
  Connection c;
  auto& topic = c.host.names.add_topic("t", 2);
  MetadataRequest request = about("t");
  for (const char* name : {"t", "u", "u"}) request.topics->push_back({.id = {}, .name = name});
  for (const char* name : {"", "t", "u"}) request.topics->push_back({.id = uuid_of(topic.id), .name = name});
  request.allow_auto_creation = false;
  c.ask(request, 12);
  EXPECT_EQ(c.response<MetadataRequest>(12).topics.size(), 3u);
}

TEST(Metadata, AllLeavesOutWhatKafkaCannotSpellAndVolatileTopics) {
  Connection c;
  c.host.names.add_topic("seen");
  c.host.names.add_topic("not seen");
  model::TopicSettings exclusive;
  exclusive.is_volatile = true;
  c.host.names.add_topic("amq.gen-1", 1, exclusive);
  MetadataRequest old;
  old.topics.emplace();
  c.ask(old, 0);
  EXPECT_EQ(c.response<MetadataRequest>(0).topics.size(), 1u);
  c.ask(MetadataRequest{}, 12);
  EXPECT_EQ(c.response<MetadataRequest>(12).topics.at(0).name, "seen");
  c.ask(old, 1);
  EXPECT_TRUE(c.response<MetadataRequest>(1).topics.empty());
}

TEST(Metadata, AskingCreatesWhereThatIsAllowed) {
  Connection c({.default_partitions = 4});
  c.ask(about("new"), 12);
  model::TopicInfo made{.id = TopicId(8), .name = topic_name("new"), .partitions = 4};
  model::CreateTopic command = c.answer<model::CreateTopic>({.topic = made, .created = true});
  EXPECT_TRUE(command.if_absent);
  EXPECT_EQ(command.partitions, 4u);
  EXPECT_EQ(command.settings.retention, model::Retention::kTime);
  EXPECT_EQ(c.response<MetadataRequest>(12).topics.at(0).partitions.size(), 4u);
  MetadataRequest shy = about("new");
  shy.allow_auto_creation = false;
  c.ask(shy, 12);
  EXPECT_EQ(c.response<MetadataRequest>(12).topics.at(0).error, error::kUnknownTopicOrPartition);
  c.ask(about("not a name"), 12);
  EXPECT_EQ(c.response<MetadataRequest>(12).topics.at(0).error, error::kInvalidTopic);
  Connection off({.auto_create_topics = false});
  off.ask(about("new"), 12);
  EXPECT_EQ(off.response<MetadataRequest>(12).topics.at(0).error, error::kUnknownTopicOrPartition);
}

TEST(Metadata, UnknownIdsAreAnError) {
  Connection c;
  MetadataRequest request;
  request.topics.emplace().push_back({.id = uuid_of(TopicId(77)), .name = {}});
  c.ask(request, 12);
  MetadataResponse response = c.response<MetadataRequest>(12);
  EXPECT_EQ(response.topics.at(0).error, error::kUnknownTopicId);
  EXPECT_FALSE(response.topics[0].name);
}

TEST(Metadata, AnIdCountsAlsoBesideAnEmptyName) {
  Connection c;
  MetadataRequest request;
  request.topics.emplace();
  for (const char* name : {"t", "u"})
    request.topics->push_back({.id = uuid_of(c.host.names.add_topic(name).id), .name = ""});
  c.ask(request, 12);
  MetadataResponse response = c.response<MetadataRequest>(12);
  ASSERT_EQ(response.topics.size(), 2u);
  EXPECT_EQ(response.topics[0].name, "t");
  EXPECT_EQ(response.topics[1].name, "u");
}

TEST(Metadata, EveryGroupsCoordinatorIsThisNode) {
  Connection c;
  for (int16_t version = 0; version <= 6; ++version) {
    c.ask(FindCoordinatorRequest{.key = "g", .keys = {"g", "h"}}, version);
    FindCoordinatorResponse response = c.response<FindCoordinatorRequest>(version);
    EXPECT_EQ(version < 4 ? response.one.node_id : response.coordinators.at(1).node_id, 1);
  }
  c.ask(FindCoordinatorRequest{.key = "tx", .key_type = FindCoordinatorRequest::kTransaction, .keys = {}}, 2);
  EXPECT_EQ(c.response<FindCoordinatorRequest>(2).one.error, error::kTransactionalIdAuthorizationFailed);
}

TEST(Metadata, DescribesTheCluster) {
  Connection c;
  c.ask(DescribeClusterRequest{}, 2);
  EXPECT_EQ(c.response<DescribeClusterRequest>(2).brokers.size(), 1u);
  c.ask(DescribeClusterRequest{.endpoint_type = 2}, 1);
  EXPECT_EQ(c.response<DescribeClusterRequest>(1).error, error::kMismatchedEndpointType);
}

}  // namespace
}  // namespace godwit::protocol::kafka
