#pragma once

#include <array>

#include "sim/workload.h"
#include "sim/workloads/owned_life.h"

namespace godwit::sim {

/// What AMQP programs do with queues of their own: declare them exclusive, or to be deleted with their last consumer,
/// bind, publish, consume, and lose the connection. A queue ends with whom it belongs to, and its bindings with it; not
/// before, and nobody else gets at it. Its name is free then, for a queue with other settings.
class OwnedQueues final : public Workload {
 public:
  explicit OwnedQueues(Run& run);
  void drain(SimClient& client) override;

 protected:
  void set_up(SimClient& client) override;
  void act(Program& program) override;
  void forget(Program& program, bool broker) override;
  void restarted() override;

 private:
  static constexpr size_t kNames = 3;
  OwnedLife& life_of(const model::QueueInfo& queue);
  model::DeclareQueue any_declaration(size_t name);
  void declare_any(Program& program, size_t name, const OwnedLife* life);
  /// `lived`: which one did when it was asked.
  void declared(const model::DeclareQueue& wanted, QueueId lived, SessionId session,
                const Result<model::QueueDeclared>& reply);
  void use(Program& program, OwnedLife& life);
  void intrude(Program& program, OwnedLife& life);
  void send(Program& program, OwnedLife& life);
  void attach(Program& program, OwnedLife& life);
  void detach(Program& program, OwnedLife& life);
  void bind(Program& program, OwnedLife& life);
  void remove(Program& program, OwnedLife& life);
  void on_notice(Program& program, const broker::Notice& notice);
  void take(Program& program, OwnedLife& life, const broker::Delivery& delivery);
  void settle(Program& program, OwnedLife& life, uint32_t tag);
  void refused(const OwnedLife& life, SessionId by, const char* what, const Error& error);
  /// What a worker's catalog says now, against what is known of each life.
  void look(SimClient& client);
  void look_at_bindings(SimClient& client);
  void drain_one(SimClient& client, OwnedLife& life);
  int64_t now() const { return run_.world.now().boot_ms; }

  std::deque<OwnedLife> lives_;
  std::map<QueueId, OwnedLife*> by_id_;
  std::vector<SessionId> sessions_;  ///< by program: its connection's, 0 before it does anything
  struct Deleting {
    uint64_t calls = 0;         ///< under way
    int64_t unheard_until = 0;  ///< until then one that nobody heard of may have met a queue
  };
  std::array<Deleting, kNames> deleting_{};
};

}  // namespace godwit::sim
