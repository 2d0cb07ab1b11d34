#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/session.h"
#include "protocol/amqp091/channel.h"
#include "protocol/amqp091/handshake.h"
#include "protocol/amqp091/link.h"

namespace godwit::protocol::amqp091 {

/// One AMQP 0-9-1 connection: frames in, frames and commands out. Wire: docs/protocols/amqp091.md.
class Connection final : public broker::Session {
 public:
  /// `options` outlives the connection.
  Connection(broker::SessionHost& host, const Options& options, Authenticate authenticate);

  size_t on_bytes(ByteView in) override;
  size_t bytes_wanted() const override { return wanted_; }
  void on_reply(broker::RequestId id, broker::Reply reply) override;
  void on_notice(broker::Notice notice) override;
  void on_timer() override;
  void on_writable() override;
  bool paused() const override;
  size_t held_bytes() const override { return link_.held_bytes; }
  bool unfinished() const override { return link_.unfinished > 0; }
  bool on_stop() override;
  void on_closed() override;
  std::string close_reason() const override { return close_reason_; }
  std::string describe() const override;

 private:
  enum class State : uint8_t { kHeader, kHandshake, kOpen, kClosing, kClosed };

  size_t take(ByteView in);
  size_t on_header(ByteView in);
  /// False when the frame was not taken.
  bool on_frame(const Frame& frame);
  Outcome on_connection_frame(const Frame& frame);
  Outcome on_connection_method(ByteView payload);
  Outcome on_channel_frame(Channel& channel, const Frame& frame);
  Outcome open_channel(const Frame& frame);
  void stall(const Frame& frame);
  void forget_channel(uint16_t number);
  void opened();
  void raise(uint16_t channel, const Fault& fault);
  void close_channel(uint16_t number, const Fault& fault);
  void close_connection(const Fault& fault);
  /// Closes. `reason`: see close_reason(); of several the first counts.
  void finish(std::string reason = "");
  void flush();
  void schedule();
  Channel* channel(uint16_t number) { return number < channels_.size() ? channels_[number].get() : nullptr; }
  void on_blocked(const broker::PublishersBlocked& notice);
  void say_blocked();
  void on_appended(broker::RequestId id, const broker::Reply& reply);

  Link link_;
  const Authenticate authenticate_;
  Handshake handshake_;
  State state_ = State::kHeader;
  size_t wanted_ = sizeof kProtocolHeader;
  std::vector<std::unique_ptr<Channel>> channels_;  ///< by number, as far as numbers were used
  uint32_t incarnations_ = 0;
  std::optional<Frame> stalled_;  ///< the frame that has to wait, its payload cut to stalled_method_
  std::array<uint8_t, 4> stalled_method_{};
  MethodId handling_;  ///< of the method a fault belongs to
  std::string blocked_reason_;
  std::string close_reason_;
  int64_t last_read_ms_ = 0;
  size_t left_ = 0;  ///< bytes offered and not taken
  int64_t opened_ms_ = 0;
  int64_t closing_ms_ = 0;
};

}  // namespace godwit::protocol::amqp091
