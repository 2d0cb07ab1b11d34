#include "protocol/amqp091/connection.h"

#include <algorithm>

#include <fmt/format.h>

#include "protocol/amqp091/wire/channel_methods.h"
#include "protocol/amqp091/wire/connection_methods.h"

namespace godwit::protocol::amqp091 {
namespace {

uint32_t key_of(const Frame& frame) {
  bool content = frame.type == FrameType::kHeader || frame.type == FrameType::kBody;
  if (content) return method_key(BasicPublish::kId);  // the only method of clients that has any
  if (frame.type != FrameType::kMethod) return 0;
  Reader in(frame.payload);
  return in.be<uint32_t>();
}

Fault frame_fault(FrameState state, const Frame& frame, uint32_t frame_max) {
  if (state == FrameState::kTooLarge)
    return {Scope::kConnection, ReplyCode::kFrameError,
            fmt::format("a frame on channel {} is above frame_max = {}", frame.channel, frame_max)};
  return {Scope::kConnection, ReplyCode::kFrameError,
          fmt::format("frame type {} on channel {} is unknown or has no end octet", static_cast<int>(frame.type),
                      frame.channel)};
}

}  // namespace

Connection::Connection(broker::SessionHost& host, const Options& options, Authenticate authenticate)
    : link_(host, options), authenticate_(std::move(authenticate)), handshake_(link_, authenticate_) {
  link_.raise = [this](uint16_t number, const Fault& fault) {
    if (const Channel* waiting = channel(number)) handling_ = waiting->handling();
    raise(number, fault);
  };
  opened_ms_ = last_read_ms_ = host.now().boot_ms;
  schedule();
}

size_t Connection::on_bytes(ByteView in) {
  if (in.size() != left_) last_read_ms_ = link_.host.now().boot_ms;  // and not only asked again about the same bytes
  size_t taken = take(in);
  left_ = in.size() - taken;
  return taken;
}

size_t Connection::take(ByteView in) {
  size_t taken = 0;
  if (state_ == State::kHeader) taken = on_header(in);
  stalled_.reset();
  while (state_ != State::kHeader && state_ != State::kClosed) {
    Frame frame;
    FrameState read = read_frame(in.subspan(taken), link_.frame_max, frame);
    if (read == FrameState::kPartial) {
      wanted_ = frame.bytes;
      break;
    }
    if (read != FrameState::kWhole) {
      // The stream cannot be followed any further: what comes is not looked at.
      if (state_ == State::kClosing) return finish(), in.size();
      close_connection(frame_fault(read, frame, link_.frame_max));
      taken = in.size();
      break;
    }
    if (!on_frame(frame)) break;
    taken += frame.bytes;
  }
  flush();
  return taken;
}

size_t Connection::on_header(ByteView in) {
  size_t compared = std::min(in.size(), sizeof kProtocolHeader);
  if (!std::equal(kProtocolHeader, kProtocolHeader + compared, in.data())) {
    // Another protocol or version: say which one is spoken here. Spec: AMQP 0-9-1, 4.2.2.
    link_.out().insert(link_.out().end(), std::begin(kProtocolHeader), std::end(kProtocolHeader));
    finish("it does not begin with the header of AMQP 0-9-1");
    return in.size();
  }
  if (compared < sizeof kProtocolHeader) return 0;
  state_ = State::kHandshake;
  handshake_.start();
  return sizeof kProtocolHeader;
}

bool Connection::on_frame(const Frame& frame) {
  Outcome done;
  uint32_t key = key_of(frame);
  handling_ = {static_cast<uint16_t>(key >> 16), static_cast<uint16_t>(key)};
  if (frame.channel == 0) {
    done = on_connection_frame(frame);
  } else if (state_ == State::kOpen) {
    Channel* target = channel(frame.channel);
    if (target && key != method_key(ChannelCloseOk::kId) && target->must_wait(frame)) return stall(frame), false;
    done = target ? on_channel_frame(*target, frame) : open_channel(frame);
  } else if (state_ == State::kHandshake) {
    done = connection_fault(ReplyCode::kChannelError, "a channel frame came before connection.open");
  }
  if (!done) raise(frame.channel, done.error());
  return true;
}

/// The host asks again when paused() turns false; its buffer may have moved by then, so what decides is kept here.
void Connection::stall(const Frame& frame) {
  stalled_ = frame;
  size_t kept = std::min(frame.payload.size(), stalled_method_.size());
  std::copy_n(frame.payload.begin(), kept, stalled_method_.begin());
  stalled_->payload = ByteView(stalled_method_).first(kept);
}

bool Connection::paused() const {
  if (!stalled_ || state_ != State::kOpen) return false;
  const Channel* target = stalled_->channel < channels_.size() ? channels_[stalled_->channel].get() : nullptr;
  return target && target->must_wait(*stalled_);
}

Outcome Connection::on_connection_frame(const Frame& frame) {
  if (frame.type == FrameType::kHeartbeat) return {};
  uint32_t key = key_of(frame);
  bool closes = key == method_key(ConnectionClose::kId) || key == method_key(ConnectionCloseOk::kId);
  if (state_ == State::kClosing && !closes) return {};
  if (frame.type != FrameType::kMethod) return connection_fault(ReplyCode::kUnexpectedFrame, "content on channel 0");
  if (closes) {
    if (key == method_key(ConnectionClose::kId)) {
      flush();
      link_.send(0, ConnectionCloseOk{});
    }
    return finish(), Outcome{};
  }
  if (state_ == State::kOpen) return on_connection_method(frame.payload);
  auto open = handshake_.on_method(frame.payload);
  if (!open) return std::unexpected(std::move(open.error()));
  if (*open) opened();
  return {};
}

void Connection::opened() {
  state_ = State::kOpen;
  link_.wrote = true;
  if (link_.publishers_blocked) say_blocked();
  schedule();
}

Outcome Connection::on_connection_method(ByteView payload) {
  Reader in(payload);
  uint32_t key = in.be<uint32_t>();
  if (key == method_key(ConnectionUpdateSecret::kId))
    return connection_fault(ReplyCode::kNotImplemented, "connection.update-secret is not supported");
  return connection_fault(ReplyCode::kCommandInvalid,
                          fmt::format("method {}.{} on channel 0 of an open connection", key >> 16, key & 0xffff));
}

Outcome Connection::on_channel_frame(Channel& target, const Frame& frame) {
  uint32_t key = key_of(frame);
  if (key == method_key(ChannelClose::kId)) {
    target.close();
    link_.send(frame.channel, ChannelCloseOk{});
    forget_channel(frame.channel);
    return {};
  }
  if (key == method_key(ChannelCloseOk::kId)) {
    if (target.closing()) forget_channel(frame.channel);
    return {};
  }
  return target.closing() ? Outcome{} : target.on_frame(frame);
}

Outcome Connection::open_channel(const Frame& frame) {
  uint32_t key = key_of(frame);
  if (key == method_key(ChannelCloseOk::kId)) return {};  // the answer to a close that crossed the client's own
  if (key != method_key(ChannelOpen::kId))
    return connection_fault(ReplyCode::kChannelError, fmt::format("channel {} is not open", frame.channel));
  if (frame.channel > handshake_.channel_max())
    return connection_fault(ReplyCode::kNotAllowed, fmt::format("channel {} is above channel_max = {}", frame.channel,
                                                                handshake_.channel_max()));
  if (link_.host.memory_exhausted() && frame.channel > kChannelsWhenShort)
    return connection_fault(ReplyCode::kResourceError, "no more channels while memory is short");
  if (frame.channel >= channels_.size()) channels_.resize(size_t{frame.channel} + 1);
  channels_[frame.channel] = std::make_unique<Channel>(link_, frame.channel, ++incarnations_);
  link_.held_bytes += kChannelBytes;
  link_.send(frame.channel, ChannelOpenOk{});
  return {};
}

void Connection::forget_channel(uint16_t number) {
  channels_[number].reset();
  link_.held_bytes -= kChannelBytes;
}

void Connection::raise(uint16_t number, const Fault& fault) {
  if (state_ == State::kClosing || state_ == State::kClosed) return;
  if (fault.scope == Scope::kChannel && number != 0)
    close_channel(number, fault);
  else
    close_connection(fault);
}

void Connection::close_channel(uint16_t number, const Fault& fault) {
  Channel* target = channel(number);
  if (!target || target->closing()) return;
  target->close();
  link_.send(number,
             ChannelClose{static_cast<uint16_t>(fault.code), fault.text(), handling_.of_class, handling_.of_method});
}

void Connection::close_connection(const Fault& fault) {
  bool logging_in = state_ == State::kHandshake;
  bool told = !logging_in || fault.code != ReplyCode::kAccessRefused || link_.client.authentication_failure_close;
  close_reason_ = fmt::format("{} {}", static_cast<int>(fault.code), fault.text());
  if (!told) return finish();  // older clients take a closed socket for refused credentials
  for (auto& target : channels_)
    if (target) target->close();
  state_ = State::kClosing;
  closing_ms_ = link_.host.now().boot_ms;
  link_.send(0,
             ConnectionClose{static_cast<uint16_t>(fault.code), fault.text(), handling_.of_class, handling_.of_method});
  schedule();
}

void Connection::finish(std::string reason) {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  if (close_reason_.empty()) close_reason_ = std::move(reason);
  link_.host.close();
}

void Connection::flush() {
  if (state_ != State::kOpen) return;
  for (auto& target : channels_)
    if (target) target->flush();
}

}  // namespace godwit::protocol::amqp091
