#include "protocol/amqp091/stream_consumer.h"

#include "protocol/amqp091/client.h"

namespace godwit::protocol::amqp091 {
namespace {

class Streaming : public AmqpTest {
 protected:
  void SetUp() override {
    handshake();
    open_channel();
    topic_ = host_.names.add_topic("events").id;
  }
  void consume_from(model::Value from, uint16_t prefetch = 2) {
    send(1, BasicQos{.prefetch_count = prefetch});
    BasicConsume method{.queue = "events", .consumer_tag = "s"};
    method.arguments.emplace_back("x-stream-offset", std::move(from));
    send(1, method);
  }
  /// A consumer from the next message on, behind offset 2, that has seen that there is none yet.
  void wait_for_the_next() {
    consume_from(text("next"));
    take<model::FindOffset>();
    reply(model::OffsetFound{Offset(3)});
    take<model::Fetch>();
    reply(model::Fetched{});
    take<model::AwaitData>();
  }
  static model::Value text(const char* s) { return model::Value(std::string(s)); }

  TopicId topic_;
};

TEST_F(Streaming, ReadsFromTheFirstAndWaitsForCredit) {
  consume_from(text("first"));
  EXPECT_EQ(sent().back(), "1 basic.consume-ok consumer-tag=s");
  auto find = take<model::FindOffset>();
  EXPECT_EQ(find.at, model::FindOffset::At::kStart);
  reply(model::OffsetFound{Offset(5)});
  auto fetch = take<model::Fetch>();
  EXPECT_EQ(fetch.from, Offset(5));
  reply(model::Fetched{.batches = {batch({"d", "e", "f", "g"}, 4)}, .end = Offset(8)});
  Lines lines = sent();
  EXPECT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines.at(1), "1 header body-size=1 flags=2000");  // x-stream-offset
  EXPECT_EQ(bodies_, (Lines{"e", "f"}));
  EXPECT_TRUE(host_.submitted.empty());
  send(1, BasicAck{.delivery_tag = 2, .multiple = true});
  EXPECT_EQ(sent().size(), 3u);
  EXPECT_EQ(bodies_, (Lines{"g"}));
  fetch = take<model::Fetch>();  // and nothing is settled
  EXPECT_EQ(fetch.from, Offset(8));
  reply(model::Fetched{.end = Offset(8)});
  EXPECT_EQ(take<model::AwaitData>().beyond, Offset(8));
  reply(model::DataAwaited{Offset(9)});
  EXPECT_EQ(take<model::Fetch>().from, Offset(8));
}

TEST_F(Streaming, APrefetchLimitIsAskedFor) {
  consume_from(text("first"), 0);
  EXPECT_TRUE(sent().back().starts_with("1 channel.close reply-code=406"));
}

TEST_F(Streaming, BelowTheStartMeansTheFirstThatIsLeft) {
  consume_from(text("next"));
  take<model::FindOffset>();
  reply(model::OffsetFound{Offset(3)});
  take<model::Fetch>();
  reply(fail(ErrorCode::kOffsetOutOfRange, ""));
  EXPECT_EQ(take<model::FindOffset>().at, model::FindOffset::At::kEnd);
  reply(model::OffsetFound{Offset(20)});
  EXPECT_EQ(take<model::FindOffset>().at, model::FindOffset::At::kStart);
  reply(model::OffsetFound{Offset(10)});
  EXPECT_EQ(take<model::Fetch>().from, Offset(10));
}

/// Whatever its head counts: going through it one by one would be to try as often.
TEST_F(Streaming, ABatchThatCannotBeReadIsPassedOverAtOnce) {
  consume_from(text("first"));
  take<model::FindOffset>();
  reply(model::OffsetFound{Offset(0)});
  take<model::Fetch>();
  constexpr uint32_t kClaimed = 0x7fff'ffff;
  model::Batch broken = model::seal_batch(model::Encoding::kKafka, 0, kClaimed, 0, Slice::copy(as_bytes("garbage")));
  reply(model::Fetched{.batches = {broken, batch({"a"}, kClaimed)}, .end = Offset(int64_t{kClaimed} + 1)});
  sent();
  EXPECT_EQ(bodies_, (Lines{"a"}));
}

TEST_F(Streaming, TwoReadersShareOneWait) {
  wait_for_the_next();
  broker::RequestId wait = last_;
  BasicConsume second{.queue = "events", .consumer_tag = "t"};
  send(1, second);
  take<model::FindOffset>();
  reply(model::OffsetFound{Offset(3)});
  take<model::Fetch>();
  reply(model::Fetched{});
  EXPECT_TRUE(host_.submitted.empty());
  connection_.on_reply(wait, model::DataAwaited{Offset(4)});
  take<model::Fetch>();
  take<model::Fetch>();
}

TEST_F(Streaming, OnlyAsManyPartsAreFetchedForAsThePrefetchNeeds) {
  host_.names.add_topic("events", 3);
  consume_from(text("first"), 1);
  std::vector<broker::RequestId> finds;
  for (int i = 0; i < 3; ++i) take<model::FindOffset>(), finds.push_back(last_);
  for (broker::RequestId id : finds) connection_.on_reply(id, model::OffsetFound{Offset(0)});
  EXPECT_EQ(take<model::Fetch>().partition.index, 0u);
  EXPECT_TRUE(host_.submitted.empty());
  reply(model::Fetched{.batches = {batch({"a", "b"})}, .end = Offset(2)});
  EXPECT_TRUE(host_.submitted.empty());
  send(1, BasicAck{.delivery_tag = 1});
  EXPECT_TRUE(host_.submitted.empty());
  send(1, BasicAck{.delivery_tag = 2});
  EXPECT_EQ(take<model::Fetch>().partition.index, 1u);  // the first part has had its turn
  reply(model::Fetched{});
  take<model::AwaitData>();
  EXPECT_EQ(take<model::Fetch>().partition.index, 2u);
  sent();
  EXPECT_EQ(bodies_, (Lines{"a", "b"}));
}

TEST_F(Streaming, WhatIsKeptCountsAndIsFetchedAgainWhenMemoryIsShort) {
  size_t before = connection_.held_bytes();
  consume_from(text("first"), 1);
  take<model::FindOffset>();
  reply(model::OffsetFound{Offset(0)});
  size_t idle = connection_.held_bytes();
  host_.memory_left = 1'000'000;
  take<model::Fetch>();
  std::string large(200'000, 'x');
  reply(model::Fetched{.batches = {batch({large, "b"}), batch({"c"}, 2)}, .end = Offset(3)});
  EXPECT_GT(connection_.held_bytes(), before + 200'000);
  host_.memory_left = 0;
  connection_.on_writable();
  EXPECT_LT(connection_.held_bytes(), before + 2'000);
  sent();
  send(1, BasicAck{.delivery_tag = 1});
  auto fetch = take<model::Fetch>();
  EXPECT_EQ(fetch.from, Offset(1));
  EXPECT_EQ(fetch.bytes_max, 16'384u);
  reply(model::Fetched{.batches = {batch({large, "b"})}, .end = Offset(3)});
  sent();
  EXPECT_EQ(bodies_, (Lines{"b"}));
  send(1, BasicCancel{.consumer_tag = "s"});
  EXPECT_EQ(connection_.held_bytes(), before);
  EXPECT_GE(idle, before);
}

TEST_F(Streaming, ANewPartitionIsReadFromItsStart) {
  wait_for_the_next();
  TopicId other = host_.names.add_topic("other").id;
  connection_.on_notice(broker::TopicGrown{other});
  EXPECT_TRUE(host_.submitted.empty());
  connection_.on_notice(broker::TopicGrown{host_.names.grow("events", 2).id});
  auto find = take<model::FindOffset>();
  EXPECT_EQ(find.partition, (PartitionId{topic_, 1}));
  EXPECT_EQ(find.at, model::FindOffset::At::kStart);
  reply(model::OffsetFound{Offset(0)});
  auto fetch = take<model::Fetch>();
  EXPECT_EQ(fetch.partition, (PartitionId{topic_, 1}));
  EXPECT_EQ(fetch.from, Offset(0));
}

TEST_F(Streaming, ADeletedTopicCancelsTheConsumer) {
  consume_from(text("first"));
  take<model::FindOffset>();
  reply(model::OffsetFound{Offset(0)});
  take<model::Fetch>();
  host_.sent();
  reply(fail(ErrorCode::kNotFound, ""));
  EXPECT_EQ(sent(), (Lines{"1 basic.cancel consumer-tag=s no-wait=1"}));
}

}  // namespace
}  // namespace godwit::protocol::amqp091
