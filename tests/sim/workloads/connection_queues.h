#pragma once

#include "sim/consuming.h"
#include "sim/workload.h"

namespace godwit::sim {

/// What AMQP programs do: publish to own queues, consume with credit, accept, give back, fail and reject, leave. One of
/// the queues sends what is rejected to another.
class ConnectionQueues final : public Workload {
 public:
  explicit ConnectionQueues(Run& run);
  void drain(SimClient& client) override;

 protected:
  void set_up(SimClient& client) override;
  void act(Program& program) override;
  void forget(Program& program, bool broker) override;
  void restarted() override;

 private:
  void publish(Program& program);

  OffsetOracle offsets_{run_.verdict};
  std::deque<QueueOracle> oracles_;
  std::deque<Target> targets_;
  std::deque<Consuming> consuming_;                       ///< by program
  std::vector<std::map<std::string, Offset>> published_;  ///< by program: the last confirmed offset of each queue
};

}  // namespace godwit::sim
