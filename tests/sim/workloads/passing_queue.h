#pragma once

#include "sim/workload.h"

namespace godwit::sim {

/// A queue that is purged, deleted and declared anew while it is used. Each of its lives has messages of its own; what
/// was purged, or went with a life, does not come back.
class PassingQueue final : public Workload {
 public:
  explicit PassingQueue(Run& run);
  void drain(SimClient& client) override;

 protected:
  void set_up(SimClient& client) override;
  void act(Program& program) override;
  void forget(Program& program, bool) override;
  void restarted() override;

 private:
  struct Life {
    Life(LedgerId id, Verdict& verdict) : ledger(id), oracle("passing", verdict) {}
    LedgerId ledger;
    QueueOracle oracle;
    std::map<std::string, bool> confirmed;  ///< every message; whether that is so
    std::map<std::string, int64_t> purged;  ///< when that was answered
    int64_t purge_ms = -1;                  ///< when the last purge was sent
    uint64_t taking = 0;                    ///< at most, by calls under way
    uint64_t taken_unheard = 0;
    bool everywhere = false;  ///< its declaration was answered: every worker knows it
    bool deleting = false;
    std::optional<int64_t> deleted_ms;
  };
  Life& life_of(const model::QueueInfo& queue);
  void send(Program& program, Life& life);
  void receive(Program& program, Life& life);
  void consume(Program& program, Life& life);
  void purge(Program& program, Life& life);
  void remove(Program& program, Life& life);
  void add(Program& program);
  void delivered(Life& life, const std::string& body, uint32_t failed);
  void on_notice(Program& program, const broker::Notice& notice);
  void refused(const Life& life, const char* what, const Error& error);
  int64_t now() const { return run_.world.now().boot_ms; }

  std::deque<Life> lives_;
  std::map<QueueId, Life*> by_id_;
  bool changing_ = false;  ///< the first program, which alone does, deletes or declares
  int64_t forgot_ms_ = -1;
};

}  // namespace godwit::sim
