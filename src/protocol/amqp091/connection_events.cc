#include <fmt/format.h>

#include "protocol/amqp091/connection.h"
#include "protocol/amqp091/wire/connection_methods.h"

/// What reaches a connection from the broker and the clock.
namespace godwit::protocol::amqp091 {
namespace {

/// How often an open connection without heartbeats gives back memory it keeps for speed.
constexpr int64_t kIdleTickMs = 30'000;

}  // namespace

void Connection::on_reply(broker::RequestId id, broker::Reply reply) {
  if (id & Appends::kBit) return on_appended(id, reply);
  if (id & Link::kUnansweredBit) return;
  handling_ = {};
  link_.calls.on_reply(id, std::move(reply));
}

void Connection::on_appended(broker::RequestId id, const broker::Reply& reply) {
  const Appends::Slot& slot = link_.appends.finish(id);
  // A topic that was deleted meanwhile is like no queue at all: the message had nowhere to go. One that is still there
  // has a partition so new that its owner does not know it yet: the message is not stored.
  bool gone = !reply && reply.error().code == ErrorCode::kNotFound && !link_.host.catalog().topic(slot.topic);
  bool ok = reply || gone;
  Channel* target = channel(slot.channel);
  bool same = target && target->incarnation() == slot.incarnation && !target->closing();
  uint32_t refused = reply ? std::get<model::Appended>(*reply).refused : 0;
  if (same && state_ == State::kOpen) target->on_appended(slot.publishes, ok, refused);
  link_.appends.recycle(id);
}

void Connection::on_notice(broker::Notice notice) {
  if (auto* blocked = std::get_if<broker::PublishersBlocked>(&notice)) return on_blocked(*blocked);
  if (state_ != State::kOpen) return;
  handling_ = {};
  auto consumer = [this](ConsumerTag tag) -> Consumer* {
    auto it = link_.consumers.find(tag.value);
    return it == link_.consumers.end() ? nullptr : it->second;
  };
  if (auto* delivery = std::get_if<broker::Delivery>(&notice)) {
    if (Consumer* to = consumer(delivery->tag)) to->on_delivery(delivery->messages);
  } else if (auto* returned = std::get_if<broker::CreditReturned>(&notice)) {
    if (Consumer* to = consumer(returned->tag)) to->on_credit_returned(returned->ledger, returned->credit);
  } else if (auto* ready = std::get_if<broker::ReadyNotice>(&notice)) {
    if (Consumer* to = consumer(ready->tag)) to->on_ready(ready->ledger);
  } else if (auto* grown = std::get_if<broker::TopicGrown>(&notice)) {
    const model::TopicInfo* topic = link_.host.catalog().topic(grown->topic);
    if (!topic) return;
    for (auto& [tag, to] : link_.consumers) to->on_grown(*topic);
  } else if (auto* cancelled = std::get_if<broker::ConsumerCancelled>(&notice)) {
    Consumer* gone = consumer(cancelled->tag);
    Channel* target = gone ? channel(gone->channel()) : nullptr;
    if (target) target->on_cancelled(*gone);
  }
}

/// A connection that is not open yet is told when it is.
void Connection::on_blocked(const broker::PublishersBlocked& notice) {
  link_.publishers_blocked = notice.blocked;
  blocked_reason_ = notice.reason;
  if (state_ == State::kOpen) say_blocked();
}

void Connection::say_blocked() {
  if (!link_.client.connection_blocked) return;
  if (link_.publishers_blocked)
    link_.send(0, ConnectionBlocked{.reason = blocked_reason_});
  else
    link_.send(0, ConnectionUnblocked{});
}

void Connection::on_writable() {
  if (state_ != State::kOpen) return;
  for (auto& target : channels_)
    if (target && !target->closing()) target->resume();
}

void Connection::schedule() {
  const Options& options = link_.options;
  int64_t now = link_.host.now().boot_ms;
  switch (state_) {
    case State::kHeader:
    case State::kHandshake: return link_.host.set_timer(opened_ms_ + options.handshake_ms);
    case State::kClosing: return link_.host.set_timer(closing_ms_ + kCloseWaitMs);
    case State::kOpen: {
      int64_t half_ms = handshake_.heartbeat_s() * int64_t{500};
      return link_.host.set_timer(now + (half_ms > 0 ? half_ms : kIdleTickMs));
    }
    case State::kClosed: return;
  }
}

void Connection::on_timer() {
  int64_t now = link_.host.now().boot_ms;
  if (state_ == State::kHeader || state_ == State::kHandshake) {
    if (now >= opened_ms_ + link_.options.handshake_ms) return finish("not signed in in time");
  } else if (state_ == State::kClosing) {
    if (now >= closing_ms_ + kCloseWaitMs) return finish();
  } else if (state_ == State::kOpen) {
    int64_t heartbeat_ms = handshake_.heartbeat_s() * int64_t{1000};
    // Two intervals without a byte: the peer is gone, and nobody is there to be told. Spec: AMQP 0-9-1, 4.2.7.
    if (heartbeat_ms > 0 && !paused() && now - last_read_ms_ > 2 * heartbeat_ms)
      return finish(fmt::format("missed heartbeats: nothing came for {} s", (now - last_read_ms_) / 1000));
    if (heartbeat_ms > 0 && !link_.wrote) write_heartbeat(link_.out());
    link_.wrote = false;
    for (auto& target : channels_)
      if (target) target->trim();
  }
  schedule();
}

bool Connection::on_stop() {
  if (state_ != State::kOpen) return state_ == State::kClosing;
  handling_ = {};
  flush();
  close_connection({Scope::kConnection, ReplyCode::kConnectionForced, "the broker is shutting down"});
  return true;
}

void Connection::on_closed() {
  state_ = State::kClosed;
  link_.calls.clear();
  link_.consumers.clear();
}

std::string Connection::describe() const {
  return fmt::format("amqp091 user={} vhost={} client=\"{}\"", link_.user, link_.vhost, handshake_.client());
}

}  // namespace godwit::protocol::amqp091
