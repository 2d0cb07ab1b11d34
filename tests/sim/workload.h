#pragma once

#include <deque>
#include <memory>
#include <string>

#include "sim/program.h"

namespace godwit::sim {

/// One way of using the broker, with programs that use it so and an oracle that knows what a correct broker may answer.
/// Each kind is in a file of workloads/; a seed plays a few of them at once. Their names do not overlap.
class Workload {
 public:
  Workload(Run& run, size_t programs);
  virtual ~Workload() = default;

  /// The broker is up, or up again: programs connect, what is missing is declared, what must have survived is compared.
  void begin();
  /// One program does one thing.
  void act();
  /// The broker is gone. What was under way may have happened or not.
  void lost();
  /// Every program disconnects.
  void leave();
  /// The end: everything is taken out, and nothing is missing.
  virtual void drain(SimClient& client) = 0;
  uint64_t pending() const;

 protected:
  /// Programs are connected. `client` is the first one's.
  virtual void set_up(SimClient& client) = 0;
  virtual void act(Program& program) = 0;
  /// The program's connection is gone; `broker` says whether that is because the broker is.
  virtual void forget(Program& /*program*/, bool /*broker*/) {}
  /// The broker is gone, and after all programs were forgotten.
  virtual void restarted() {}

  Program& any_program() { return programs_[run_.below(programs_.size())]; }
  size_t index_of(const Program& program) const;
  void reconnect(Program& program);
  /// Appends to the queue's own topic; `then` hears of it. A refusal that asks to try again later is normal.
  template <class F>
  void publish(Program& program, const std::string& topic, uint32_t partition, const std::vector<Sent>& messages,
               F then) {
    const model::TopicInfo* info = program.topic(topic);
    if (!info) return;
    program.call(model::Append{.partition = {info->id, partition}, .batch = batch_of(messages)},
                 [this, then = std::move(then)](const Result<model::Appended>& reply) {
                   if (!reply && !refused_for_now(reply.error())) run_.refused("publish", reply.error());
                   then(reply);
                 });
  }
  static bool refused_for_now(const Error& error) {
    return error.code == ErrorCode::kFull || error.code == ErrorCode::kBusy || error.code == ErrorCode::kOverLimit;
  }
  /// Declares a durable queue, which must be there if it was before.
  void declare(SimClient& client, const std::string& queue, const model::QueueSettings& settings);

  Run& run_;
  std::deque<Program> programs_;
};

}  // namespace godwit::sim
