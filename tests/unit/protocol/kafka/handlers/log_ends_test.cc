#include <gtest/gtest.h>

#include "protocol/kafka/client.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"

namespace godwit::protocol::kafka {
namespace {

TEST(OffsetForLeaderEpoch, EndsWhereTheBrokerSays) {
  for (int16_t version = 2; version <= 4; ++version) {
    Connection c;
    c.host.names.add_topic("t");
    OffsetForLeaderEpochRequest request;
    request.topics.push_back({"t", {{.leader_epoch = 0}, {.leader_epoch = 5}, {.index = 3}}});
    c.ask(request, version);
    model::FindOffset asked = c.answer<model::FindOffset>({.offset = Offset(8), .leader_epoch = 0});
    EXPECT_EQ(asked.at, model::FindOffset::At::kEpochEnd);
    EXPECT_EQ(asked.leader_epoch, 0);
    EXPECT_EQ(c.answer<model::FindOffset>({}).leader_epoch, 5);
    auto partitions = c.response<OffsetForLeaderEpochRequest>(version).topics.at(0).partitions;
    EXPECT_EQ(partitions.at(0).leader_epoch, 0);
    EXPECT_EQ(partitions.at(0).end_offset, 8);
    EXPECT_EQ(partitions.at(1).leader_epoch, -1);
    EXPECT_EQ(partitions.at(1).end_offset, -1);
    EXPECT_EQ(partitions.at(2).error, error::kUnknownTopicOrPartition);
  }
}

TEST(DeleteRecords, UpToAnOffsetOrEverything) {
  for (int16_t version = 0; version <= 2; ++version) {
    Connection c;
    c.host.names.add_topic("t");
    DeleteRecordsRequest request;
    request.topics.push_back(
        {"t", {{.index = 0, .offset = 5}, {.index = 0, .offset = -1}, {.index = 0, .offset = -2}}});
    c.ask(request, version);
    EXPECT_EQ(c.answer<model::DeleteRecords>({.log_start = Offset(5)}).before, Offset(5));
    c.answer<model::FindOffset>({.offset = Offset(9)});
    EXPECT_EQ(c.answer<model::DeleteRecords>({.log_start = Offset(9)}).before, Offset(9));
    auto partitions = c.response<DeleteRecordsRequest>(version).topics.at(0).partitions;
    EXPECT_EQ(partitions.at(0).low_watermark, 5);
    EXPECT_EQ(partitions.at(1).low_watermark, 9);
    EXPECT_EQ(partitions.at(2).error, error::kOffsetOutOfRange);
  }
}

}  // namespace
}  // namespace godwit::protocol::kafka
