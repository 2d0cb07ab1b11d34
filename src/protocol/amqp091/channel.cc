#include "protocol/amqp091/channel.h"

#include <fmt/format.h>

#include "protocol/amqp091/wire/channel_methods.h"
#include "protocol/amqp091/wire/confirm_methods.h"

namespace godwit::protocol::amqp091 {
namespace {

constexpr uint16_t kClassExchange = 40;
constexpr uint16_t kClassQueue = 50;
constexpr uint16_t kClassBasic = 60;
constexpr uint16_t kClassTx = 90;

uint32_t key_of(ByteView payload) {
  Reader in(payload);
  return in.be<uint32_t>();
}

std::unexpected<Fault> unknown_method(uint32_t key) {
  if (key >> 16 == kClassTx) return connection_fault(ReplyCode::kNotImplemented, "class tx is not supported");
  return connection_fault(ReplyCode::kCommandInvalid, fmt::format("unknown method {}.{}", key >> 16, key & 0xffff));
}

}  // namespace

Channel::Channel(Link& link, uint16_t number, uint32_t incarnation)
    : link_(link),
      number_(number),
      incarnation_(incarnation),
      requests_(std::make_shared<Requests>(link, number)),
      publisher_(link, number, incarnation),
      deliveries_(link, number),
      topology_(requests_),
      subscriber_(requests_, deliveries_, publisher_) {}

bool Channel::must_wait(const Frame& frame) const {
  if (closing_) return false;
  if (requests_->busy()) return true;
  // What has begun may end, as long as there is any memory at all for it.
  if (frame.type == FrameType::kBody)
    return publisher_.held_bytes() + frame.bytes > kReceiveBytesMin && link_.host.memory_exhausted();
  if (frame.type != FrameType::kMethod) return false;
  uint32_t key = key_of(frame.payload);
  if (key >> 16 == kClassQueue || key == method_key(BasicGet::kId)) return publisher_.appending();
  return key == method_key(BasicPublish::kId) &&
         (link_.publishers_blocked || link_.appends.bytes() >= kPublishBytesInFlightMax ||
          link_.appends.count() >= kSessionRequestsMax);
}

Outcome Channel::on_frame(const Frame& frame) {
  switch (frame.type) {
    case FrameType::kHeader: return publisher_.on_header(frame.payload);
    case FrameType::kBody: return publisher_.on_body(frame.payload);
    case FrameType::kMethod: return on_method(frame.payload);
    case FrameType::kHeartbeat: break;
  }
  return connection_fault(ReplyCode::kCommandInvalid, "heartbeat frame on a channel");
}

template <class M, class Part>
Outcome Channel::decode_to(Part& part, ByteView arguments) {
  M method;
  if (!decode_method(arguments, method))
    return connection_fault(ReplyCode::kSyntaxError, fmt::format("malformed arguments of {}", M::kName));
  return part.on(method);
}

Outcome Channel::on_method(ByteView payload) {
  if (publisher_.in_content())
    return connection_fault(ReplyCode::kUnexpectedFrame, "a method came where the content of basic.publish was due");
  if (payload.size() < 4) return connection_fault(ReplyCode::kFrameError, "method frame without class and method");
  uint32_t key = key_of(payload);
  handling_ = {static_cast<uint16_t>(key >> 16), static_cast<uint16_t>(key)};
  ByteView arguments = payload.subspan(4);
  switch (key >> 16) {
    case kClassBasic: return on_basic(key, arguments);
    case kClassExchange:
    case kClassQueue: return on_exchange_or_queue(key, arguments);
    default: return on_other(key, arguments);
  }
}

Outcome Channel::on_basic(uint32_t key, ByteView arguments) {
  switch (key) {
    case method_key(BasicPublish::kId): {
      BasicPublish publish;
      if (!decode_method(arguments, publish))
        return connection_fault(ReplyCode::kSyntaxError, "malformed arguments of basic.publish");
      return publisher_.on_publish(publish);
    }
    case method_key(BasicAck::kId): return decode_to<BasicAck>(subscriber_, arguments);
    case method_key(BasicNack::kId): return decode_to<BasicNack>(subscriber_, arguments);
    case method_key(BasicReject::kId): return decode_to<BasicReject>(subscriber_, arguments);
    case method_key(BasicGet::kId): return decode_to<BasicGet>(subscriber_, arguments);
    case method_key(BasicQos::kId): return decode_to<BasicQos>(subscriber_, arguments);
    case method_key(BasicConsume::kId): return decode_to<BasicConsume>(subscriber_, arguments);
    case method_key(BasicCancel::kId): return decode_to<BasicCancel>(subscriber_, arguments);
    case method_key(BasicCancelOk::kId): return {};
    case method_key(BasicRecover::kId): return decode_to<BasicRecover>(subscriber_, arguments);
    case method_key(BasicRecoverAsync::kId): return decode_to<BasicRecoverAsync>(subscriber_, arguments);
    default: return unknown_method(key);
  }
}

Outcome Channel::on_exchange_or_queue(uint32_t key, ByteView arguments) {
  deliveries_.flush();  // what was settled before takes effect before
  switch (key) {
    case method_key(ExchangeDeclare::kId): return decode_to<ExchangeDeclare>(topology_, arguments);
    case method_key(ExchangeDelete::kId): return decode_to<ExchangeDelete>(topology_, arguments);
    case method_key(ExchangeBind::kId): return decode_to<ExchangeBind>(topology_, arguments);
    case method_key(ExchangeUnbind::kId): return decode_to<ExchangeUnbind>(topology_, arguments);
    case method_key(QueueDeclare::kId): return decode_to<QueueDeclare>(topology_, arguments);
    case method_key(QueueBind::kId): return decode_to<QueueBind>(topology_, arguments);
    case method_key(QueueUnbind::kId): return decode_to<QueueUnbind>(topology_, arguments);
    case method_key(QueuePurge::kId): return decode_to<QueuePurge>(topology_, arguments);
    case method_key(QueueDelete::kId): return decode_to<QueueDelete>(topology_, arguments);
    default: return unknown_method(key);
  }
}

Outcome Channel::on_other(uint32_t key, ByteView arguments) {
  switch (key) {
    case method_key(ConfirmSelect::kId): {
      ConfirmSelect method;
      if (!decode_method(arguments, method))
        return connection_fault(ReplyCode::kSyntaxError, "malformed arguments of confirm.select");
      publisher_.flush();  // publishes before it are not numbered
      publisher_.select_confirms();
      requests_->answer(method.no_wait, ConfirmSelectOk{});
      return {};
    }
    case method_key(ChannelFlow::kId): {
      ChannelFlow method;
      if (!decode_method(arguments, method))
        return connection_fault(ReplyCode::kSyntaxError, "malformed arguments of channel.flow");
      if (!method.active)
        return connection_fault(ReplyCode::kNotImplemented, "channel.flow with active=false is not supported");
      link_.send(number_, ChannelFlowOk{.active = true});
      return {};
    }
    case method_key(ChannelFlowOk::kId): return {};
    case method_key(ChannelOpen::kId):
      return connection_fault(ReplyCode::kChannelError, fmt::format("channel {} is open already", number_));
    default: return unknown_method(key);
  }
}

void Channel::flush() {
  if (closing_) return;
  publisher_.flush();
  deliveries_.flush();
}

void Channel::on_cancelled(Consumer& consumer) {
  std::string tag = consumer.tag();
  deliveries_.cancel(consumer);
  subscriber_.ended(tag);
}

void Channel::close() {
  if (std::exchange(closing_, true)) return;
  requests_->stop();
  publisher_.flush();
  deliveries_.flush();
  deliveries_.close();
}

}  // namespace godwit::protocol::amqp091
