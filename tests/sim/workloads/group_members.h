#pragma once

#include "sim/workload.h"

namespace godwit::sim {

/// Members of one consumer group: they join, are assigned, send heartbeats, commit as the leader, leave, or vanish.
/// Only the current generation's commits count.
class GroupMembers final : public Workload {
 public:
  explicit GroupMembers(Run& run) : Workload(run, 3), members_(programs_.size()) {}
  void drain(SimClient& client) override;

 protected:
  void set_up(SimClient& client) override;
  void act(Program& program) override;
  void forget(Program& program, bool broker) override;
  void restarted() override;

 private:
  struct Member {
    std::string id;
    int life = 0;  ///< of the group
    int32_t generation = -1;
    bool leader = false;
    bool waiting = false;  ///< for a join or a sync
    bool stable = false;
  };
  /// What was known of the group when a member asked to join it.
  struct Before {
    bool newcomer;
    int life;
    int32_t generation;
  };
  void join(Program& program, Member& member);
  void joined(Program& program, Member& member, const Before& before, const model::JoinedGroup& reply);
  void check_generation(const Before& before, const model::JoinedGroup& reply);
  void heartbeat(Program& program, Member& member);
  void commit(Program& program, Member& member);
  void leave_group(Program& program, Member& member);
  /// It is out, or has to join again.
  void refused(Member& member, const char* what, const Error& error);
  void check_position(SimClient& client);

  std::vector<Member> members_;  ///< by program
  /// Nothing is kept of a group whose members all went before one of them had synced: the next one begins anew.
  int life_ = 0;
  int32_t newest_generation_ = -1;
  std::map<int32_t, std::string> leaders_;
  int64_t sent_ = 0;
  int64_t acked_ = 0;
};

}  // namespace godwit::sim
