#pragma once

#include <memory>
#include <vector>

#include "base/ids.h"
#include "broker/api.h"
#include "broker/session.h"

namespace godwit::broker {

/// A command on its way to the owner of its shard, with the way back.
struct Envelope {
  SessionId session;
  RequestId request = 0;
  std::shared_ptr<const Principal> principal;
  Command command;
};

struct ReplyEnvelope {
  SessionId session;
  RequestId request = 0;
  Reply reply;
};

struct NoticeEnvelope {
  SessionId session;
  Notice notice;
};

/// What one worker sends another in a turn: handled in this order.
struct Mail {
  std::vector<Envelope> commands;
  std::vector<ReplyEnvelope> replies;
  std::vector<NoticeEnvelope> notices;
  bool empty() const { return commands.empty() && replies.empty() && notices.empty(); }
};

/// The worker a session lives on; numbers 1.. below it are sessions, 0 is the worker itself.
inline WorkerId worker_of(SessionId session) { return WorkerId(static_cast<uint16_t>(session.value >> 48)); }
inline SessionId make_session_id(WorkerId worker, uint64_t n) {
  return SessionId((static_cast<uint64_t>(worker.value) << 48) | n);
}
inline bool is_worker_itself(SessionId session) { return (session.value & ((1ULL << 48) - 1)) == 0; }

}  // namespace godwit::broker
