#pragma once

#include "sim/records.h"
#include "sim/workload.h"

namespace godwit::sim {

/// Kafka records with whatever keys, headers and timestamps there can be: read back from the log and received from its
/// queue they are what was produced, to the byte. What is rejected goes to a headers exchange, where others publish as
/// well, and from there to exactly the queues whose binding it matches.
class CarriedRecords final : public Workload {
 public:
  explicit CarriedRecords(Run& run);
  void drain(SimClient& client) override;

 protected:
  void set_up(SimClient& client) override;
  void act(Program& program) override;
  void restarted() override;

 private:
  /// A queue that is bound to the headers exchange.
  struct Matching {
    QueueOracle oracle;
    bool all;  ///< of the two headers, or any
    bool matches(const SentRecord& record) const;
  };
  SentRecord new_record();
  void produce(Program& program);
  void publish_routed(Program& program);
  void send(Program& program, Matching& to, const SentRecord& record);
  void fetch(Program& program);
  void receive(Program& program, QueueOracle& from);
  void settle(Program& program, QueueOracle& from, const std::string& text, Offset offset, uint32_t attempt);
  void drain_queue(SimClient& client, QueueOracle& oracle);
  bool is_log(const QueueOracle& oracle) const { return &oracle == &oracle_; }

  OffsetOracle offsets_{run_.verdict};
  QueueOracle oracle_;
  std::deque<Matching> matching_;
  std::map<std::string, SentRecord> sent_;  ///< by text
  int64_t end_ = 0;                         ///< of what was confirmed
};

}  // namespace godwit::sim
