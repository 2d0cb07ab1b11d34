#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>

#include "broker/session.h"
#include "protocol/amqp091/appends.h"
#include "protocol/amqp091/data_waits.h"
#include "protocol/amqp091/fault.h"
#include "protocol/amqp091/names.h"
#include "protocol/amqp091/options.h"
#include "protocol/amqp091/wire/frame.h"

namespace godwit::protocol::amqp091 {

class Consumer;

/// What a client said it understands in connection.start-ok.
struct ClientCapabilities {
  bool consumer_cancel_notify = false;
  bool connection_blocked = false;
  bool authentication_failure_close = false;
};

/// What the parts of one connection share. Outlives all of them.
struct Link {
  Link(broker::SessionHost& session_host, const Options& listener_options)
      : host(session_host), options(listener_options), names(options.seed, host.id().value) {}

  broker::SessionHost& host;
  const Options& options;
  NameSource names;
  broker::Calls calls;
  Appends appends;
  DataWaits data_waits;
  std::string user;
  std::string vhost;
  std::string space;  ///< the namespace that `vhost` stands for
  ClientCapabilities client;
  uint32_t frame_max = kFrameBytesBeforeTune;
  bool publishers_blocked = false;
  bool wrote = false;                                 ///< since the last heartbeat tick
  std::unordered_map<uint32_t, Consumer*> consumers;  ///< attached ones, by the broker's consumer tag
  size_t held_bytes = 0;                              ///< of messages that are arriving, channels and consumers
  uint32_t unfinished = 0;                            ///< messages that are arriving
  uint32_t next_tag = 1;
  uint64_t next_unanswered = 1;
  /// Closes the channel or the connection; for faults that no method of the client is being handled for.
  std::function<void(uint16_t channel, Fault fault)> raise;

  ByteVec& out() {
    wrote = true;
    return host.output().buffer();
  }
  template <class M>
  void send(uint16_t channel, const M& method) {
    write_method(channel, method, out());
  }
  ConsumerTag new_tag() { return ConsumerTag(next_tag++); }
  /// Submits a command whose reply nobody waits for.
  template <class C>
  void submit(C command) {
    host.submit(kUnansweredBit | next_unanswered++, std::move(command));
  }
  model::Name name(std::string_view text) const { return {space, std::string(text)}; }

  /// Ids of requests: the calls count from 1, appends and those without an interested reply have a bit of their own.
  static constexpr broker::RequestId kUnansweredBit = uint64_t{1} << 62;
};

/// Bytes that count as the session's memory while this lives.
class Held {
 public:
  explicit Held(Link& link) : link_(link) {}
  ~Held() { change(0); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  size_t bytes() const { return bytes_; }
  void change(size_t bytes) { link_.held_bytes += bytes - std::exchange(bytes_, bytes); }

 private:
  Link& link_;
  size_t bytes_ = 0;
};

}  // namespace godwit::protocol::amqp091
