#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/amqp091/connection.h"
#include "protocol/amqp091/wire/basic_methods.h"
#include "protocol/amqp091/wire/channel_methods.h"
#include "protocol/amqp091/wire/confirm_methods.h"
#include "protocol/amqp091/wire/connection_methods.h"
#include "protocol/amqp091/wire/exchange_methods.h"
#include "protocol/amqp091/wire/print.h"
#include "protocol/amqp091/wire/queue_methods.h"
#include "support/fake_host.h"

namespace godwit::protocol::amqp091 {

using Lines = std::vector<std::string>;

/// A client on a connection without sockets, and the broker that it talks to, played by the test.
class AmqpTest : public testing::Test {
 protected:
  AmqpTest()
      : connection_(host_, options_, [](std::string_view user, std::string_view password) {
          return user == "guest" && password == "guest" ? Result<broker::Principal>(broker::Principal{})
                                                        : fail(ErrorCode::kAccessDenied, "wrong password");
        }) {}

  /// As the host does: what the session leaves is offered again with the next bytes, and when it is not paused.
  void receive(ByteView bytes) {
    inbox_.insert(inbox_.end(), bytes.begin(), bytes.end());
    pump();
  }
  void pump() {
    if (connection_.paused() || host_.closed) return;
    size_t taken = connection_.on_bytes(inbox_);
    inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<ptrdiff_t>(taken));
  }
  template <class M>
  static ByteVec frame(uint16_t channel, const M& method) {
    ByteVec bytes;
    write_method(channel, method, bytes);
    return bytes;
  }
  template <class M>
  void send(uint16_t channel, const M& method) {
    receive(frame(channel, method));
  }
  static ByteVec content(uint16_t channel, std::string_view body, ByteView properties = kNoProperties,
                         uint32_t frame_max = 131'072) {
    ByteVec bytes;
    write_content(channel, properties, as_bytes(body), frame_max, bytes);
    return bytes;
  }
  static ByteVec publish(const BasicPublish& method, std::string_view body, ByteView properties = kNoProperties) {
    ByteVec bytes = frame(1, method);
    ByteVec rest = content(1, body, properties);
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
  }

  /// Frames the session wrote since the last call.
  Lines sent() {
    ByteVec bytes = host_.sent();
    Lines lines;
    size_t at = 0;
    bodies_.clear();
    while (at < bytes.size()) {
      Frame frame;
      if (read_frame(ByteView(bytes).subspan(at), options_.frame_max, frame) != FrameState::kWhole) {
        ADD_FAILURE() << "not a frame at " << at;
        break;
      }
      if (frame.type == FrameType::kBody) bodies_.emplace_back(as_string(frame.payload));
      lines.push_back(print_frame(frame));
      at += frame.bytes;
    }
    return lines;
  }

  void handshake(std::vector<std::string> capabilities = {"consumer_cancel_notify", "connection.blocked",
                                                          "authentication_failure_close"}) {
    receive(kProtocolHeader);
    send(0, start_ok(std::move(capabilities)));
    send(0, ConnectionTuneOk{2047, 131'072, 60});
    send(0, ConnectionOpen{.vhost = "/"});
    host_.sent();
  }
  void open_channel(uint16_t number = 1) {
    send(number, ChannelOpen{});
    host_.sent();
  }
  static ConnectionStartOk start_ok(std::vector<std::string> capabilities, std::string_view response = kGuest) {
    model::ValueMap flags;
    for (std::string& name : capabilities) flags.emplace_back(std::move(name), model::Value(true));
    ConnectionStartOk method;
    method.client_properties.emplace_back("product", model::Value(std::string("test")));
    method.client_properties.emplace_back("version", model::Value(std::string("1")));
    method.client_properties.emplace_back("capabilities", model::Value(std::move(flags)));
    method.mechanism = "PLAIN";
    method.response = {response};
    method.locale = "en_US";
    return method;
  }
  /// A queue with its own topic in the catalog.
  LedgerId add_queue(const std::string& name, uint32_t partitions = 1) {
    model::TopicInfo& topic = host_.names.add_topic(name, partitions);
    model::QueueInfo& queue = host_.names.add_queue(name, topic.id);
    return {queue.id, {topic.id, 0}};
  }
  template <class C>
  C take() {
    auto taken = host_.take<C>();
    EXPECT_TRUE(taken) << "another command, or none: " << host_.submitted.size() << " waiting";
    if (!taken) return C{};
    last_ = taken->first;
    return std::move(taken->second);
  }
  /// Answers the command taken last.
  void reply(broker::Reply reply) {
    connection_.on_reply(last_, std::move(reply));
    pump();
  }
  /// `bodies` as one stored batch at `base`.
  static model::Batch batch(std::vector<std::string> bodies, int64_t base = 0) {
    model::NativeBatchBuilder builder;
    for (const std::string& body : bodies)
      builder.add({.origin = model::Origin::kAmqp091, .properties = as_bytes(kStored), .body = as_bytes(body)});
    model::Batch sealed = builder.seal(0);
    sealed.header.base_offset = Offset(base);
    return sealed;
  }
  void deliver(ConsumerTag tag, LedgerId ledger, const model::Batch& from, std::vector<model::DeliveredRun> runs) {
    connection_.on_notice(broker::Delivery{tag, {ledger, from, std::move(runs)}});
    pump();
  }
  /// Consumes `queue` on channel 1 up to consume-ok. Returns the attach command.
  model::Attach consume(std::string_view queue, std::string_view tag, bool no_ack = false) {
    send(1, BasicConsume{.queue = queue, .consumer_tag = tag, .no_ack = no_ack});
    auto attach = take<model::Attach>();
    reply(model::Attached{});
    host_.sent();
    return attach;
  }

  static constexpr std::string_view kGuest{"\0guest\0guest", 12};
  static constexpr uint8_t kNoProperties[2] = {0, 0};
  static constexpr std::string_view kStored{"\0\4jobs\0\0", 8};

  Options options_;
  test::FakeHost host_;
  Connection connection_;
  ByteVec inbox_;
  Lines bodies_;
  broker::RequestId last_ = 0;
};

}  // namespace godwit::protocol::amqp091
