#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "model/commands/catalog.h"
#include "sim/oracle.h"

namespace godwit::sim {

/// One life of a queue that is exclusive, or deleted with its last consumer, or both, from its declaration to its end.
class OwnedLife {
 public:
  struct Consumer {
    size_t program = 0;
    bool sure = false;  ///< that it is attached was answered
    std::deque<std::pair<std::string, Offset>> held;
  };
  enum class Bound : uint8_t { kNo, kUnsure, kYes };

  OwnedLife(const model::QueueInfo& info, size_t number, Verdict& verdict)
      : ledger{info.id, {info.topic, 0}},
        name(number),
        settings(info.settings),
        owner(info.exclusive_session),
        oracle(info.name.text, verdict) {}

  const LedgerId ledger;
  const size_t name;
  const model::QueueSettings settings;
  const SessionId owner;  ///< 0: it is anybody's
  QueueOracle oracle;

  bool everywhere = false;  ///< its declaration was answered: every worker knows it
  bool ending = false;      ///< it may end, or have ended
  bool gone = false;        ///< a worker knew it no more
  bool consumed = false;    ///< it surely had a consumer since the broker started
  std::optional<int64_t> must_end_ms;
  Bound bound = Bound::kNo;
  std::map<uint32_t, Consumer> consumers;  ///< by tag; perhaps not there yet

  bool is_volatile() const { return settings.exclusive || !settings.durable; }
  bool lives() const { return everywhere && !ending && !gone; }
  bool is_others(SessionId session) const { return settings.exclusive && owner != session; }

  void attaching(uint32_t tag, size_t program);
  void leaves(uint32_t tag, int64_t now_ms);
  /// The connection with that session, of that program, is lost.
  void lost(SessionId session, size_t program, int64_t now_ms);
  /// The broker was restarted and still knows it.
  void survived();
  /// What somebody must be told who declares it again while it lives; nothing: all is well.
  std::optional<ErrorCode> told(const model::DeclareQueue& wanted, SessionId session) const;

 private:
  void consumer_left(int64_t now_ms);
};

}  // namespace godwit::sim
