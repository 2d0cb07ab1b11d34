#include "protocol/amqp091/channel.h"

#include "protocol/amqp091/client.h"

namespace godwit::protocol::amqp091 {
namespace {

class ChannelTest : public AmqpTest {
 protected:
  void SetUp() override {
    handshake();
    open_channel();
    jobs_ = add_queue("jobs");
  }

  LedgerId jobs_;
};

TEST_F(ChannelTest, AQueueMethodWaitsForWhatWasPublishedBefore) {
  receive(publish({.routing_key = "jobs"}, "a"));
  take<model::Append>();
  send(1, QueuePurge{.queue = "jobs"});
  EXPECT_TRUE(connection_.paused());
  EXPECT_TRUE(host_.submitted.empty());
  reply(model::Appended{});
  EXPECT_FALSE(connection_.paused());
  take<model::Purge>();
}

TEST_F(ChannelTest, AnotherChannelsFramesStayBehindTheOneThatWaits) {
  open_channel(2);
  send(1, QueueDeclare{.queue = "q"});
  take<model::DeclareQueue>();
  ByteVec bytes = frame(1, QueueDeclare{.queue = "r"}), other = frame(2, BasicQos{});
  bytes.insert(bytes.end(), other.begin(), other.end());
  receive(bytes);
  EXPECT_EQ(sent(), Lines{});
  reply(model::QueueDeclared{});
  EXPECT_EQ(sent(), (Lines{"1 queue.declare-ok queue=q message-count=0 consumer-count=0", "2 basic.qos-ok"}));
}

TEST_F(ChannelTest, PublishesWaitWhileTooMuchIsUnderWay) {
  options_.message_bytes_max = kPublishBytesInFlightMax;
  std::string half(kPublishBytesInFlightMax / 2, 'x');
  receive(frame(1, BasicPublish{.routing_key = "jobs"}));
  receive(content(1, half));
  receive(frame(1, BasicPublish{.routing_key = "jobs"}));
  receive(content(1, half));
  broker::RequestId first = host_.submitted.front().first;
  EXPECT_FALSE(connection_.paused());
  receive(publish({.routing_key = "jobs"}, "waits"));
  EXPECT_TRUE(connection_.paused());
  EXPECT_EQ(host_.submitted.size(), 2u);
  connection_.on_reply(first, model::Appended{});
  pump();
  EXPECT_EQ(host_.submitted.size(), 3u);
}

TEST_F(ChannelTest, AnAckIsNeverHeldUpByBlockedPublishers) {
  send(1, BasicQos{.prefetch_count = 10});
  auto attach = consume("jobs", "c");
  deliver(attach.tag, jobs_, batch({"a"}), {{}});
  connection_.on_notice(broker::PublishersBlocked{true, "memory"});
  send(1, BasicAck{.delivery_tag = 1});
  take<model::Settle>();
}

TEST_F(ChannelTest, SettlesTakeEffectBeforeAQueueMethod) {
  send(1, BasicQos{.prefetch_count = 10});
  auto attach = consume("jobs", "c");
  deliver(attach.tag, jobs_, batch({"a"}), {{}});
  ByteVec bytes = frame(1, BasicAck{.delivery_tag = 1}), purge = frame(1, QueuePurge{.queue = "jobs"});
  bytes.insert(bytes.end(), purge.begin(), purge.end());
  receive(bytes);
  take<model::Settle>();
  take<model::Purge>();
}

TEST_F(ChannelTest, PublishesBeforeConfirmSelectAreNotNumbered) {
  ByteVec bytes = publish({.routing_key = "jobs"}, "before");
  for (const ByteVec& part : {frame(1, ConfirmSelect{}), publish({.routing_key = "jobs"}, "first")})
    bytes.insert(bytes.end(), part.begin(), part.end());
  receive(bytes);
  EXPECT_EQ(sent(), (Lines{"1 confirm.select-ok"}));
  take<model::Append>();
  reply(model::Appended{});
  EXPECT_EQ(sent(), Lines{});
  take<model::Append>();
  reply(model::Appended{});
  EXPECT_EQ(sent(), (Lines{"1 basic.ack delivery-tag=1 multiple=0"}));
}

TEST_F(ChannelTest, ConfirmSelectTwiceKeepsTheNumbers) {
  send(1, ConfirmSelect{});
  receive(publish({.routing_key = "nowhere"}, "1"));
  send(1, ConfirmSelect{.no_wait = true});
  receive(publish({.routing_key = "nowhere"}, "2"));
  EXPECT_EQ(sent().back(), "1 basic.ack delivery-tag=2 multiple=0");
}

TEST_F(ChannelTest, AMethodTooShortForItsIdsIsAFrameError) {
  receive(ByteVec{1, 0, 1, 0, 0, 0, 2, 0, 60, kFrameEnd});
  EXPECT_TRUE(sent().back().starts_with("0 connection.close reply-code=501"));
}

TEST_F(ChannelTest, AHeartbeatOnAChannelIsRefused) {
  receive(ByteVec{8, 0, 1, 0, 0, 0, 0, kFrameEnd});
  EXPECT_TRUE(sent().back().starts_with("0 connection.close reply-code=503"));
}

TEST_F(ChannelTest, AChannelThatClosesSubmitsWhatWasWhole) {
  ByteVec bytes = publish({.routing_key = "jobs"}, "whole"), close = frame(1, BasicAck{.delivery_tag = 77});
  bytes.insert(bytes.end(), close.begin(), close.end());
  receive(bytes);
  take<model::Append>();
  EXPECT_TRUE(host_.submitted.empty());
  EXPECT_TRUE(sent().back().starts_with("1 channel.close reply-code=406"));
}

}  // namespace
}  // namespace godwit::protocol::amqp091
