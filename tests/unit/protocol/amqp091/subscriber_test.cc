#include <fmt/format.h>

#include "model/amqp091_properties.h"
#include "protocol/amqp091/client.h"

namespace godwit::protocol::amqp091 {
namespace {

using model::Verb;

class Consuming : public AmqpTest {
 protected:
  void SetUp() override {
    handshake();
    open_channel();
    jobs_ = add_queue("jobs");
  }
  void qos(uint16_t count, bool global = false) {
    send(1, BasicQos{.prefetch_count = count, .global = global});
    EXPECT_EQ(sent(), (Lines{"1 basic.qos-ok"}));
  }

  LedgerId jobs_;
};

TEST_F(Consuming, DeliveriesCarryWhatWasPublished) {
  qos(10);
  send(1, BasicConsume{.queue = "jobs", .consumer_tag = "c"});
  auto attach = take<model::Attach>();
  EXPECT_EQ(attach.ledger, jobs_);
  EXPECT_EQ(attach.credit, 10u);
  EXPECT_FALSE(attach.settle_on_delivery || attach.shared_credit || attach.exclusive);
  reply(model::Attached{});
  EXPECT_EQ(sent(), (Lines{"1 basic.consume-ok consumer-tag=c"}));
  deliver(attach.tag, jobs_, batch({"a", "b", "c"}), {{.index = 0, .count = 2}});
  EXPECT_EQ(sent(), (Lines{"1 basic.deliver consumer-tag=c delivery-tag=1 redelivered=0 exchange= routing-key=jobs",
                           "1 header body-size=1 flags=0000", "1 body 1",
                           "1 basic.deliver consumer-tag=c delivery-tag=2 redelivered=0 exchange= routing-key=jobs",
                           "1 header body-size=1 flags=0000", "1 body 1"}));
  EXPECT_EQ(bodies_, (Lines{"a", "b"}));
}

TEST_F(Consuming, ADeliveryBeforeTheReplyOfAttachComesAfterConsumeOk) {
  send(1, BasicConsume{.queue = "jobs", .consumer_tag = "c", .no_ack = true});
  auto attach = take<model::Attach>();
  EXPECT_TRUE(attach.settle_on_delivery);
  deliver(attach.tag, jobs_, batch({"a"}), {{}});
  EXPECT_EQ(sent().front(), "1 basic.consume-ok consumer-tag=c");
  reply(model::Attached{});
  EXPECT_EQ(sent(), Lines{});
}

TEST_F(Consuming, ConsumersAreCountedAndLimited) {
  size_t before = connection_.held_bytes();
  for (size_t i = 0; i < kConsumersMax; ++i) {
    std::string tag = fmt::format("c{}", i);
    send(1, BasicConsume{.queue = "jobs", .consumer_tag = tag, .no_wait = true});
    take<model::Attach>();
    reply(model::Attached{});
  }
  EXPECT_GE(connection_.held_bytes(), before + kConsumersMax * kConsumerBytes);
  EXPECT_EQ(sent(), Lines{});
  send(1, BasicConsume{.queue = "jobs", .consumer_tag = "last"});
  EXPECT_TRUE(sent().back().starts_with("0 connection.close reply-code=530"));
  EXPECT_EQ(connection_.held_bytes(), before);
}

TEST_F(Consuming, AConnectionHasFewConsumersWhileMemoryIsShort) {
  host_.memory_left = 0;
  for (size_t i = 0; connection_.held_bytes() + kConsumerBytes + kAttachmentBytes <= kHeldBytesWhenShort; ++i)
    consume("jobs", fmt::format("c{}", i));
  send(1, BasicConsume{.queue = "jobs", .consumer_tag = "last"});
  EXPECT_TRUE(sent().back().starts_with("1 channel.close reply-code=506"));
}

TEST_F(Consuming, AnAckSettlesAndGivesCreditBack) {
  qos(3);
  auto attach = consume("jobs", "c");
  deliver(attach.tag, jobs_, batch({"a", "b", "c"}, 40), {{.index = 0, .count = 3}});
  EXPECT_TRUE(host_.submitted.empty());
  ByteVec acks = frame(1, BasicAck{.delivery_tag = 2, .multiple = true});
  ByteVec last = frame(1, BasicAck{.delivery_tag = 3});
  acks.insert(acks.end(), last.begin(), last.end());
  receive(acks);
  auto settle = take<model::Settle>();
  EXPECT_EQ(settle.ledger, jobs_);
  EXPECT_EQ(settle.consumer, attach.tag);
  EXPECT_EQ(settle.verb, Verb::kAccept);
  EXPECT_EQ(settle.runs, (std::vector<model::OffsetRun>{{Offset(40), 3}}));
  EXPECT_EQ(settle.credit, 3u);
  EXPECT_TRUE(host_.submitted.empty());
}

TEST_F(Consuming, NackAndRejectSayWhatHappens) {
  qos(10);
  auto attach = consume("jobs", "c");
  deliver(attach.tag, jobs_, batch({"a", "b", "c", "d"}), {{.index = 0, .count = 4}});
  send(1, BasicNack{.delivery_tag = 2, .multiple = true, .requeue = true});
  auto settle = take<model::Settle>();
  EXPECT_EQ(settle.verb, Verb::kRelease);
  EXPECT_EQ(settle.runs, (std::vector<model::OffsetRun>{{Offset(0), 2}}));
  send(1, BasicReject{.delivery_tag = 4, .requeue = false});
  settle = take<model::Settle>();
  EXPECT_EQ(settle.verb, Verb::kReject);
  EXPECT_EQ(settle.runs, (std::vector<model::OffsetRun>{{Offset(3), 1}}));
  send(1, BasicAck{.delivery_tag = 4});
  EXPECT_TRUE(sent().back().starts_with("1 channel.close reply-code=406 reply-text=PRECONDITION_FAILED - unknown"));
}

TEST_F(Consuming, ClosingTheChannelReleases) {
  qos(10);
  auto attach = consume("jobs", "c");
  deliver(attach.tag, jobs_, batch({"a"}), {{}});
  send(1, ChannelClose{});
  auto detach = take<model::Detach>();
  EXPECT_EQ(detach.tag, attach.tag);
  EXPECT_TRUE(detach.release);
  EXPECT_TRUE(host_.submitted.empty());
  host_.sent();
  deliver(attach.tag, jobs_, batch({"b"}, 1), {{}});
  EXPECT_EQ(sent(), Lines{});
}

TEST_F(Consuming, CancelKeepsWhatIsUnacknowledged) {
  qos(10);
  auto attach = consume("jobs", "c");
  deliver(attach.tag, jobs_, batch({"a"}), {{}});
  host_.sent();
  send(1, BasicCancel{.consumer_tag = "c"});
  auto detach = take<model::Detach>();
  EXPECT_FALSE(detach.release);
  deliver(attach.tag, jobs_, batch({"b"}, 1), {{}});
  EXPECT_EQ(sent().size(), 3u);
  reply(model::Detached{});
  EXPECT_EQ(sent(), (Lines{"1 basic.cancel-ok consumer-tag=c"}));
  send(1, BasicAck{.delivery_tag = 2, .multiple = true});
  auto settle = take<model::Settle>();
  EXPECT_EQ(settle.consumer, attach.tag);
  EXPECT_EQ(settle.runs, (std::vector<model::OffsetRun>{{Offset(0), 2}}));
  EXPECT_EQ(settle.credit, 0u);
}

TEST_F(Consuming, TheBrokersCancelIsTold) {
  auto attach = consume("jobs", "c");
  connection_.on_notice(broker::ConsumerCancelled{jobs_, attach.tag});
  EXPECT_EQ(sent(), (Lines{"1 basic.cancel consumer-tag=c no-wait=1"}));
}

TEST_F(Consuming, WithoutAPrefetchLimitCreditFollowsTheSocket) {
  auto attach = consume("jobs", "c", true);
  EXPECT_EQ(attach.credit, 64u);
  std::vector<std::string> bodies(64, "x");
  host_.unsent = kSessionOutputBytesMax;
  deliver(attach.tag, jobs_, batch(bodies), {{.index = 0, .count = 64}});
  EXPECT_TRUE(host_.submitted.empty());
  host_.sent();
  host_.unsent = 0;
  connection_.on_writable();
  EXPECT_EQ(take<model::Grant>().credit, 2000u);
}

TEST_F(Consuming, CreditOfSeveralPartitionsMovesToWhereMessagesAre) {
  add_queue("wide", 2);
  qos(4);
  send(1, BasicConsume{.queue = "wide", .consumer_tag = "c"});
  auto first = take<model::Attach>();
  reply(model::Attached{});
  EXPECT_EQ(sent(), Lines{});
  auto second = take<model::Attach>();
  reply(model::Attached{});
  EXPECT_EQ(sent(), (Lines{"1 basic.consume-ok consumer-tag=c"}));
  EXPECT_TRUE(first.shared_credit && second.shared_credit);
  EXPECT_EQ(first.credit, 2u);
  EXPECT_EQ(second.credit, 2u);
  connection_.on_notice(broker::CreditReturned{first.ledger, first.tag, 2});
  auto grant = take<model::Grant>();
  EXPECT_EQ(grant.ledger, second.ledger);
  EXPECT_EQ(grant.credit, 2u);
  deliver(second.tag, second.ledger, batch({"a", "b", "c", "d"}), {{.index = 0, .count = 4}});
  connection_.on_notice(broker::ReadyNotice{first.ledger, first.tag});
  EXPECT_TRUE(host_.submitted.empty());  // the limit is reached
  send(1, BasicAck{.delivery_tag = 1});
  EXPECT_EQ(take<model::Grant>().credit, 1u);
  EXPECT_EQ(take<model::Settle>().credit, 0u);
}

TEST_F(Consuming, AChannelsLimitIsSharedByItsConsumers) {
  LedgerId more = add_queue("more");
  qos(3, true);
  auto first = consume("jobs", "a");
  EXPECT_TRUE(first.shared_credit);
  EXPECT_EQ(first.credit, 3u);
  auto second = consume("more", "b");
  EXPECT_EQ(second.credit, 0u);
  connection_.on_notice(broker::CreditReturned{jobs_, first.tag, 3});
  auto grant = take<model::Grant>();
  EXPECT_EQ(grant.ledger, more);
  EXPECT_EQ(grant.credit, 3u);
}

TEST_F(Consuming, GetTakesOneMessage) {
  send(1, BasicGet{.queue = "jobs"});
  auto receive_one = take<model::Receive>();
  EXPECT_EQ(receive_one.messages_max, 1u);
  ASSERT_TRUE(receive_one.consumer);
  model::Received received;
  received.batches.push_back({jobs_, batch({"a", "b"}, 7), {{.index = 1, .count = 1, .redelivered = true}}});
  received.remaining = 5;
  reply(std::move(received));
  EXPECT_EQ(sent(), (Lines{"1 basic.get-ok delivery-tag=1 redelivered=1 exchange= routing-key=jobs message-count=5",
                           "1 header body-size=1 flags=0000", "1 body 1"}));
  EXPECT_EQ(bodies_, (Lines{"b"}));
  send(1, BasicAck{.delivery_tag = 1});
  auto settle = take<model::Settle>();
  EXPECT_EQ(settle.consumer, receive_one.consumer);
  EXPECT_EQ(settle.runs, (std::vector<model::OffsetRun>{{Offset(8), 1}}));
  send(1, BasicGet{.queue = "jobs"});
  take<model::Receive>();
  reply(model::Received{});
  EXPECT_EQ(sent(), (Lines{"1 basic.get-empty"}));
}

TEST_F(Consuming, GetPassesOverADamagedMessage) {
  send(1, BasicGet{.queue = "jobs"});
  take<model::Receive>();
  model::NativeBatchBuilder builder;
  builder.add({.origin = model::Origin::kAmqp091, .properties = as_bytes("\xff"), .body = as_bytes("damaged")});
  model::Received received;
  received.batches.push_back({jobs_, builder.seal(0), {{}}});
  reply(std::move(received));
  auto settle = take<model::Settle>();
  EXPECT_EQ(settle.verb, Verb::kReject);
  EXPECT_EQ(settle.runs, (std::vector<model::OffsetRun>{{Offset(0), 1}}));
  take<model::Receive>();
  received = {};
  received.batches.push_back({jobs_, batch({"a"}, 1), {{}}});
  reply(std::move(received));
  EXPECT_TRUE(sent().front().starts_with("1 basic.get-ok delivery-tag=1 "));
  EXPECT_EQ(bodies_, (Lines{"a"}));
}

TEST_F(Consuming, GetWaitsForWhatTheChannelPublishedBefore) {
  ByteVec bytes = publish({.routing_key = "jobs"}, "x");
  ByteVec get = frame(1, BasicGet{.queue = "jobs"});
  bytes.insert(bytes.end(), get.begin(), get.end());
  receive(bytes);
  take<model::Append>();
  EXPECT_TRUE(connection_.paused());
  reply(model::Appended{});
  take<model::Receive>();
}

TEST_F(Consuming, LargeBodiesAreSplitByFrameMax) {
  auto attach = consume("jobs", "c", true);
  std::string body(300'000, 'q');
  deliver(attach.tag, jobs_, batch({body}), {{}});
  Lines lines = sent();
  EXPECT_EQ(lines.size(), 5u);
  std::string joined;
  for (const std::string& piece : bodies_) joined += piece;
  EXPECT_EQ(joined, body);
}

TEST_F(Consuming, AFailedDeliveryShowsItsCount) {
  qos(1);
  auto attach = consume("jobs", "c");
  deliver(attach.tag, jobs_, batch({"a"}), {{.index = 0, .count = 1, .failed = 2, .redelivered = true}});
  EXPECT_EQ(sent().at(1), "1 header body-size=1 flags=2000");
}

TEST_F(Consuming, AnExclusiveConsumerIsRefusedWith403) {
  send(1, BasicConsume{.queue = "jobs", .consumer_tag = "c", .exclusive = true});
  EXPECT_TRUE(take<model::Attach>().exclusive);
  reply(fail(ErrorCode::kExclusive, "another consumer is exclusive"));
  EXPECT_TRUE(sent().at(0).starts_with("1 channel.close reply-code=403"));
}

TEST_F(Consuming, RecoverReleasesEverything) {
  qos(10);
  auto attach = consume("jobs", "c");
  deliver(attach.tag, jobs_, batch({"a", "b"}), {{.index = 0, .count = 2}});
  host_.sent();
  send(1, BasicRecover{.requeue = true});
  EXPECT_EQ(take<model::Settle>().verb, Verb::kRelease);
  EXPECT_EQ(sent(), (Lines{"1 basic.recover-ok"}));
}

TEST_F(Consuming, DirectReplyToMayBeConsumedAgainAfterItsCancel) {
  BasicConsume consume{.queue = "amq.rabbitmq.reply-to", .consumer_tag = "r", .no_ack = true};
  auto established = [&] {
    send(1, consume);
    auto declare = take<model::DeclareQueue>();
    LedgerId ledger = add_queue(declare.name.text);
    reply(model::QueueDeclared{.queue = *host_.names.queue(ledger.queue)});
    take<model::Attach>();
    reply(model::Attached{});
    return declare.name.text;
  };
  std::string first = established();
  send(1, BasicCancel{.consumer_tag = "r"});
  take<model::Detach>();
  reply(model::Detached{});
  EXPECT_EQ(sent().back(), "1 basic.cancel-ok consumer-tag=r");
  EXPECT_NE(established(), first);
  EXPECT_EQ(sent().back(), "1 basic.consume-ok consumer-tag=r");
}

TEST_F(Consuming, DirectReplyToNeedsAConsumer) {
  model::Message m;
  m.reply_to = "amq.rabbitmq.reply-to";
  ByteVec stored;
  model::encode_amqp091_properties(m, 0, stored);
  receive(publish({.routing_key = "jobs"}, "ask", ByteView(stored).subspan(2)));
  EXPECT_TRUE(sent().back().starts_with("1 channel.close reply-code=406"));
}

TEST_F(Consuming, DirectReplyToIsAQueueOfTheConnection) {
  send(1, BasicConsume{.queue = "amq.rabbitmq.reply-to", .consumer_tag = "r", .no_ack = true});
  auto declare = take<model::DeclareQueue>();
  EXPECT_TRUE(declare.settings.exclusive && declare.topic_settings.is_volatile);
  EXPECT_TRUE(declare.name.text.starts_with("amq.rabbitmq.reply-to."));
  LedgerId ledger = add_queue(declare.name.text);
  model::QueueDeclared declared;
  declared.queue = *host_.names.queue(ledger.queue);
  reply(std::move(declared));
  take<model::Attach>();
  reply(model::Attached{});
  EXPECT_EQ(sent(), (Lines{"1 basic.consume-ok consumer-tag=r"}));
  model::Message m;
  m.reply_to = "amq.rabbitmq.reply-to";
  ByteVec stored;
  model::encode_amqp091_properties(m, 0, stored);
  receive(publish({.routing_key = "jobs"}, "ask", ByteView(stored).subspan(2)));
  auto append = take<model::Append>();
  model::NativeBatchReader in(append.batch.payload);
  model::NativeMessage n;
  model::Message seen;
  ASSERT_TRUE(in.next(n) && model::decode_amqp091_properties(n.properties, seen));
  EXPECT_EQ(seen.reply_to, declare.name.text);
}

}  // namespace
}  // namespace godwit::protocol::amqp091
