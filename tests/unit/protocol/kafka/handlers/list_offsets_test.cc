#include <gtest/gtest.h>

#include "protocol/kafka/client.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/batches.h"
#include "protocol/kafka/handlers/handlers.h"

namespace godwit::protocol::kafka {
namespace {

struct ListOffsetsTest : testing::Test {
  ListOffsetsTest() { c.host.names.add_topic("t"); }
  void ask(int64_t timestamp_ms, int16_t version, int32_t index = 0) {
    ListOffsetsRequest request;
    request.topics.push_back({.name = "t", .partitions = {{.index = index, .timestamp_ms = timestamp_ms}}});
    c.ask(request, version);
  }
  ListOffsetsResponse::Partition got(int16_t version) {
    return c.response<ListOffsetsRequest>(version).topics.at(0).partitions.at(0);
  }
  Connection c;
};

TEST_F(ListOffsetsTest, EndsInEveryVersion) {
  for (int16_t version = 1; version <= 11; ++version) {
    ask(ListOffsetsRequest::kLatest, version);
    EXPECT_EQ(c.answer<model::FindOffset>({.offset = Offset(50)}).at, model::FindOffset::At::kEnd);
    EXPECT_EQ(got(version).offset, 50);
    ask(ListOffsetsRequest::kEarliest, version);
    EXPECT_EQ(c.answer<model::FindOffset>({.offset = Offset(3)}).at, model::FindOffset::At::kStart);
    EXPECT_EQ(got(version).offset, 3);
  }
}

TEST_F(ListOffsetsTest, ATimeIsFoundWithinItsBatch) {
  ask(1002, 5);
  c.answer<model::FindOffset>({.offset = Offset(20), .timestamp_ms = 1003});
  c.answer<model::Fetch>({.batches = {stored({"a", "b", "c", "d"}, 20)}, .end = Offset(24)});
  auto partition = got(5);
  EXPECT_EQ(partition.offset, 22);
  EXPECT_EQ(partition.timestamp_ms, 1002);
  EXPECT_EQ(partition.leader_epoch, 0);
}

TEST_F(ListOffsetsTest, NothingThatLateIsMinusOne) {
  ask(9999, 5);
  c.answer<model::FindOffset>({});
  EXPECT_EQ(got(5).offset, -1);
  ask(ListOffsetsRequest::kLatestTiered, 9);
  EXPECT_EQ(got(9).offset, -1);
}

TEST_F(ListOffsetsTest, UnknownPartitionsAreNamed) {
  ask(ListOffsetsRequest::kLatest, 5, 4);
  EXPECT_EQ(got(5).error, error::kUnknownTopicOrPartition);
}

TEST_F(ListOffsetsTest, ReadCommittedEndsAtTheLastStableOffset) {
  ListOffsetsRequest request;
  request.isolation_level = 1;
  request.topics.push_back({.name = "t", .partitions = {{.timestamp_ms = ListOffsetsRequest::kLatest}}});
  c.ask(request, 5);
  c.answer<model::FindOffset>({.offset = Offset(50)});
  c.answer<model::Fetch>({.end = Offset(50), .last_stable = Offset(44)});
  EXPECT_EQ(got(5).offset, 44);
}

}  // namespace
}  // namespace godwit::protocol::kafka
