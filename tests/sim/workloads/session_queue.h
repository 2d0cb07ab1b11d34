#pragma once

#include "sim/consuming.h"
#include "sim/workload.h"

namespace godwit::sim {

/// What Service Bus programs do: lock a session and get its messages alone and in order, renew the lock, keep state
/// with it, set messages aside and fetch them by their numbers, let go of the lock or lose it.
class SessionQueue final : public Workload {
 public:
  explicit SessionQueue(Run& run);
  void drain(SimClient& client) override;

 protected:
  void set_up(SimClient& client) override { declare(client, "sessions", settings()); }
  void act(Program& program) override;
  void forget(Program& program, bool) override { let_go(index_of(program)); }
  void restarted() override;

 private:
  static constexpr int64_t kLockMs = 600;
  static constexpr int64_t kDeferredLeaseMs = 200;
  static constexpr int64_t kTimersMs = 100;  ///< what is due is not done at once
  struct Message {
    enum class Where : uint8_t { kQueued, kDeferred, kUnsure };
    std::string group;
    std::optional<Offset> offset;
    Where where = Where::kQueued;
    int64_t leased_until = 0;  ///< whom it was given by its number has it until then
    uint64_t returning = 0;    ///< the number of the call that gives it back and is not answered yet
  };
  struct Lock {
    uint32_t tag = 0;
    std::string group;  ///< empty until it is known which was free
    int64_t until = 0;  ///< at least
    bool attached = false;
    std::deque<std::string> held;
  };
  static model::QueueSettings settings() { return {.ordering = model::Ordering::kSessions, .lease_ms = kLockMs}; }
  void send(Program& program);
  void lock(Program& program);
  void locked(size_t index, uint32_t tag, const Result<model::Attached>& reply);
  void settle(Program& program, Lock& lock);
  void keep_lock(Program& program, Lock& lock);
  void release(Program& program, const Lock& lock);
  void receive_deferred(Program& program);
  void accept_deferred(Program& program, const std::string& body, Offset offset, uint32_t attempt);
  void on_notice(size_t index, const broker::Notice& notice);
  void take(size_t index, const std::string& body, Offset offset, uint32_t failed);
  void check_alone(size_t index);
  /// Locks whose time is over: somebody else may have them.
  void expire_locks();
  void let_go(size_t index);
  bool lasts(const Lock& lock) const { return lock.until > run_.world.now().boot_ms; }
  void drain_deferred(SimClient& client);

  OffsetOracle offsets_{run_.verdict};
  QueueOracle oracle_{"sessions", run_.verdict};
  Target target_{.oracle = &oracle_, .queue = "sessions"};
  std::map<std::string, Message> messages_;
  std::map<Offset, std::string> deferred_ever_;
  std::vector<std::optional<Lock>> locks_;  ///< by program
  uint64_t settles_ = 0;
  struct State {
    uint32_t sent = 0;
    uint32_t acked = 0;
  };
  std::map<std::string, State> states_;  ///< by group
};

}  // namespace godwit::sim
