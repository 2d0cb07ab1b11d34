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
  consume_from(text("next"));
  take<model::FindOffset>();
  reply(model::OffsetFound{Offset(3)});
  take<model::Fetch>();
  reply(model::Fetched{});
  take<model::AwaitData>();
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
