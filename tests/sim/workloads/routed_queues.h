#pragma once

#include "sim/consuming.h"
#include "sim/workload.h"

namespace godwit::sim {

/// What AMQP publishers do: a message goes to an exchange, and from there to every queue that is bound so, each of
/// which must have it once all have confirmed. Bindings come and go.
class RoutedQueues final : public Workload {
 public:
  explicit RoutedQueues(Run& run);
  void drain(SimClient& client) override;

 protected:
  void set_up(SimClient& client) override;
  void act(Program& program) override;
  void forget(Program& program, bool) override { consuming_[index_of(program)].forget(); }
  void restarted() override;

 private:
  struct Bound {
    model::Binding binding;
    size_t pattern;
    size_t queue;
    enum class State : uint8_t { kAbsent, kPresent, kUnsure };
    State state = State::kAbsent;
    uint64_t changing = 0;  ///< the number of the change under way
  };
  void change(Program& program, Bound& bound);
  void publish_routed(Program& program);
  void send(Program& program, Target& target, const std::string& body);
  /// What the catalog says after a restart of what was under way.
  void look_up(SimClient& client);

  OffsetOracle offsets_{run_.verdict};
  std::deque<QueueOracle> oracles_;
  std::deque<Target> targets_;
  std::deque<Consuming> consuming_;  ///< by program
  std::vector<Bound> bounds_;
  uint64_t changes_ = 0;
};

}  // namespace godwit::sim
