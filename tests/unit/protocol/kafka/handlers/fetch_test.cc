#include <limits>

#include <gtest/gtest.h>

#include "model/native_message.h"
#include "protocol/kafka/client.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/batches.h"
#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/names.h"

namespace godwit::protocol::kafka {
namespace {

struct FetchTest : testing::Test {
  FetchTest() { c.host.names.add_topic("t", 3); }

  FetchRequest fetch(std::vector<int32_t> partitions, int32_t wait_ms = 500, int32_t bytes_max = 1 << 20) {
    FetchRequest request;
    request.max_wait_ms = wait_ms;
    request.bytes_min = 1;
    request.bytes_max = bytes_max;
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.id = uuid_of(c.host.names.topic(topic_name("t"))->id);
    for (int32_t p : partitions) topic.partitions.push_back({.index = p, .offset = 10, .bytes_max = 1 << 20});
    return request;
  }
  static model::Fetched fetched(std::vector<model::Batch> batches, int64_t end = 12) {
    return {.batches = std::move(batches), .log_start = Offset(1), .end = Offset(end), .last_stable = Offset(end)};
  }
  static model::KafkaBatchHeader only_batch(const FetchResponse::Partition& partition) {
    EXPECT_EQ(partition.records.parts.size(), 1u);
    Result<model::KafkaBatchHeader> header = model::check_kafka_batch(partition.records.parts.at(0).rest);
    EXPECT_TRUE(header);
    return header.value_or(model::KafkaBatchHeader{});
  }
  Connection c;
};

TEST_F(FetchTest, ReturnsBatchesWithTheirOffsetsInEveryVersion) {
  for (int16_t version = 4; version <= 18; ++version) {
    c.ask(fetch({0}), version);
    model::Fetch command = c.answer<model::Fetch>(fetched({stored({"a", "b"}, 10)}));
    EXPECT_EQ(command.from, Offset(10));
    FetchResponse response = c.response<FetchRequest>(version);
    EXPECT_EQ(response.session_id, 0);
    const auto& partition = response.topics.at(0).partitions.at(0);
    EXPECT_EQ(partition.error, error::kNone);
    EXPECT_EQ(partition.high_watermark, 12);
    EXPECT_EQ(only_batch(partition).base_offset, 10);
  }
}

TEST_F(FetchTest, WaitsForTheFirstMessage) {
  c.ask(fetch({0, 1}), 11);
  c.answer<model::Fetch>(fetched({}, 10));
  c.answer<model::Fetch>(fetched({}, 10));
  EXPECT_TRUE(c.silent());
  auto first = c.host.take<model::AwaitData>();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->second.beyond, Offset(10));
  EXPECT_EQ(first->second.deadline_boot_ms, c.host.clock.boot_ms + 500);
  c.answer<model::AwaitData>({.end = Offset(11)});  // the other partition has news
  c.answer<model::Fetch>(fetched({}, 10));
  c.answer<model::Fetch>(fetched({stored({"x"}, 10)}, 11));
  FetchResponse response = c.response<FetchRequest>(11);
  EXPECT_TRUE(response.topics[0].partitions[0].records.parts.empty());
  EXPECT_EQ(only_batch(response.topics[0].partitions[1]).base_offset, 10);
  c.session->on_reply(first->first, broker::ReplyValue(model::DataAwaited{Offset(10)}));  // stale
  EXPECT_TRUE(c.silent());
}

TEST_F(FetchTest, AnswersEmptyAtTheDeadline) {
  c.ask(fetch({0}), 11);
  c.answer<model::Fetch>(fetched({}, 10));
  c.host.clock.boot_ms += 500;
  c.answer<model::AwaitData>({.end = Offset(10)});
  FetchResponse response = c.response<FetchRequest>(11);
  EXPECT_EQ(response.topics[0].partitions[0].high_watermark, 10);
  EXPECT_TRUE(c.host.submitted.empty());
}

TEST_F(FetchTest, DoesNotFightWithALaterFetchOverOnePartition) {
  c.ask(fetch({0}), 11);
  c.answer<model::Fetch>(fetched({}, 10));
  c.answer<model::AwaitData>({.end = Offset(10)});  // answered early: another wait took its place
  EXPECT_EQ(c.response<FetchRequest>(11).topics[0].partitions[0].error, error::kNone);
  EXPECT_TRUE(c.host.submitted.empty());
}

TEST_F(FetchTest, AWaitIsCapped) {
  c.ask(fetch({0}, std::numeric_limits<int32_t>::max()), 11);
  c.answer<model::Fetch>(fetched({}, 10));
  auto wait = c.host.take<model::AwaitData>();
  ASSERT_TRUE(wait);
  EXPECT_EQ(wait->second.deadline_boot_ms, c.host.clock.boot_ms + 300'000);
}

TEST_F(FetchTest, NeverWaitsWhenToldNotTo) {
  c.ask(fetch({0}, 0), 11);
  c.answer<model::Fetch>(fetched({}, 10));
  EXPECT_EQ(c.response<FetchRequest>(11).topics[0].partitions[0].error, error::kNone);
}

TEST_F(FetchTest, TheFirstBatchComesWhateverItsSizeAndLaterOnesMustFit) {
  c.ask(fetch({0, 1, 2}, 0, 50), 11);
  model::Fetch first = c.answer<model::Fetch>(fetched({stored({"larger than fifty bytes"}, 10)}));
  EXPECT_EQ(first.bytes_max, 50u);
  // The budget is used up: of the others, only where they end is asked.
  for (int64_t end : {30, 20}) {
    model::FindOffset asked = c.answer<model::FindOffset>({.offset = Offset(end)});
    EXPECT_EQ(asked.at, model::FindOffset::At::kEnd);
    EXPECT_EQ(asked.partition.index, end == 30 ? 2u : 1u);
  }
  FetchResponse response = c.response<FetchRequest>(11);
  EXPECT_EQ(only_batch(response.topics[0].partitions[0]).records, 1);
  EXPECT_TRUE(response.topics[0].partitions[1].records.parts.empty());
  EXPECT_EQ(response.topics[0].partitions[1].high_watermark, 20);
  EXPECT_EQ(response.topics[0].partitions[2].last_stable_offset, 30);
}

TEST_F(FetchTest, ErrorsAnswerAtOnce) {
  FetchRequest request = fetch({0, 7});
  c.ask(request, 11);
  c.refuse<model::Fetch>(ErrorCode::kOffsetOutOfRange);
  FetchResponse response = c.response<FetchRequest>(11);
  EXPECT_EQ(response.topics[0].partitions[0].error, error::kOffsetOutOfRange);
  EXPECT_EQ(response.topics[0].partitions[1].error, error::kUnknownTopicOrPartition);
  request = fetch({0});
  request.topics[0].id = uuid_of(TopicId(999));
  c.ask(request, 13);
  EXPECT_EQ(c.response<FetchRequest>(13).topics[0].partitions[0].error, error::kUnknownTopicId);
  request = fetch({0});
  request.session_id = 5;
  c.ask(request, 11);
  EXPECT_EQ(c.response<FetchRequest>(11).error, 70);
}

TEST_F(FetchTest, ReadCommittedStopsAtTheLastStableOffset) {
  FetchRequest request = fetch({0}, 0);
  request.isolation_level = 1;
  c.ask(request, 11);
  model::Fetched reply = fetched({stored({"a"}, 10), stored({"b"}, 11)});
  reply.last_stable = Offset(11);
  c.answer<model::Fetch>(std::move(reply));
  auto partition = c.response<FetchRequest>(11).topics[0].partitions[0];
  EXPECT_EQ(only_batch(partition).base_offset, 10);
  EXPECT_EQ(partition.last_stable_offset, 11);
}

TEST_F(FetchTest, AQueuesMessagesAreRecords) {
  model::NativeBatchBuilder builder;
  builder.add({.body = as_bytes("from a queue")});
  model::Batch batch = builder.seal(5);
  batch.header.base_offset = Offset(10);
  c.ask(fetch({0}), 12);
  c.answer<model::Fetch>(fetched({batch}));
  EXPECT_EQ(only_batch(c.response<FetchRequest>(12).topics[0].partitions[0]).base_offset, 10);
}

}  // namespace
}  // namespace godwit::protocol::kafka
