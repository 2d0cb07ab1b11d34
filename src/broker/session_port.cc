#include "broker/session_port.h"

#include <algorithm>

#include "broker/worker.h"

namespace godwit::broker {

SessionPort::SessionPort(Worker& worker, SessionId id, Connection& connection)
    : worker_(worker),
      id_(id),
      connection_(connection),
      principal_(std::make_shared<Principal>(Principal{"", false})) {}

void SessionPort::submit(RequestId request, Command command) {
  // What may leave something behind is remembered for the day the connection is lost.
  if (auto* attach = std::get_if<model::Attach>(&command)) remember(attach->ledger);
  if (auto* receive = std::get_if<model::Receive>(&command)) remember(receive->ledger);
  if (auto* wait = std::get_if<model::AwaitData>(&command)) waits_[request] = wait->partition;
  worker_.submit({id_, request, principal_, std::move(command)});
}

void SessionPort::remember(LedgerId ledger) {
  if (!ledgers_.insert(ledger).second || ledgers_.size() < ledgers_looked_at_) return;
  std::erase_if(ledgers_, [&](LedgerId known) { return !catalog().queue(known.queue); });
  ledgers_looked_at_ = std::max(kLedgersUnlooked, 2 * ledgers_.size());
}

const model::CatalogView& SessionPort::catalog() const { return worker_.catalog().view(); }
model::Now SessionPort::now() const { return worker_.now(); }
size_t SessionPort::unsent_bytes() const { return output_.size() + connection_.unsent_bytes(); }
size_t SessionPort::grant(size_t wanted, size_t least) const { return worker_.memory().grant(wanted, least); }

bool SessionPort::memory_exhausted() {
  account();  // one read may bring much that takes memory, before a turn ends
  return worker_.memory_exhausted();
}

void SessionPort::account(size_t held_bytes) {
  worker_.memory().add(Memory::Use::kConnections, static_cast<int64_t>(held_bytes - held_bytes_));
  held_bytes_ = held_bytes;
}

void SessionPort::set_principal(Principal principal) {
  principal_ = std::make_shared<const Principal>(std::move(principal));
}

void SessionPort::close() {
  closing_ = true;
  worker_.touch(*this);
}

/// A timer that is put off, as those of idle connections are with every request, stays one timer: the armed one fires
/// at its old time, and only then goes on to the new one.
void SessionPort::set_timer(int64_t boot_ms) {
  timer_due_ms_ = boot_ms;
  if (boot_ms < timer_armed_ms_) arm_timer(boot_ms);
}

void SessionPort::arm_timer(int64_t boot_ms) {
  timer_armed_ms_ = boot_ms;
  uint64_t generation = ++timer_generation_;
  // The port may be gone by then: look it up again.
  worker_.call_at(boot_ms, [&worker = worker_, id = id_, generation] {
    if (SessionPort* port = worker.session(id)) port->fire_timer(generation);
  });
}

void SessionPort::fire_timer(uint64_t generation) {
  if (generation != timer_generation_ || closing_) return;
  timer_armed_ms_ = INT64_MAX;
  if (worker_.now().boot_ms < timer_due_ms_) return arm_timer(timer_due_ms_);
  session_->on_timer();
  worker_.touch(*this);
}

size_t SessionPort::on_bytes(ByteView in) {
  if (closing_) return in.size();
  size_t taken = session_->on_bytes(in);
  worker_.touch(*this);
  return taken;
}

void SessionPort::on_writable() {
  if (closing_) return;
  session_->on_writable();
  worker_.touch(*this);
}

bool SessionPort::paused() const { return closing_ || session_->paused(); }

void SessionPort::on_reply(RequestId request, Reply reply) {
  waits_.erase(request);
  if (closing_) return;
  session_->on_reply(request, std::move(reply));
  worker_.touch(*this);
}

void SessionPort::on_notice(Notice notice) {
  if (closing_) return;
  session_->on_notice(std::move(notice));
  worker_.touch(*this);
}

}  // namespace godwit::broker
