#include "server/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "broker/worker.h"
#include "server/log.h"
#include "server/worker_connections.h"

namespace godwit::server {
namespace {

/// After the last byte is sent, how long to wait for the peer to close: closing with unread bytes would make the kernel
/// reset the connection and take back the error message the peer has not read yet.
constexpr int64_t kLingerMs = 1'000;
/// How long a session that has paused may take for what its peer sent before it closed: it may pause for ever.
constexpr int64_t kLastBytesMs = 5'000;
/// How long a session that has closed may take to get rid of its output.
constexpr int64_t kCloseMs = 5'000;

}  // namespace

Connection::Connection(WorkerConnections& home, uint64_t number, runtime::UniqueFd socket, runtime::Endpoint peer,
                       const Protocol& protocol)
    : home_(home), number_(number), socket_(std::move(socket)), peer_(std::move(peer)), protocol_(protocol) {}

void Connection::open() {
  opened_ms_ = home_.loop().now().wall_ms;
  port_ = &home_.worker().open_session(
      [this](broker::SessionHost& host) { return protocol_.make_session(host, peer_); }, *this);
  log::debug("connection opened", {{"connection", number_}, {"protocol", protocol_.name}, {"peer", peer_.text()}});
  if (auto watched = home_.loop().watch(socket_.get(), *this); !watched) return drop(watched.error().message);
  home_.after(home_.handshake_timeout_ms(), *this, [](Connection& self) { self.check_handshake(); });
}

void Connection::check_handshake() {
  if (received_bytes_ == 0) drop("nothing was sent in time");
}

void Connection::say_goodbye() {
  if (port_ == nullptr) return;
  stopping_ = true;
  if (port_->session().on_stop())
    home_.worker().touch(*port_);
  else
    port_->close();
}

std::string Connection::describe() const { return port_ == nullptr ? "" : port_->session().describe(); }

void Connection::on_ready(Ready ready) {
  bool ends = ready.ended && !std::exchange(ended_, true);
  if (ready.writable && write_blocked_) {
    write_blocked_ = false;
    flush();
  }
  if (gone_ || !ready.readable) return;
  // What a peer that has gone left half sent would wait for memory that it holds itself.
  if (ended_ && (starved() || ended_while_paused())) return drop("closed by the peer");
  readable_ = true;
  if (port_ == nullptr) return discard();
  read();
  if (!gone_ && ends) watch_end();
}

bool Connection::ended_while_paused() const {
  return port_ != nullptr && port_->paused() && !stalled_ && runtime::at_end(socket_.get());
}

void Connection::watch_end() {
  ended_from_ = received_bytes_;
  home_.after(kLastBytesMs, *this, [](Connection& self) { self.check_end(); });
}

/// Requests that were sent before the end are served as long as that goes on. A session that reads now may pause later.
void Connection::check_end() {
  if (port_ == nullptr) return;
  bool stands = starved() || (port_->paused() && (ended_while_paused() || received_bytes_ == ended_from_));
  stands ? drop("closed by the peer") : watch_end();
}

void Connection::read() {
  if (port_ == nullptr || closing_ || port_->paused() || starved()) return;
  if (stalled_) {
    stalled_ = false;
    feed(inbox_.kept());
  } else if (readable_) {
    receive();
  }
  if (!gone_ && (readable_ || stalled_)) read_soon();
}

void Connection::receive() {
  std::span<uint8_t> shared = home_.receive_buffer();
  if (port_->memory_exhausted()) shared = shared.first(2 * kReceiveBytesMin);
  std::span<uint8_t> room = inbox_.room(shared, port_->session().bytes_wanted());
  runtime::Transfer got = runtime::receive(socket_.get(), room);
  switch (got.outcome) {
    case runtime::Transfer::Outcome::kClosed: return drop("closed by the peer");
    case runtime::Transfer::Outcome::kWouldBlock:
      readable_ = false;
      inbox_.received(0);
      inbox_.take(0);
      return;
    case runtime::Transfer::Outcome::kSome: break;
  }
  received_bytes_ += got.bytes;
  // A read that leaves room has emptied the socket, unless the end is still to be read.
  readable_ = got.bytes == room.size() || ended_;
  feed(inbox_.received(got.bytes));
}

void Connection::feed(ByteView bytes) {
  inbox_.take(port_->on_bytes(bytes));
  stalled_ = inbox_.size() > 0 && port_->paused();
  if (unfinished()) watch_unfinished();
}

bool Connection::starved() const {
  return port_ != nullptr && port_->memory_exhausted() && inbox_.size() >= kReceiveBytesMin && !stalled_;
}

/// Whether the peer owes the rest of something. It owes nothing that the session has left lying.
bool Connection::unfinished() const {
  return port_ != nullptr && ((inbox_.size() > 0 && !stalled_) || port_->session().unfinished());
}

void Connection::watch_unfinished() {
  if (std::exchange(unfinished_watched_, true)) return;
  unfinished_from_ = received_bytes_;
  home_.after(kUnfinishedMs, *this, [](Connection& self) { self.check_unfinished(); });
}

/// A buffer that fills a byte at a time would be held for ever. And when there is no memory left, whatever holds much
/// of it and did not come to its end in time has to make room.
void Connection::check_unfinished() {
  unfinished_watched_ = false;
  if (port_ == nullptr) return;
  bool asked = !port_->paused() && !starved();
  bool slow = asked && received_bytes_ - unfinished_from_ < kUnfinishedBytesMin;
  bool in_the_way = port_->memory_exhausted() && port_->held_bytes() > kReceiveBytesMin;
  if (!unfinished() || (!slow && !in_the_way)) {
    unfinished_misses_ = 0;
    if (unfinished()) watch_unfinished();
    return;
  }
  if (++unfinished_misses_ > 1) return drop(in_the_way ? "memory is short" : "what it began did not come in time");
  watch_unfinished();
}

/// Not at once: the worker's turn comes in between, and the other connections.
void Connection::read_soon() {
  if (read_posted_ || port_ == nullptr || port_->paused() || starved()) return;
  read_posted_ = true;
  home_.post(*this, [](Connection& self) {
    self.read_posted_ = false;
    self.read();
  });
}

void Connection::session_changed() {
  if (gone_ || port_ == nullptr) return;
  flush();
  if (!gone_ && (readable_ || stalled_)) read_soon();
}

void Connection::flush() {
  if (port_ != nullptr && !port_->output().empty()) outbox_.add(port_->output().take());
  size_t before = outbox_.bytes();
  if (before > 0 && !write_blocked_) {
    if (!outbox_.send(socket_.get())) return drop("the connection broke");
    sent_bytes_ += before - outbox_.bytes();
    write_blocked_ = !outbox_.empty();
  }
  if (port_ == nullptr) return;
  port_->account();
  if (port_->closing()) {
    if (!std::exchange(closing_, true))
      home_.after(kCloseMs, *this, [](Connection& self) { self.drop("closing took too long"); });
    if (outbox_.empty()) linger();
    return;
  }
  // A session that has seen much unsent may have stopped writing: say so when there is room again.
  crowded_ |= before >= kSessionOutputBytesMin || !outbox_.empty();
  if (!crowded_ || outbox_.bytes() == before || port_->output_full()) return;
  crowded_ = !outbox_.empty();
  port_->on_writable();
}

/// Everything is sent: no more from here, and the peer closes.
void Connection::linger() {
  close_session(stopping_ ? "the broker stops" : "closed by the client");
  ::shutdown(socket_.get(), SHUT_WR);
  home_.after(kLingerMs, *this, [](Connection& self) { self.drop(""); });
  discard();
}

void Connection::discard() {
  while (true) {
    runtime::Transfer got = runtime::receive(socket_.get(), home_.receive_buffer());
    if (got.outcome == runtime::Transfer::Outcome::kClosed) return drop("");
    if (got.outcome == runtime::Transfer::Outcome::kWouldBlock) return;
  }
}

void Connection::close_session(std::string_view reason) {
  if (port_ == nullptr) return;
  // What the session has to say comes first: the peer may have closed because it was told the same.
  std::string fault = port_->session().close_reason();
  // Requests of the command line and of a monitor's are a connection each.
  log::Level level = protocol_.name == "http"     ? log::Level::kDebug
                     : fault.empty() || stopping_ ? log::Level::kInfo
                                                  : log::Level::kWarn;
  log::event(level, "connection closed",
             {{"connection", number_},
              {"protocol", protocol_.name},
              {"peer", peer_.text()},
              {"client", port_->session().describe()},
              {"reason", fault.empty() ? reason : fault}});
  SessionId id = port_->id();
  port_ = nullptr;
  home_.worker().close_session(id);
}

void Connection::drop(std::string_view reason) {
  if (std::exchange(gone_, true)) return;
  close_session(reason);
  home_.loop().unwatch(socket_.get(), *this);
  home_.retire(*this);
}

}  // namespace godwit::server
