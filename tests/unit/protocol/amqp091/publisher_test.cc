#include "model/amqp091_properties.h"
#include "protocol/amqp091/client.h"

namespace godwit::protocol::amqp091 {
namespace {

class Publishing : public AmqpTest {
 protected:
  void SetUp() override {
    handshake();
    open_channel();
    jobs_ = add_queue("jobs");
  }
  void confirm_select() {
    send(1, ConfirmSelect{});
    EXPECT_EQ(sent(), (Lines{"1 confirm.select-ok"}));
  }
  static std::vector<std::string> bodies_of(const model::Batch& batch) {
    std::vector<std::string> bodies;
    model::NativeBatchReader in(batch.payload);
    model::NativeMessage m;
    while (in.next(m)) bodies.emplace_back(as_string(m.body));
    return bodies;
  }
  static ByteVec joined(std::initializer_list<ByteVec> parts) {
    ByteVec all;
    for (const ByteVec& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
  }

  LedgerId jobs_;
};

TEST_F(Publishing, MessagesReadTogetherShareABatchAndAConfirm) {
  confirm_select();
  BasicPublish to_jobs{.routing_key = "jobs"};
  receive(joined({publish(to_jobs, "a"), publish(to_jobs, ""), publish(to_jobs, "c")}));
  auto append = take<model::Append>();
  EXPECT_EQ(append.partition, jobs_.partition);
  EXPECT_EQ(append.batch.header.count, 3u);
  EXPECT_EQ(bodies_of(append.batch), (Lines{"a", "", "c"}));
  EXPECT_EQ(sent(), Lines{});
  reply(model::Appended{});
  EXPECT_EQ(sent(), (Lines{"1 basic.ack delivery-tag=3 multiple=1"}));
}

TEST_F(Publishing, StoredPropertiesAreExchangeKeyAndContentVerbatim) {
  ByteVec properties{0x80, 0, 3, 'a', '/', 'b'};
  receive(publish({.routing_key = "jobs"}, "x", properties));
  auto append = take<model::Append>();
  model::NativeBatchReader in(append.batch.payload);
  model::NativeMessage m;
  ASSERT_TRUE(in.next(m));
  EXPECT_EQ(m.origin, model::Origin::kAmqp091);
  EXPECT_EQ(as_string(m.properties), std::string_view("\0\4jobs\x80\0\3a/b", 12));
  EXPECT_FALSE(m.durable);
}

TEST_F(Publishing, BytesOneByOneAreTheSame) {
  confirm_select();
  ByteVec all =
      joined({publish({.routing_key = "jobs"}, std::string(300, 'x')), publish({.routing_key = "jobs"}, "b")});
  for (uint8_t byte : all) receive(ByteView(&byte, 1));
  EXPECT_EQ(bodies_of(take<model::Append>().batch), (Lines{std::string(300, 'x')}));
  broker::RequestId first = last_;
  EXPECT_EQ(bodies_of(take<model::Append>().batch), (Lines{"b"}));
  reply(model::Appended{});
  EXPECT_EQ(sent(), Lines{});  // the first one is still under way
  connection_.on_reply(first, model::Appended{});
  EXPECT_EQ(sent(), (Lines{"1 basic.ack delivery-tag=2 multiple=1"}));
}

TEST_F(Publishing, ABodyMayComeInManyFrames) {
  std::string body(300'000, 'z');
  receive(joined({frame(1, BasicPublish{.routing_key = "jobs"}), content(1, body, kNoProperties, 4'096)}));
  EXPECT_EQ(bodies_of(take<model::Append>().batch), (Lines{body}));
}

TEST_F(Publishing, ARefusedAppendIsANack) {
  confirm_select();
  receive(publish({.routing_key = "jobs"}, "a"));
  take<model::Append>();
  reply(fail(ErrorCode::kOverLimit, "full"));
  EXPECT_EQ(sent(), (Lines{"1 basic.nack delivery-tag=1 multiple=0 requeue=0"}));
}

TEST_F(Publishing, WhatAFullQueueDidNotTakeOfABatchIsANack) {
  confirm_select();
  receive(joined({publish({.routing_key = "jobs"}, "a"), publish({.routing_key = "nowhere"}, "lost"),
                  publish({.routing_key = "jobs"}, "b"), publish({.routing_key = "jobs"}, "c")}));
  EXPECT_EQ(take<model::Append>().batch.header.count, 3u);
  reply(model::Appended{.refused = 2});
  EXPECT_EQ(sent(),
            (Lines{"1 basic.ack delivery-tag=2 multiple=1", "1 basic.nack delivery-tag=4 multiple=1 requeue=0"}));
}

TEST_F(Publishing, APartitionItsOwnerDoesNotKnowYetIsANack) {
  confirm_select();
  receive(publish({.routing_key = "jobs"}, "a"));
  take<model::Append>();
  reply(fail(ErrorCode::kNotFound, "no partition"));
  EXPECT_EQ(sent(), (Lines{"1 basic.nack delivery-tag=1 multiple=0 requeue=0"}));
}

TEST_F(Publishing, AQueueThatIsDeletedMeanwhileIsLikeNoQueue) {
  confirm_select();
  receive(publish({.routing_key = "jobs"}, "a"));
  take<model::Append>();
  host_.names.clear();
  reply(fail(ErrorCode::kNotFound, "no partition"));
  EXPECT_EQ(sent(), (Lines{"1 basic.ack delivery-tag=1 multiple=0"}));
}

TEST_F(Publishing, AnUnroutableMandatoryMessageReturnsBeforeItsAck) {
  confirm_select();
  receive(publish({.routing_key = "nowhere", .mandatory = true}, "lost"));
  EXPECT_EQ(sent(), (Lines{"1 basic.return reply-code=312 reply-text=NO_ROUTE exchange= routing-key=nowhere",
                           "1 header body-size=4 flags=0000", "1 body 4", "1 basic.ack delivery-tag=1 multiple=0"}));
  EXPECT_EQ(bodies_, (Lines{"lost"}));
  EXPECT_TRUE(host_.submitted.empty());
}

TEST_F(Publishing, AnUnroutableMessageIsAcknowledgedAtOnce) {
  confirm_select();
  receive(publish({.routing_key = "nowhere"}, "lost"));
  EXPECT_EQ(sent(), (Lines{"1 basic.ack delivery-tag=1 multiple=0"}));
}

TEST_F(Publishing, AFanOutIsConfirmedWhenAllHaveIt) {
  LedgerId audit = add_queue("audit");
  host_.names.add_exchange({.name = {.text = "ex"}, .type = "fanout"});
  for (const char* queue : {"jobs", "audit"})
    host_.names.add_binding({.source = {.text = "ex"}, .target = queue, .routing_key = "k"});
  confirm_select();
  receive(publish({.exchange = "ex", .routing_key = "k"}, "a"));
  EXPECT_EQ(take<model::Append>().partition, jobs_.partition);
  reply(model::Appended{});
  EXPECT_EQ(sent(), Lines{});
  EXPECT_EQ(take<model::Append>().partition, audit.partition);
  reply(model::Appended{});
  EXPECT_EQ(sent(), (Lines{"1 basic.ack delivery-tag=1 multiple=0"}));
}

TEST_F(Publishing, FacetsComeFromPropertiesAndHeaders) {
  model::Message m;
  m.priority = 4;
  m.expires_at_ms = 250;
  m.key = as_bytes("k1");
  m.group = "g1";
  m.dedup_id = "d1";
  ByteVec stored;
  model::encode_amqp091_properties(m, 0, stored);
  receive(publish({.routing_key = "jobs"}, "x", ByteView(stored).subspan(2)));
  auto append = take<model::Append>();
  model::NativeBatchReader in(append.batch.payload);
  model::NativeMessage n;
  ASSERT_TRUE(in.next(n));
  EXPECT_TRUE(n.durable);
  EXPECT_EQ(n.priority, 4);
  EXPECT_EQ(n.expires_at_ms, host_.clock.wall_ms + 250);
  EXPECT_EQ(as_string(*n.key), "k1");
  EXPECT_EQ(as_string(*n.group), "g1");
  EXPECT_EQ(as_string(*n.dedup_id), "d1");
}

TEST_F(Publishing, KeysChooseThePartition) {
  add_queue("wide", 8);
  ByteVec stored[2];
  model::Message m;
  m.key = as_bytes("carrier-AA");
  for (ByteVec& bytes : stored) model::encode_amqp091_properties(m, 0, bytes);
  receive(joined({publish({.routing_key = "wide"}, "1", ByteView(stored[0]).subspan(2)),
                  publish({.routing_key = "wide"}, "2", ByteView(stored[1]).subspan(2))}));
  EXPECT_EQ(take<model::Append>().batch.header.count, 2u);
  uint32_t first = 0;
  receive(publish({.routing_key = "wide"}, "3"));
  first = take<model::Append>().partition.index;
  receive(publish({.routing_key = "wide"}, "4"));
  EXPECT_EQ(take<model::Append>().partition.index, (first + 1) % 8);
}

TEST_F(Publishing, FaultsOfAPublishCloseTheChannel) {
  receive(publish({.exchange = "none", .routing_key = "k"}, "x"));
  EXPECT_EQ(sent(), (Lines{"1 channel.close reply-code=404 reply-text=NOT_FOUND - no exchange 'none' in vhost '/' "
                           "failing-class=60 failing-method=40"}));
  send(1, BasicQos{});  // ignored until the close is answered
  EXPECT_EQ(sent(), Lines{});
  send(1, ChannelCloseOk{});
  open_channel();
  receive(publish({.routing_key = "jobs"}, "x", ByteVec{0x01, 0x00, 2, '1', 'x'}));
  EXPECT_TRUE(sent().at(0).starts_with("1 channel.close reply-code=406"));
}

TEST_F(Publishing, AMessageAboveTheLimitIsRefused) {
  ByteVec bytes = frame(1, BasicPublish{.routing_key = "jobs"});
  Writer out(bytes);
  out.u8(2), out.be(uint16_t{1}), out.be(uint32_t{14});
  out.be(uint16_t{60}), out.be(uint16_t{0}), out.be(uint64_t{options_.message_bytes_max + 1}), out.be(uint16_t{0});
  out.u8(kFrameEnd);
  receive(bytes);
  EXPECT_TRUE(sent().at(0).starts_with("1 channel.close reply-code=406"));
}

TEST_F(Publishing, BlockedPublishersWait) {
  connection_.on_notice(broker::PublishersBlocked{true, "memory"});
  EXPECT_EQ(sent(), (Lines{"0 connection.blocked reason=memory"}));
  receive(publish({.routing_key = "jobs"}, "x"));
  EXPECT_TRUE(connection_.paused());
  EXPECT_TRUE(host_.submitted.empty());
  connection_.on_notice(broker::PublishersBlocked{false, ""});
  EXPECT_FALSE(connection_.paused());
  pump();
  EXPECT_EQ(sent(), (Lines{"0 connection.unblocked"}));
  take<model::Append>();
}

TEST_F(Publishing, AMessageThatArrivesInPiecesIsHeldAndOwed) {
  receive(frame(1, BasicPublish{.routing_key = "jobs"}));
  ByteVec bytes = content(1, std::string(300'000, 'x'));
  size_t half = bytes.size() / 2;
  size_t idle = connection_.held_bytes();
  receive(ByteView(bytes).first(half));
  EXPECT_TRUE(connection_.unfinished());
  EXPECT_GE(connection_.held_bytes(), idle + 100'000);
  receive(ByteView(bytes).subspan(half));
  EXPECT_FALSE(connection_.unfinished());
  EXPECT_EQ(connection_.held_bytes(), idle);
  take<model::Append>();
}

TEST_F(Publishing, WithoutMemoryOnlySmallMessagesPass) {
  host_.memory_left = 0;
  receive(publish({.routing_key = "jobs"}, "small"));
  EXPECT_FALSE(connection_.paused());
  take<model::Append>();
  receive(publish({.routing_key = "jobs"}, std::string(100'000, 'x')));
  EXPECT_TRUE(connection_.paused());
  EXPECT_TRUE(host_.submitted.empty());
  host_.memory_left = 1'000'000;
  EXPECT_FALSE(connection_.paused());
  pump();
  take<model::Append>();
}

TEST_F(Publishing, WithoutMemoryThereAreNoMoreChannels) {
  host_.memory_left = 0;
  send(2, ChannelOpen{});
  EXPECT_EQ(sent(), (Lines{"2 channel.open-ok"}));
  send(2000, ChannelOpen{});
  EXPECT_TRUE(sent().at(0).starts_with("0 connection.close reply-code=506"));
}

TEST_F(Publishing, WhatIsStoredTwiceCountsTwice) {
  host_.names.add_topic("narrow", 1, {.message_bytes_max = 4'000});
  model::Message m;
  std::string key(400, 'k'), group(400, 'g');
  m.key = as_bytes(key);
  m.group = group;
  m.dedup_id = key;
  ByteVec stored, all;
  model::encode_amqp091_properties(m, 0, stored);
  for (int i = 0; i < 3; ++i) {
    ByteVec one = publish({.routing_key = "narrow"}, "x", ByteView(stored).subspan(2));
    all.insert(all.end(), one.begin(), one.end());
  }
  receive(all);
  ASSERT_EQ(host_.submitted.size(), 3u);
  while (!host_.submitted.empty()) EXPECT_LE(take<model::Append>().batch.payload.size(), 4'000u);
}

TEST_F(Publishing, LargeBatchesAreSealedAtTheirLimit) {
  ByteVec all;
  std::string body(10'000, 'b');
  for (int i = 0; i < 60; ++i) {
    ByteVec one = publish({.routing_key = "jobs"}, body);
    all.insert(all.end(), one.begin(), one.end());
  }
  receive(all);
  uint32_t messages = 0;
  while (!host_.submitted.empty()) {
    auto append = take<model::Append>();
    EXPECT_LE(append.batch.payload.size(), kNativeBatchBytesTarget);
    messages += append.batch.header.count;
  }
  EXPECT_EQ(messages, 60u);
}

}  // namespace
}  // namespace godwit::protocol::amqp091
