#pragma once

#include <set>

#include "sim/workload.h"

namespace godwit::sim {

/// Producers to a log in several partitions, a queue over it and a consumer group: everything answered is numbered.
/// What a restart knows is what was at some moment: nothing that was answered is gone while something begun later is
/// there. Unless power failed with durability "os" that moment is the last one. What is gone never comes back, and the
/// leader epochs say up to where each life of the broker still counts.
class LostTail final : public Workload {
 public:
  explicit LostTail(Run& run) : Workload(run, 2 + run.below(2)), logs_(kPartitions) {}
  void drain(SimClient& client) override;

 protected:
  void set_up(SimClient& client) override;
  void act(Program& program) override;
  void forget(Program&, bool) override { forgot_ms_ = run_.world.now().boot_ms; }

 private:
  static constexpr uint32_t kPartitions = 3;
  struct Event {
    uint64_t sent = 0;      ///< what was answered before has a smaller number
    uint64_t answered = 0;  ///< 0: nobody heard
    bool lost = false;
  };
  struct Message {
    Event append;
    std::optional<Event> settle;
  };
  struct Log {
    std::map<std::string, Message> messages;  ///< by body
    std::map<Offset, std::string> shown;
    std::map<int32_t, Offset> ends;  ///< of each life's epoch, as the next one began
  };
  void send(Program& program, uint32_t partition);
  void receive(Program& program, uint32_t partition);
  void commit(Program& program);
  void ask_epoch(Program& program, uint32_t partition);
  void check_epoch(uint32_t partition, int32_t epoch, const model::OffsetFound& found);
  Event begun() { return {.sent = ++count_}; }
  void show(Log& log, Offset offset, const std::string& body);
  /// What there is after a restart of one partition, by `kept`; what is gone is marked.
  void look(SimClient& client, uint32_t partition);
  /// The bodies of what a queue still has.
  std::set<std::string> unsettled(SimClient& client, LedgerId ledger);
  void look_at_commits(SimClient& client);
  void note(Event& event, bool there);
  void check_one_moment();

  std::vector<Log> logs_;
  std::map<int64_t, Event> commits_;  ///< by position
  uint64_t count_ = 0;
  int64_t forgot_ms_ = -1;
  int32_t epoch_ = -1;  ///< this life's
  // Of one look after a restart.
  uint64_t newest_there_ = 0;         ///< the number of the last that began of what is there
  uint64_t first_gone_ = UINT64_MAX;  ///< that was answered first of what is gone
};

}  // namespace godwit::sim
