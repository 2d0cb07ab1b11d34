#include "protocol/amqp091/wire/print.h"

#include <gtest/gtest.h>

#include "protocol/amqp091/wire/basic_methods.h"
#include "protocol/amqp091/wire/queue_methods.h"

namespace godwit::protocol::amqp091 {
namespace {

std::string print(FrameType type, const ByteVec& payload) { return print_frame({type, 1, payload, 0}); }

TEST(Print, FramesOfEveryType) {
  ByteVec method;
  encode_method(QueueDeclareOk{.queue = "jobs", .message_count = 3, .consumer_count = 0}, method);
  EXPECT_EQ(print(FrameType::kMethod, method), "1 queue.declare-ok queue=jobs message-count=3 consumer-count=0");
  EXPECT_EQ(print(FrameType::kHeader, {0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0x90, 0}),
            "1 header body-size=5 flags=9000");
  EXPECT_EQ(print(FrameType::kBody, {'s', 'e', 'c'}), "1 body 3");
  EXPECT_EQ(print(FrameType::kHeartbeat, {}), "1 heartbeat");
}

TEST(Print, ReservedFieldsAreNotShown) {
  ByteVec method;
  encode_method(BasicPublish{.exchange = "e", .routing_key = "k"}, method);
  EXPECT_EQ(print(FrameType::kMethod, method), "1 basic.publish exchange=e routing-key=k mandatory=0 immediate=0");
}

TEST(Print, WhatCannotBeReadIsSaid) {
  EXPECT_EQ(print(FrameType::kMethod, {0, 99, 0, 7}), "1 method 99.7");
  EXPECT_EQ(print(FrameType::kMethod, {0, 60, 0, 80, 1}), "1 basic.ack malformed");
  EXPECT_EQ(print(FrameType::kMethod, {0, 60}), "1 method 0.0");
  EXPECT_EQ(print(FrameType::kHeader, {0, 60}), "1 header body-size=0 flags=0000");
}

}  // namespace
}  // namespace godwit::protocol::amqp091
