#include <gtest/gtest.h>

#include "protocol/kafka/client.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/batches.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/names.h"

namespace godwit::protocol::kafka {
namespace {

ProduceRequest produce(ByteView records, int16_t acks = -1) {
  ProduceRequest request{.transactional_id = {}, .acks = acks, .topics = {}};
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  topic.partitions.push_back({.index = 0, .records = records});
  return request;
}

struct ProduceTest : testing::Test {
  ProduceTest() { c.host.names.add_topic("t"); }
  /// The code a batch is refused with, without a command.
  int16_t refused(ByteView records, int16_t version = 9) {
    c.ask(produce(records), version);
    EXPECT_TRUE(c.host.submitted.empty());
    return c.response<ProduceRequest>(version).topics.at(0).partitions.at(0).error;
  }
  Connection c;
};

TEST_F(ProduceTest, StoresTheBatchVerbatimInEveryVersion) {
  ByteVec records = records_of({"a", "b"});
  for (int16_t version = 3; version <= 13; ++version) {
    ProduceRequest request = produce(records);
    request.topics[0].id = uuid_of(c.host.names.topic(topic_name("t"))->id);
    c.ask(request, version);
    EXPECT_TRUE(c.silent());
    model::Append append = c.answer<model::Append>({.base_offset = Offset(40), .append_ms = 5, .log_start = Offset(2)});
    EXPECT_EQ(append.batch.header.encoding, model::Encoding::kKafka);
    EXPECT_EQ(append.batch.header.count, 2u);
    EXPECT_EQ(append.batch.header.max_timestamp_ms, 1001);
    EXPECT_TRUE(std::ranges::equal(append.batch.payload.view(), records));
    EXPECT_FALSE(append.producer);
    auto partition = c.response<ProduceRequest>(version).topics.at(0).partitions.at(0);
    EXPECT_EQ(partition.error, error::kNone);
    EXPECT_EQ(partition.base_offset, 40);
    EXPECT_EQ(partition.log_append_time_ms, -1);
    EXPECT_EQ(partition.log_start_offset, version >= 5 ? 2 : -1);
  }
}

TEST_F(ProduceTest, AnIdempotentProducersClaimTravelsAlong) {
  model::KafkaBatchBuilder builder;
  builder.header().producer_id = 9;
  builder.header().producer_epoch = 1;
  builder.header().base_sequence = 30;
  builder.add({.value = as_bytes("v")});
  ByteVec records = builder.finish().value();
  c.ask(produce(records), 7);
  model::Append append = c.refuse<model::Append>(ErrorCode::kOutOfOrder);
  ASSERT_TRUE(append.producer);
  EXPECT_EQ(append.producer->id, 9);
  EXPECT_EQ(append.producer->sequence, 30);
  EXPECT_EQ(c.response<ProduceRequest>(7).topics[0].partitions[0].error, error::kOutOfOrderSequenceNumber);
}

TEST_F(ProduceTest, Acks0IsNotAnsweredAndClosesOnAnError) {
  ByteVec records = records_of({"a"});
  c.ask(produce(records, 0), 7);
  c.answer<model::Append>({});
  EXPECT_TRUE(c.silent());
  EXPECT_FALSE(c.host.closed);
  c.ask(produce(records, 0), 7);
  c.refuse<model::Append>(ErrorCode::kFull);
  EXPECT_TRUE(c.host.closed);
}

TEST_F(ProduceTest, BadBatchesAreRefusedBeforeTheyAreSent) {
  ByteVec records = records_of({"a"});
  EXPECT_EQ(refused({}), error::kInvalidRecord);
  ByteVec broken = records;
  broken.back() ^= 1;
  EXPECT_EQ(refused(broken), error::kCorruptMessage);
  ByteVec two = records;
  two.insert(two.end(), records.begin(), records.end());
  EXPECT_EQ(refused(two), error::kInvalidRecord);
  model::KafkaBatchBuilder builder;
  builder.header().attributes = 16;
  builder.add({.value = as_bytes("v")});
  EXPECT_EQ(refused(builder.finish().value()), error::kInvalidTxnState);
  builder.add({.value = as_bytes("v")});
  EXPECT_EQ(refused(builder.finish(model::Compression::kZstd).value(), 6), error::kUnsupportedCompressionType);
}

TEST_F(ProduceTest, ErrorsAreAPartitionsOwn) {
  ByteVec records = records_of({"a"});
  ProduceRequest request = produce(records);
  request.topics[0].partitions.push_back({.index = 1, .records = records});
  request.topics.push_back({.name = "other", .id = {}, .partitions = {{.index = 0, .records = records}}});
  c.ask(request, 8);
  c.answer<model::Append>({.base_offset = Offset(1)});
  ProduceResponse response = c.response<ProduceRequest>(8);
  EXPECT_EQ(response.topics[0].partitions[0].error, error::kNone);
  EXPECT_EQ(response.topics[0].partitions[1].error, error::kUnknownTopicOrPartition);
  EXPECT_EQ(response.topics[1].partitions[0].error, error::kUnknownTopicOrPartition);
}

TEST_F(ProduceTest, LimitsAndKindsOfTopicsAreKept) {
  model::TopicSettings small;
  small.message_bytes_max = 70;
  c.host.names.add_topic("t", 1, small);
  EXPECT_EQ(refused(records_of({std::string(100, 'x')})), error::kMessageTooLarge);
  model::TopicSettings compacted;
  compacted.retention = model::Retention::kCompact;
  c.host.names.add_topic("t", 1, compacted);
  ByteVec keyless = records_of({"a"}, false);
  c.ask(produce(keyless), 8);
  auto partition = c.response<ProduceRequest>(8).topics[0].partitions[0];
  EXPECT_EQ(partition.error, error::kInvalidRecord);
  ASSERT_EQ(partition.record_errors.size(), 1u);
  EXPECT_EQ(partition.record_errors[0].batch_index, 0);
}

TEST_F(ProduceTest, ATopicThatStampsMarksItsBatches) {
  model::TopicSettings stamping;
  stamping.stamp_append_time = true;
  c.host.names.add_topic("t", 1, stamping);
  ByteVec records = records_of({"a"});
  c.ask(produce(records), 8);
  model::Append append = c.answer<model::Append>({.append_ms = 99});
  Result<model::KafkaBatchHeader> header = model::check_kafka_batch(append.batch.payload);
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->stamped_at_append());
  EXPECT_EQ(c.response<ProduceRequest>(8).topics[0].partitions[0].log_append_time_ms, 99);
}

}  // namespace
}  // namespace godwit::protocol::kafka
