#include "protocol/amqp091/connection.h"

#include "protocol/amqp091/client.h"

namespace godwit::protocol::amqp091 {
namespace {

TEST_F(AmqpTest, HeartbeatsGoBothWays) {
  handshake();
  host_.clock.boot_ms += 30'000;
  connection_.on_timer();
  EXPECT_EQ(sent(), Lines{});  // open-ok was written in this interval
  host_.clock.boot_ms += 30'000;
  connection_.on_timer();
  EXPECT_EQ(sent(), (Lines{"0 heartbeat"}));
  receive(ByteVec{8, 0, 0, 0, 0, 0, 0, kFrameEnd});
  host_.clock.boot_ms += 120'000;
  connection_.on_bytes({});  // asked again, nothing new
  connection_.on_timer();
  EXPECT_FALSE(host_.closed);
  host_.clock.boot_ms += 1'000;
  connection_.on_timer();
  EXPECT_TRUE(host_.closed);
  EXPECT_EQ(connection_.close_reason(), "missed heartbeats: nothing came for 121 s");
}

TEST_F(AmqpTest, ACloseIsAnswered) {
  handshake();
  open_channel();
  send(1, ChannelClose{200, "bye", 0, 0});
  EXPECT_EQ(sent(), (Lines{"1 channel.close-ok"}));
  send(1, ChannelOpen{});
  EXPECT_EQ(sent(), (Lines{"1 channel.open-ok"}));
  send(0, ConnectionClose{200, "bye", 0, 0});
  EXPECT_EQ(sent(), (Lines{"0 connection.close-ok"}));
  EXPECT_TRUE(host_.closed);
  EXPECT_EQ(connection_.close_reason(), "");
}

TEST_F(AmqpTest, AStoppingBrokerSaysSo) {
  handshake();
  EXPECT_TRUE(connection_.on_stop());
  EXPECT_EQ(sent(),
            (Lines{"0 connection.close reply-code=320 reply-text=CONNECTION_FORCED - the broker is shutting down "
                   "failing-class=0 failing-method=0"}));
  send(0, ConnectionCloseOk{});
  EXPECT_TRUE(host_.closed);
}

struct Misuse {
  const char* name;
  ByteVec bytes;
  const char* answer;
};

TEST_F(AmqpTest, MisuseClosesWhatItMust) {
  ByteVec unknown{1, 0, 1, 0, 0, 0, 4, 0, 77, 0, 1, kFrameEnd};
  ByteVec tx{1, 0, 1, 0, 0, 0, 4, 0, 90, 0, 10, kFrameEnd};
  ByteVec cut = frame(1, QueueDeclare{.queue = "q"});
  cut[6] = static_cast<uint8_t>(cut[6] - 1);
  cut.erase(cut.end() - 2);
  ByteVec no_end = frame(1, ChannelFlow{.active = true});
  no_end.back() = 0;
  const std::vector<Misuse> cases = {
      {"unopened", frame(2, BasicQos{}), "0 connection.close reply-code=504"},
      {"opened twice", frame(1, ChannelOpen{}), "0 connection.close reply-code=504"},
      {"number too high", frame(2048, ChannelOpen{}), "0 connection.close reply-code=530"},
      {"unknown method", unknown, "0 connection.close reply-code=503"},
      {"tx", tx, "0 connection.close reply-code=540"},
      {"cut arguments", cut, "0 connection.close reply-code=502"},
      {"no end octet", no_end, "0 connection.close reply-code=501"},
      {"body without method", content(1, "x"), "0 connection.close reply-code=505"},
      {"immediate", frame(1, BasicPublish{.immediate = true}), "0 connection.close reply-code=540"},
      {"flow", frame(1, ChannelFlow{.active = false}), "0 connection.close reply-code=540"},
      {"method in content",
       [] {
         ByteVec b = frame(1, BasicPublish{.routing_key = "k"});
         ByteVec c = frame(1, BasicQos{});
         b.insert(b.end(), c.begin(), c.end());
         return b;
       }(),
       "0 connection.close reply-code=505"},
      {"unknown tag", frame(1, BasicAck{.delivery_tag = 1}), "1 channel.close reply-code=406"},
      {"no queue", frame(1, BasicConsume{.queue = "none"}), "1 channel.close reply-code=404"},
      {"default exchange", frame(1, QueueBind{.queue = "q"}), "1 channel.close reply-code=403"},
      {"reserved name", frame(1, QueueDeclare{.queue = "amq.q"}), "1 channel.close reply-code=403"},
      {"recover", frame(1, BasicRecover{.requeue = false}), "0 connection.close reply-code=540"},
  };
  for (const Misuse& misuse : cases) {
    SCOPED_TRACE(misuse.name);
    test::FakeHost host;
    Connection connection(host, options_, [](auto, auto) { return broker::Principal{}; });
    ByteVec all(std::begin(kProtocolHeader), std::end(kProtocolHeader));
    for (const ByteVec& part : {frame(0, start_ok({})), frame(0, ConnectionTuneOk{2047, 131'072, 0}),
                                frame(0, ConnectionOpen{.vhost = "/"}), frame(1, ChannelOpen{}), misuse.bytes})
      all.insert(all.end(), part.begin(), part.end());
    EXPECT_EQ(connection.on_bytes(all), all.size());
    ByteVec out = host.sent();
    std::string last;
    for (size_t at = 0; at < out.size();) {
      Frame f;
      ASSERT_EQ(read_frame(ByteView(out).subspan(at), 131'072, f), FrameState::kWhole);
      last = print_frame(f);
      at += f.bytes;
    }
    EXPECT_TRUE(last.starts_with(misuse.answer)) << last;
  }
}

TEST_F(AmqpTest, AFrameIsTakenWhole) {
  handshake();
  ByteVec bytes = frame(1, ChannelOpen{});
  for (size_t n = 0; n < bytes.size(); ++n) EXPECT_EQ(connection_.on_bytes(ByteView(bytes).first(n)), 0u) << n;
  EXPECT_EQ(connection_.bytes_wanted(), bytes.size());
  EXPECT_EQ(sent(), Lines{});
  EXPECT_EQ(connection_.on_bytes(bytes), bytes.size());
  EXPECT_EQ(sent(), (Lines{"1 channel.open-ok"}));
}

TEST_F(AmqpTest, AFrameAboveTheTunedLimitEndsTheStream) {
  handshake();
  ByteVec bytes{3, 0, 1, 0xff, 0xff, 0xff, 0xff};
  ByteVec more = frame(1, ChannelOpen{});
  bytes.insert(bytes.end(), more.begin(), more.end());
  EXPECT_EQ(connection_.on_bytes(bytes), bytes.size());  // what follows is not looked at
  Lines lines = sent();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].starts_with("0 connection.close reply-code=501"));
  EXPECT_EQ(connection_.on_bytes(ByteVec{99, 0, 0, 0, 0, 0, 0}), 7u);
  EXPECT_TRUE(host_.closed);
  EXPECT_TRUE(connection_.close_reason().starts_with("501 FRAME_ERROR - ")) << connection_.close_reason();
}

TEST_F(AmqpTest, WhileClosingOnlyTheAnswerCounts) {
  handshake();
  send(1, BasicQos{});  // not open: 504
  EXPECT_TRUE(sent().back().starts_with("0 connection.close reply-code=504"));
  send(1, ChannelOpen{});
  send(2, BasicQos{});
  receive(ByteVec{8, 0, 0, 0, 0, 0, 0, kFrameEnd});
  EXPECT_EQ(sent(), Lines{});
  EXPECT_FALSE(host_.closed);
  send(0, ConnectionClose{});  // both sides at once
  EXPECT_EQ(sent(), (Lines{"0 connection.close-ok"}));
  EXPECT_TRUE(host_.closed);
}

TEST_F(AmqpTest, ACloseThatIsNotAnsweredIsCutOff) {
  handshake();
  send(1, BasicQos{});
  ASSERT_EQ(host_.timer_boot_ms, host_.clock.boot_ms + kCloseWaitMs);
  host_.clock.boot_ms += kCloseWaitMs - 1;
  connection_.on_timer();
  EXPECT_FALSE(host_.closed);
  host_.clock.boot_ms += 1;
  connection_.on_timer();
  EXPECT_TRUE(host_.closed);
}

TEST_F(AmqpTest, AFaultNamesItsMethod) {
  handshake();
  open_channel();
  send(1, BasicConsume{.queue = "none"});
  EXPECT_TRUE(sent().back().ends_with("failing-class=60 failing-method=20"));
}

/// Spring AMQP tells a mismatched declaration and an exclusive consumer from other faults by these two numbers.
TEST_F(AmqpTest, AFaultThatIsFoundLaterNamesItsMethod) {
  handshake();
  open_channel();
  send(1, QueueDeclare{.queue = "q"});
  take<model::DeclareQueue>();
  reply(fail(ErrorCode::kMismatch, "durable is true"));
  EXPECT_TRUE(sent().back().ends_with("failing-class=50 failing-method=10"));
  open_channel(2);
  send(2, ExchangeDeclare{.exchange = "e", .type = "bogus"});
  take<model::DeclareExchange>();
  reply(fail(ErrorCode::kUnsupported, "no such type"));
  EXPECT_TRUE(sent().back().ends_with("failing-class=40 failing-method=10"));
}

TEST_F(AmqpTest, AClosedChannelWaitsForCloseOkAndOpensAgain) {
  handshake();
  open_channel();
  send(1, BasicAck{.delivery_tag = 9});
  EXPECT_TRUE(sent().back().starts_with("1 channel.close reply-code=406"));
  send(1, BasicConsume{.queue = "none"});  // on its way already: dropped
  EXPECT_EQ(sent(), Lines{});
  send(1, ChannelCloseOk{});
  send(1, ChannelCloseOk{});  // once too often, and harmless
  send(1, ChannelOpen{});
  EXPECT_EQ(sent(), (Lines{"1 channel.open-ok"}));
}

TEST_F(AmqpTest, ACloseOfAClosingChannelIsAnsweredAndEndsIt) {
  handshake();
  open_channel();
  send(1, BasicAck{.delivery_tag = 9});
  sent();
  send(1, ChannelClose{});
  EXPECT_EQ(sent(), (Lines{"1 channel.close-ok"}));
  send(1, ChannelOpen{});
  EXPECT_EQ(sent(), (Lines{"1 channel.open-ok"}));
}

TEST_F(AmqpTest, AReplyForAnEarlierChannelOfTheNumberIsNotTheNewOnes) {
  handshake();
  add_queue("jobs");
  open_channel();
  send(1, ConfirmSelect{});
  receive(publish({.routing_key = "jobs"}, "old"));
  take<model::Append>();
  broker::RequestId old = last_;
  send(1, ChannelClose{});
  open_channel();
  send(1, ConfirmSelect{});
  host_.sent();
  connection_.on_reply(old, model::Appended{});
  EXPECT_EQ(sent(), Lines{});
}

TEST_F(AmqpTest, BlockedIsToldToThoseWhoAskedForIt) {
  handshake();
  connection_.on_notice(broker::PublishersBlocked{true, "memory"});
  EXPECT_EQ(sent(), (Lines{"0 connection.blocked reason=memory"}));
  connection_.on_notice(broker::PublishersBlocked{false, ""});
  EXPECT_EQ(sent(), (Lines{"0 connection.unblocked"}));
}

TEST_F(AmqpTest, BlockedIsNotToldToOthers) {
  handshake({});
  connection_.on_notice(broker::PublishersBlocked{true, "memory"});
  EXPECT_EQ(sent(), Lines{});
}

TEST_F(AmqpTest, NothingFollowsTheEndOfTheConnection) {
  handshake();
  open_channel();
  LedgerId jobs = add_queue("jobs");
  auto attach = consume("jobs", "c");
  connection_.on_closed();
  connection_.on_notice(broker::Delivery{attach.tag, {jobs, batch({"late"}), {{}}}});
  connection_.on_reply(12345, model::Attached{});
  connection_.on_timer();
  connection_.on_writable();
  EXPECT_EQ(sent(), Lines{});
  EXPECT_TRUE(host_.submitted.empty());
}

}  // namespace
}  // namespace godwit::protocol::amqp091
