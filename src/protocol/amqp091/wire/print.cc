#include "protocol/amqp091/wire/print.h"

#include <fmt/format.h>

#include "protocol/amqp091/wire/basic_methods.h"
#include "protocol/amqp091/wire/channel_methods.h"
#include "protocol/amqp091/wire/confirm_methods.h"
#include "protocol/amqp091/wire/connection_methods.h"
#include "protocol/amqp091/wire/exchange_methods.h"
#include "protocol/amqp091/wire/queue_methods.h"

namespace godwit::protocol::amqp091 {
namespace {

template <class M>
bool print_if(uint32_t key, ByteView arguments, std::string& text) {
  if (key != method_key(M::kId)) return false;
  M method;
  text = decode_method(arguments, method) ? print_method(method) : fmt::format("{} malformed", M::kName);
  return true;
}

template <class... M>
std::string print_any(uint32_t key, ByteView arguments) {
  std::string text;
  if (!(print_if<M>(key, arguments, text) || ...)) return fmt::format("method {}.{}", key >> 16, key & 0xffff);
  return text;
}

std::string print_payload(ByteView payload) {
  Reader in(payload);
  uint32_t key = in.be<uint32_t>();
  return print_any<ConnectionStart, ConnectionStartOk, ConnectionSecure, ConnectionSecureOk, ConnectionTune,
                   ConnectionTuneOk, ConnectionOpen, ConnectionOpenOk, ConnectionClose, ConnectionCloseOk,
                   ConnectionBlocked, ConnectionUnblocked, ConnectionUpdateSecret, ConnectionUpdateSecretOk,
                   ChannelOpen, ChannelOpenOk, ChannelFlow, ChannelFlowOk, ChannelClose, ChannelCloseOk,
                   ExchangeDeclare, ExchangeDeclareOk, ExchangeDelete, ExchangeDeleteOk, ExchangeBind, ExchangeBindOk,
                   ExchangeUnbind, ExchangeUnbindOk, QueueDeclare, QueueDeclareOk, QueueBind, QueueBindOk, QueuePurge,
                   QueuePurgeOk, QueueDelete, QueueDeleteOk, QueueUnbind, QueueUnbindOk, BasicQos, BasicQosOk,
                   BasicConsume, BasicConsumeOk, BasicCancel, BasicCancelOk, BasicPublish, BasicReturn, BasicDeliver,
                   BasicGet, BasicGetOk, BasicGetEmpty, BasicAck, BasicReject, BasicRecoverAsync, BasicRecover,
                   BasicRecoverOk, BasicNack, ConfirmSelect, ConfirmSelectOk>(key, in.rest());
}

std::string print_header(ByteView payload) {
  Reader in(payload);
  in.be<uint32_t>();
  uint64_t bytes = in.be<uint64_t>();
  return fmt::format("header body-size={} flags={:04x}", bytes, in.be<uint16_t>());
}

}  // namespace

std::string print_frame(const Frame& frame) {
  std::string text = fmt::format("{} ", frame.channel);
  switch (frame.type) {
    case FrameType::kMethod: return text + print_payload(frame.payload);
    case FrameType::kHeader: return text + print_header(frame.payload);
    case FrameType::kBody: return text + fmt::format("body {}", frame.payload.size());
    case FrameType::kHeartbeat: return text + "heartbeat";
  }
  return text;
}

}  // namespace godwit::protocol::amqp091
