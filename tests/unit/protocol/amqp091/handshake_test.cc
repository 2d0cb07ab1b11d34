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
  EXPECT_EQ(connection_.close_reason(), "403 ACCESS_REFUSED - login of user 'guest' was refused: wrong password");
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

TEST_F(AmqpTest, AConnectionOpenedWhilePublishersAreHeldBackIsTold) {
  connection_.on_notice(broker::PublishersBlocked{true, "memory is short"});
  receive(kProtocolHeader);
  send(0, start_ok({"connection.blocked"}));
  send(0, ConnectionTuneOk{});
  sent();
  send(0, ConnectionOpen{.vhost = "/"});
  EXPECT_EQ(sent(), (Lines{"0 connection.open-ok", "0 connection.blocked reason=memory is short"}));
}

}  // namespace
}  // namespace godwit::protocol::amqp091
