#pragma once

#include "sim/consuming.h"
#include "sim/workload.h"

namespace godwit::sim {

/// A queue's topic that keeps settled messages for a while, or not at all, with a subscription and a consumer group:
/// nothing goes that one of the queues has not settled, or the group has not passed, that long ago.
class KeptWhile final : public Workload {
 public:
  explicit KeptWhile(Run& run);
  void drain(SimClient& client) override;

 protected:
  void set_up(SimClient& client) override;
  void act(Program& program) override;
  void forget(Program& program, bool broker) override;
  void restarted() override;

 private:
  struct Reader {
    Target target;
    std::map<Offset, int64_t> settled_ms;  ///< when that was first sent
  };
  void send(Program& program);
  void receive(Program& program, Reader& reader);
  void accept(Program& program, Reader& reader, const model::Received& received);
  void commit(Program& program);
  void check_start(Program& program);
  void check_start(Offset start);
  void read_on(Program& program);

  const int64_t kept_ms_;
  OffsetOracle offsets_{run_.verdict};
  std::deque<QueueOracle> oracles_;
  std::deque<Reader> readers_;
  std::map<int64_t, int64_t> positions_ms_;  ///< when the group was first told to be there
  int64_t position_sent_ = 0;
  int64_t position_acked_ = 0;
  int64_t forgot_ms_ = -1;
  int64_t end_ = 0;  ///< of what was confirmed
};

}  // namespace godwit::sim
