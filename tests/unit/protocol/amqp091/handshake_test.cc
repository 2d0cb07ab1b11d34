#include "protocol/amqp091/client.h"

namespace godwit::protocol::amqp091 {
namespace {

TEST_F(AmqpTest, AHandshakeOpensTheConnection) {
  receive(kProtocolHeader);
  EXPECT_EQ(sent(), (Lines{"0 connection.start version-major=0 version-minor=9 server-properties={7} "
                           "mechanisms=AMQPLAIN PLAIN locales=en_US"}));
  send(0, start_ok({}));
  EXPECT_EQ(sent(), (Lines{"0 connection.tune channel-max=2047 frame-max=131072 heartbeat=60"}));
  send(0, ConnectionTuneOk{100, 65'536, 10});
  send(0, ConnectionOpen{.vhost = "/"});
  EXPECT_EQ(sent(), (Lines{"0 connection.open-ok"}));
  send(1, ChannelOpen{});
  EXPECT_EQ(sent(), (Lines{"1 channel.open-ok"}));
  EXPECT_EQ(connection_.describe(), "amqp091 user=guest vhost=/ client=\"test 1\"");
}

TEST_F(AmqpTest, AmqplainIsUnderstood) {
  receive(kProtocolHeader);
  host_.sent();
  model::ValueMap login;
  login.emplace_back("LOGIN", model::Value(std::string("guest")));
  login.emplace_back("PASSWORD", model::Value(std::string("guest")));
  ByteVec table;
  model::encode_amqp091_table(login, table);
  ConnectionStartOk method = start_ok({}, as_string(ByteView(table).subspan(4)));
  method.mechanism = "AMQPLAIN";
  send(0, method);
  EXPECT_EQ(sent().at(0), "0 connection.tune channel-max=2047 frame-max=131072 heartbeat=60");
}

TEST_F(AmqpTest, AnotherProtocolIsToldWhichOneIsSpoken) {
  receive(as_bytes("GET / HTTP/1.1\r\n"));
  EXPECT_EQ(host_.sent(), ByteVec(std::begin(kProtocolHeader), std::end(kProtocolHeader)));
  EXPECT_TRUE(host_.closed);
}

TEST_F(AmqpTest, AWrongPasswordIsRefused) {
  receive(kProtocolHeader);
  host_.sent();
  send(0, start_ok({"authentication_failure_close"}, std::string_view("\0guest\0wrong", 12)));
  EXPECT_EQ(sent(), (Lines{"0 connection.close reply-code=403 reply-text=ACCESS_REFUSED - login of user 'guest' was "
                           "refused: wrong password failing-class=10 failing-method=11"}));
  send(0, ConnectionCloseOk{});
  EXPECT_TRUE(host_.closed);
}

TEST_F(AmqpTest, AnOlderClientSeesAClosedSocket) {
  receive(kProtocolHeader);
  host_.sent();
  send(0, start_ok({}, std::string_view("\0guest\0wrong", 12)));
  EXPECT_TRUE(host_.closed);
  EXPECT_TRUE(host_.sent().empty());
}

TEST_F(AmqpTest, TuningAboveTheOfferIsRefused) {
  receive(kProtocolHeader);
  send(0, start_ok({}));
  host_.sent();
  send(0, ConnectionTuneOk{2047, 200'000, 60});
  EXPECT_TRUE(sent().at(0).starts_with("0 connection.close reply-code=530"));
}

TEST_F(AmqpTest, AnUnknownVhostIsRefused) {
  receive(kProtocolHeader);
  send(0, start_ok({}));
  send(0, ConnectionTuneOk{2047, 131'072, 60});
  host_.sent();
  send(0, ConnectionOpen{.vhost = "other"});
  EXPECT_TRUE(sent().at(0).starts_with("0 connection.close reply-code=530"));
}

TEST_F(AmqpTest, FramesBeforeTuningAreSmall) {
  receive(kProtocolHeader);
  host_.sent();
  receive(ByteVec{1, 0, 0, 0, 0, 0x20, 0});  // 8,192 bytes of payload
  EXPECT_TRUE(sent().at(0).starts_with("0 connection.close reply-code=501"));
}

TEST_F(AmqpTest, ASilentClientIsCutOffInTheHandshake) {
  EXPECT_EQ(host_.timer_boot_ms, host_.clock.boot_ms + 10'000);
  host_.clock.boot_ms += 10'000;
  connection_.on_timer();
  EXPECT_TRUE(host_.closed);
}

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

}  // namespace
}  // namespace godwit::protocol::amqp091
