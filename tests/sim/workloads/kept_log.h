#pragma once

#include <set>

#include "sim/workload.h"

namespace godwit::sim {

/// What Kafka programs do without a group: produce idempotently and repeat what was answered before, fetch from
/// anywhere, add partitions, and commit positions from outside. The topic is kept for ever.
class KeptLog final : public Workload {
 public:
  explicit KeptLog(Run& run);
  void drain(SimClient& client) override;

 protected:
  void set_up(SimClient& client) override;
  void act(Program& program) override;
  void forget(Program& program, bool broker) override;

 private:
  struct Sending {
    int32_t sequence = 0;
    std::vector<std::string> bodies;
    Offset offset;
  };
  struct Producer {
    int64_t id = -1;
    uint32_t partition = 0;
    Sending next;
    bool waiting = false;          ///< for its reply
    std::deque<Sending> answered;  ///< the last ones, oldest first
    Offset position;
  };
  void produce(Program& program, Producer& producer);
  void produced(Producer& producer, const Result<model::Appended>& reply);
  void repeat(Program& program, Producer& producer);
  void fetch(Program& program, Producer& producer);
  void commit(Program& program);
  void add_partitions(Program& program);
  void find_newest(Program& program, TopicId id);
  void read_all(SimClient& client, uint32_t partition);
  std::string where(uint32_t partition) const { return fmt::format("log/{}", partition); }

  OffsetOracle offsets_{run_.verdict};
  std::vector<Producer> producers_;  ///< by program
  uint32_t partitions_ = 2;          ///< at least
  uint32_t partitions_sent_ = 2;     ///< at most
  uint64_t commits_under_way_ = 0;
  bool commits_unordered_ = false;  ///< some are under way on a connection that is gone: no more in this life
  int64_t commit_sent_ = 0;
  int64_t commit_acked_ = 0;
};

}  // namespace godwit::sim
