#pragma once

#include "sim/consuming.h"
#include "sim/workload.h"

namespace godwit::sim {

/// Messages with times: they expire, by the queue's setting or their own, or are delivered later. What expires is a
/// dead letter.
class TimedQueue final : public Workload {
 public:
  explicit TimedQueue(Run& run);
  void drain(SimClient& client) override;

 protected:
  void set_up(SimClient& client) override;
  void act(Program& program) override;
  void forget(Program& program, bool) override { consuming_[index_of(program)].forget(); }
  void restarted() override;

 private:
  struct Times {
    std::optional<int64_t> expires_at_ms;
    std::optional<int64_t> deliver_at_ms;
  };
  void send(Program& program);
  void check_times(const broker::Delivery& delivery);

  OffsetOracle offsets_{run_.verdict};
  QueueOracle oracle_{"timed", run_.verdict};
  QueueOracle dead_oracle_{"timed-dead", run_.verdict};
  Target target_{.oracle = &oracle_, .queue = "timed", .dead = &dead_oracle_};
  Target dead_{.oracle = &dead_oracle_, .queue = "timed-dead"};
  std::deque<Consuming> consuming_;  ///< by program
  std::map<std::string, Times> times_;
};

/// Queues with a maximum length: one drops from its head, for the dead letters, the other refuses publishers. Messages
/// are taken by calls that settle on delivery.
class LimitedQueues final : public Workload {
 public:
  explicit LimitedQueues(Run& run);
  void drain(SimClient& client) override;

 protected:
  void set_up(SimClient& client) override;
  void act(Program& program) override;
  void forget(Program& program, bool) override;
  void restarted() override;

 private:
  static constexpr uint64_t kLengthMax = 12;
  void send(Program& program, Target& target);
  void receive(Program& program, Target& target);
  void describe(Program& program, Target& target);

  OffsetOracle offsets_{run_.verdict};
  std::deque<QueueOracle> oracles_;
  std::deque<Target> targets_;
  std::map<Target*, Offset> newest_;           ///< received in this life
  std::map<Target*, uint64_t> taking_;         ///< at most, by calls under way
  std::map<Target*, uint64_t> taken_unheard_;  ///< at most, by calls whose answers were lost
  int64_t up_since_ = 0;
  bool late_ = false;  ///< a dead letter that could not be read may come back in a later life
};

}  // namespace godwit::sim
