#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "broker/api.h"
#include "model/catalog_view.h"
#include "model/time.h"

namespace godwit::broker {

/// Chosen by the session, unique among its requests under way.
using RequestId = uint64_t;

/// Bytes on their way to a connection: small writes are gathered, large shared ones are passed on without a copy.
class Output {
 public:
  /// Slices below this size are copied: a gather entry costs more than the copy.
  static constexpr size_t kShareBytesMin = 8192;

  /// Where to encode to. Valid until the next call of share().
  ByteVec& buffer() { return buffer_; }
  void share(Slice bytes) {
    if (bytes.size() < kShareBytesMin) {
      buffer_.insert(buffer_.end(), bytes.view().begin(), bytes.view().end());
      return;
    }
    seal();
    pending_ += bytes.size();
    parts_.push_back(std::move(bytes));
  }
  /// Bytes not yet taken by the connection.
  size_t size() const { return pending_ + buffer_.size(); }
  bool empty() const { return size() == 0; }

  /// For the connection: everything written so far, in order.
  std::vector<Slice> take() {
    seal();
    pending_ = 0;
    return std::exchange(parts_, {});
  }

 private:
  void seal() {
    if (buffer_.empty()) return;
    pending_ += buffer_.size();
    parts_.push_back(Slice::take(std::exchange(buffer_, {})));
  }

  ByteVec buffer_;
  std::vector<Slice> parts_;
  size_t pending_ = 0;
};

/// What a session may ask of the broker and its connection. All calls return at once; replies and notices arrive later,
/// never from within a call.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  /// Sends a command to the owner of its shard. on_reply(id, …) follows exactly once, except for Grant.
  virtual void submit(RequestId id, Command command) = 0;
  /// The names, settings and bindings as applied on this worker. A pointer into it is valid until the session returns.
  virtual const model::CatalogView& catalog() const = 0;
  virtual model::Now now() const = 0;
  /// Bytes the peer has not taken yet, including what lies in `output`.
  virtual size_t unsent_bytes() const = 0;
  /// True while no more deliveries shall be written: the peer takes too little. The bound falls from
  /// kSessionOutputBytesMax to kSessionOutputBytesMin as memory fills.
  bool output_full() const {
    size_t unsent = unsent_bytes();
    return unsent >= kSessionOutputBytesMin && unsent >= grant(kSessionOutputBytesMax, kSessionOutputBytesMin);
  }
  /// How much of `wanted` bytes the session may take for buffers now, at least `least`.
  virtual size_t grant(size_t wanted, size_t least) const = 0;
  /// The worker's memory for buffers, with what the session holds by now, is used up: what is whole is handled, nothing
  /// else may grow. Sessions are asked paused() again when that is over.
  virtual bool memory_exhausted() = 0;
  virtual Output& output() = 0;
  /// Identity of this session within the broker (exclusive queues are its own).
  virtual SessionId id() const = 0;
  /// From now on commands run on behalf of this principal.
  virtual void set_principal(Principal principal) = 0;
  /// Sends what was written, then closes. No callback follows.
  virtual void close() = 0;
  /// Calls on_timer at (not before) this boot time; one timer a session, a later call replaces it.
  virtual void set_timer(int64_t boot_ms) = 0;
};

/// One protocol's side of one connection, without sockets: bytes in, commands and bytes out. Lives on one worker.
class Session {
 public:
  virtual ~Session() = default;
  /// Takes what it can of `in` (all bytes received and not yet taken) and returns how many bytes that was; asked again
  /// with more. Whole frames only: the rest stays with the connection. Never buffers unbounded: see bytes_wanted().
  virtual size_t on_bytes(ByteView in) = 0;
  /// How large the connection's receive buffer must be able to grow for on_bytes to make progress, e.g. the size of a
  /// frame whose head has arrived. Bounded by the protocol's frame limit.
  virtual size_t bytes_wanted() const = 0;
  virtual void on_reply(RequestId id, Reply reply) = 0;
  virtual void on_notice(Notice notice) = 0;
  virtual void on_timer() = 0;
  /// The socket took bytes: unsent_bytes() fell.
  virtual void on_writable() = 0;
  /// True while no more bytes shall be read: too much under way.
  virtual bool paused() const = 0;
  /// Bytes of buffers and caches beyond a few KiB, counted against the worker's memory after each call.
  virtual size_t held_bytes() const { return 0; }
  /// True while something has begun to arrive that is no use until the rest is there, and lies in the session.
  virtual bool unfinished() const { return false; }
  /// The broker is about to stop. True: the session has said so to its peer and will close() by itself; it is cut off
  /// if that takes long. False: there is nothing to say, and it is closed as by close().
  virtual bool on_stop() { return false; }
  /// The peer is gone. The host detaches consumers and deletes exclusive queues by itself; no output is sent any more.
  virtual void on_closed() = 0;
  /// For logs: why it closed, where that was not the peer's wish: the protocol's code and text, where it has such.
  virtual std::string close_reason() const { return ""; }
  /// For logs: client name and version, user.
  virtual std::string describe() const = 0;
};

/// Requests under way and what to do with their replies, typed by command:
///   calls_.call(host, Append{…}, [this](Result<Appended> appended) { … });
class Calls {
 public:
  template <class C, class F>
  RequestId call(SessionHost& host, C command, F then) {
    using R = typename C::ReplyType;
    RequestId id = next_++;
    pending_.emplace(id, [then = std::move(then)](Reply reply) mutable {
      if (!reply)
        then(Result<R>(std::unexpected(std::move(reply.error()))));
      else
        then(Result<R>(std::get<R>(std::move(*reply))));
    });
    host.submit(id, std::move(command));
    return id;
  }
  /// True when the reply belonged to a call made here.
  bool on_reply(RequestId id, Reply reply) {
    auto it = pending_.find(id);
    if (it == pending_.end()) return false;
    auto then = std::move(it->second);
    pending_.erase(it);
    then(std::move(reply));
    return true;
  }
  size_t size() const { return pending_.size(); }
  void clear() { pending_.clear(); }

 private:
  RequestId next_ = 1;
  std::unordered_map<RequestId, std::move_only_function<void(Reply)>> pending_;
};

}  // namespace godwit::broker
