#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/session_port.h"
#include "runtime/linux/epoll_loop.h"
#include "runtime/linux/tcp.h"
#include "server/inbox.h"
#include "server/outbox.h"
#include "server/protocol.h"

namespace godwit::server {

class WorkerConnections;

/// One socket and its session, on one worker. Bytes go to the session as they arrive, as long as it wants them; what it
/// writes is sent at the end of the worker's turn.
class Connection final : public broker::Connection, public runtime::Watcher {
 public:
  Connection(WorkerConnections& home, uint64_t number, runtime::UniqueFd socket, runtime::Endpoint peer,
             const Protocol& protocol);

  /// Opens the session; the connection may be gone when this returns.
  void open();
  /// The broker stops: the session says good-bye, and the connection ends when that is sent.
  void say_goodbye();
  /// Ends now, whatever is unsent. `reason` is logged.
  void drop(std::string_view reason);

  void on_ready(Ready ready) override;
  void session_changed() override;
  size_t unsent_bytes() const override { return outbox_.bytes(); }
  size_t unread_bytes() const override { return inbox_.capacity(); }

  uint64_t number() const { return number_; }
  const runtime::Endpoint& peer() const { return peer_; }
  const Protocol& protocol() const { return protocol_; }
  uint64_t received_bytes() const { return received_bytes_; }
  uint64_t sent_bytes() const { return sent_bytes_; }
  int64_t opened_ms() const { return opened_ms_; }
  bool has_session() const { return port_ != nullptr; }
  std::string describe() const;

 private:
  void read();
  void receive();
  void feed(ByteView bytes);
  void read_soon();
  /// True while there is no memory for more of what is arriving.
  bool starved() const;
  bool unfinished() const;
  /// A session that has paused would not read that its peer has closed, and keep what it holds for it.
  bool ended_while_paused() const;
  void watch_end();
  void check_end();
  void watch_unfinished();
  void check_unfinished();
  void flush();
  void linger();
  void discard();
  void close_session(std::string_view reason);
  void check_handshake();

  // Constant after construction.
  WorkerConnections& home_;
  const uint64_t number_;
  runtime::UniqueFd socket_;
  const runtime::Endpoint peer_;
  const Protocol& protocol_;
  int64_t opened_ms_ = 0;

  broker::SessionPort* port_ = nullptr;  ///< null once the session is closed
  Inbox inbox_;
  Outbox outbox_;
  uint64_t received_bytes_ = 0;
  uint64_t sent_bytes_ = 0;
  bool readable_ = false;  ///< the socket may have more
  bool ended_ = false;     ///< the peer sends no more after what it has sent
  bool stalled_ = false;   ///< the session paused with bytes of the inbox left
  bool read_posted_ = false;
  bool write_blocked_ = false;  ///< the socket takes no more for now
  bool crowded_ = false;        ///< the session may have stopped writing
  bool closing_ = false;        ///< the session has closed; output may be left
  bool stopping_ = false;       ///< the broker stops
  bool gone_ = false;
  bool unfinished_watched_ = false;
  uint64_t ended_from_ = 0;       ///< received_bytes_ when the end was last looked at
  uint64_t unfinished_from_ = 0;  ///< received_bytes_ when what is unfinished was last looked at
  int unfinished_misses_ = 0;
};

}  // namespace godwit::server
