#include "protocol/amqp091/wire/method.h"

#include <gtest/gtest.h>

#include "protocol/amqp091/wire/basic_methods.h"
#include "protocol/amqp091/wire/connection_methods.h"
#include "protocol/amqp091/wire/frame.h"
#include "protocol/amqp091/wire/queue_methods.h"

namespace godwit::protocol::amqp091 {
namespace {

TEST(Method, GoldenFrames) {
  ByteVec declare;
  write_method(3, QueueDeclare{.queue = "ab", .durable = true, .no_wait = true}, declare);
  EXPECT_EQ(declare, (ByteVec{1, 0, 3, 0, 0, 0, 14, 0, 50, 0, 10, 0, 0, 2, 'a', 'b', 0x12, 0, 0, 0, 0, 0xce}));
  ByteVec ack;
  write_method(1, BasicAck{.delivery_tag = 258, .multiple = true}, ack);
  EXPECT_EQ(ack, (ByteVec{1, 0, 1, 0, 0, 0, 13, 0, 60, 0, 80, 0, 0, 0, 0, 0, 0, 1, 2, 1, 0xce}));
  ByteVec tune;
  write_method(0, ConnectionTune{2047, 131'072, 60}, tune);
  EXPECT_EQ(tune, (ByteVec{1, 0, 0, 0, 0, 0, 12, 0, 10, 0, 30, 7, 0xff, 0, 2, 0, 0, 0, 60, 0xce}));
}

TEST(Method, BitsShareAnOctet) {
  QueueDeclare written{.queue = "q", .passive = true, .exclusive = true, .no_wait = true};
  written.arguments.emplace_back("x", model::Value(true));
  ByteVec bytes;
  encode_method(written, bytes);
  QueueDeclare read;
  ASSERT_TRUE(decode_method(ByteView(bytes).subspan(4), read));
  EXPECT_EQ(read.queue, "q");
  EXPECT_TRUE(read.passive && read.exclusive && read.no_wait);
  EXPECT_FALSE(read.durable || read.auto_delete);
  EXPECT_EQ(read.arguments, written.arguments);
  EXPECT_EQ(print_method(read),
            "queue.declare queue=q passive=1 durable=0 exclusive=1 auto-delete=0 no-wait=1 arguments={1}");
}

TEST(Method, TruncatedAndOverlongArgumentsAreRefused) {
  ByteVec bytes;
  encode_method(BasicDeliver{.consumer_tag = "c", .delivery_tag = 1, .exchange = "e", .routing_key = "k"}, bytes);
  BasicDeliver read;
  for (size_t n = 4; n < bytes.size(); ++n) EXPECT_FALSE(decode_method(ByteView(bytes).subspan(4, n - 4), read)) << n;
  bytes.push_back(0);
  EXPECT_FALSE(decode_method(ByteView(bytes).subspan(4), read));
}

}  // namespace
}  // namespace godwit::protocol::amqp091
