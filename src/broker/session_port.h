#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "broker/session.h"

namespace godwit::broker {

class Worker;

/// The socket's side of a session: told when there is something to do. Called on the session's worker, at the end of a
/// turn; it may call back into the port.
class Connection {
 public:
  virtual ~Connection() = default;
  /// The session wrote output, or may read again.
  virtual void session_changed() = 0;
  /// Bytes taken from the output and not yet taken by the peer.
  virtual size_t unsent_bytes() const = 0;
  /// Bytes received and not yet taken by the session.
  virtual size_t unread_bytes() const { return 0; }
};

/// A session's host on its worker. The connection feeds it bytes; it keeps what the session has open with the broker,
/// so that a lost connection leaves nothing behind.
class SessionPort final : public SessionHost {
 public:
  SessionPort(Worker& worker, SessionId id, Connection& connection);

  // The session's side.
  void submit(RequestId id, Command command) override;
  const model::CatalogView& catalog() const override;
  model::Now now() const override;
  size_t unsent_bytes() const override;
  size_t grant(size_t wanted, size_t least) const override;
  bool memory_exhausted() override;
  Output& output() override { return output_; }
  SessionId id() const override { return id_; }
  void set_principal(Principal principal) override;
  void close() override;
  void set_timer(int64_t boot_ms) override;

  // The connection's side.
  Session& session() { return *session_; }
  /// Feeds received bytes; returns how many were taken.
  size_t on_bytes(ByteView in);
  void on_writable();
  bool paused() const;
  bool closing() const { return closing_; }
  Connection& connection() { return connection_; }

  // The worker's side.
  void start(std::unique_ptr<Session> session) { session_ = std::move(session); }
  void on_reply(RequestId id, Reply reply);
  void on_notice(Notice notice);
  /// Ledgers on which a consumer or a lease of this session may exist.
  const std::set<LedgerId>& ledgers() const { return ledgers_; }
  /// Partitions where this session waits for data, by request.
  const std::map<RequestId, PartitionId>& waits() const { return waits_; }
  /// Counts what the connection and its session hold against the worker's memory.
  void account() { account(session_->held_bytes() + unsent_bytes() + connection_.unread_bytes()); }
  void account(size_t held_bytes);
  size_t held_bytes() const { return held_bytes_; }
  bool touched = false;

 private:
  void remember(LedgerId ledger);
  void arm_timer(int64_t boot_ms);
  void fire_timer(uint64_t generation);

  Worker& worker_;
  SessionId id_;
  Connection& connection_;
  std::unique_ptr<Session> session_;
  std::shared_ptr<const Principal> principal_;
  Output output_;
  /// Ledgers of deleted queues are looked for when this many are known, and then at twice as many as were left.
  static constexpr size_t kLedgersUnlooked = 16;
  std::set<LedgerId> ledgers_;
  size_t ledgers_looked_at_ = kLedgersUnlooked;
  std::map<RequestId, PartitionId> waits_;
  size_t held_bytes_ = 0;  ///< as last counted
  bool closing_ = false;
  int64_t timer_due_ms_ = 0;            ///< what the session asked for
  int64_t timer_armed_ms_ = INT64_MAX;  ///< what the loop will call at; INT64_MAX: nothing
  uint64_t timer_generation_ = 0;       ///< of the armed one
};

}  // namespace godwit::broker
