#include <gtest/gtest.h>

#include "protocol/kafka/client.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/names.h"

namespace godwit::protocol::kafka {
namespace {

struct PositionsTest : testing::Test {
  PositionsTest() { id = uuid_of(c.host.names.add_topic("t", 2).id); }
  Connection c;
  wire::Uuid id;
};

TEST_F(PositionsTest, CommitsWhatItCanInEveryVersion) {
  for (int16_t version = 2; version <= 10; ++version) {
    OffsetCommitRequest request{.group = "g", .generation = 3, .member_id = "m", .topics = {}};
    request.topics.push_back({"t", id, {{.index = 0, .offset = 7, .metadata = "note"}, {.index = 9}}});
    request.topics[0].partitions.push_back({.index = 1, .metadata = std::string(5000, 'x')});
    c.ask(request, version);
    model::CommitOffsets command = c.answer<model::CommitOffsets>({});
    ASSERT_EQ(command.offsets.size(), 1u);
    EXPECT_EQ(command.offsets[0].topic, "t");
    EXPECT_EQ(command.offsets[0].metadata, "note");
    EXPECT_EQ(command.generation, 3);
    auto partitions = c.response<OffsetCommitRequest>(version).topics.at(0).partitions;
    EXPECT_EQ(partitions.at(0).error, error::kNone);
    EXPECT_EQ(partitions.at(1).error, error::kUnknownTopicOrPartition);
    EXPECT_EQ(partitions.at(2).error, error::kOffsetMetadataTooLarge);
  }
}

TEST_F(PositionsTest, ARefusedCommitIsRefusedForEveryPartition) {
  OffsetCommitRequest request{.group = "g", .topics = {{"t", id, {{.index = 0}}}}};
  c.ask(request, 7);
  c.refuse<model::CommitOffsets>(ErrorCode::kRebalanceInProgress);
  EXPECT_EQ(c.response<OffsetCommitRequest>(7).topics[0].partitions[0].error, error::kRebalanceInProgress);
}

TEST_F(PositionsTest, FetchesWhatWasAskedForInEveryVersion) {
  for (int16_t version = 1; version <= 10; ++version) {
    OffsetFetchRequest request;
    request.one.id = "g";
    request.one.topics.emplace().push_back({"t", id, {0, 1}});
    request.groups = {request.one};
    c.ask(request, version);
    model::OffsetsFetched fetched;
    fetched.offsets.push_back({.topic = "t", .partition = 1, .offset = Offset(9), .metadata = "note"});
    model::FetchOffsets command = c.answer<model::FetchOffsets>(fetched);
    EXPECT_EQ(command.partitions->size(), 2u);
    OffsetFetchResponse response = c.response<OffsetFetchRequest>(version);
    auto topics = version < 8 ? response.one.topics : response.groups.at(0).topics;
    EXPECT_EQ(topics.at(0).partitions.at(0).offset, -1);
    EXPECT_EQ(topics.at(0).partitions.at(1).offset, 9);
    EXPECT_EQ(topics.at(0).partitions.at(1).metadata, "note");
  }
}

TEST_F(PositionsTest, FetchesAPositionOnceHoweverOftenItIsNamed) {
  OffsetFetchRequest request;
  request.one.id = "g";
  request.one.topics.emplace().push_back({"t", id, {0, 1, 0, 0}});
  request.one.topics->push_back({"t", id, {1, 2}});
  request.groups = {request.one, request.one};
  for (int16_t version : {7, 10}) {
    c.ask(request, version);
    model::FetchOffsets command = c.answer<model::FetchOffsets>({});
    EXPECT_EQ(command.partitions->size(), 3u);
    OffsetFetchResponse response = c.response<OffsetFetchRequest>(version);
    auto topics = version < 8 ? response.one.topics : response.groups.at(0).topics;
    EXPECT_EQ(topics.at(0).partitions.size(), 2u);
    EXPECT_EQ(topics.at(1).partitions.size(), 1u);
    EXPECT_LE(response.groups.size(), 1u);
  }
}

TEST_F(PositionsTest, AllPositionsAreGroupedByTopic) {
  OffsetFetchRequest request;
  request.groups.push_back({.id = "g", .member_id = {}, .topics = {}});
  c.ask(request, 8);
  model::OffsetsFetched fetched;
  fetched.offsets = {{.topic = "t", .partition = 1}, {.topic = "gone", .partition = 0}, {.topic = "t", .partition = 0}};
  EXPECT_FALSE(c.answer<model::FetchOffsets>(fetched).partitions);
  auto group = c.response<OffsetFetchRequest>(8).groups.at(0);
  ASSERT_EQ(group.topics.size(), 2u);
  EXPECT_EQ(group.topics[1].partitions.size(), 2u);
}

TEST_F(PositionsTest, IdsNobodyHasAndGroupsThatAreNotThere) {
  OffsetFetchRequest request;
  request.groups.push_back({.id = "g", .member_id = {}, .topics = {{{"", uuid_of(TopicId(99)), {0}}}}});
  c.ask(request, 10);
  c.refuse<model::FetchOffsets>(ErrorCode::kNotFound);
  auto group = c.response<OffsetFetchRequest>(10).groups.at(0);
  EXPECT_EQ(group.error, error::kNone);
  EXPECT_EQ(group.topics.at(0).partitions.at(0).error, error::kUnknownTopicId);
}

TEST_F(PositionsTest, DeletingIsRefusedWhileAMemberReads) {
  OffsetDeleteRequest request{.group = "g", .topics = {{"t", {{0}}}}};
  c.ask(request, 0);
  c.refuse<model::DeleteOffsets>(ErrorCode::kGroupNotEmpty);
  EXPECT_EQ(c.response<OffsetDeleteRequest>(0).topics.at(0).partitions.at(0).error, error::kGroupSubscribedToTopic);
  c.ask(request, 0);
  c.refuse<model::DeleteOffsets>(ErrorCode::kNotFound);
  EXPECT_EQ(c.response<OffsetDeleteRequest>(0).error, error::kGroupIdNotFound);
}

}  // namespace
}  // namespace godwit::protocol::kafka
