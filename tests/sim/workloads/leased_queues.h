#pragma once

#include <set>

#include "sim/consuming.h"
#include "sim/workload.h"

namespace godwit::sim {

/// What SQS and Pub/Sub programs do: take messages under leases of their own, renew them, settle by attempt, or let
/// them run out. One queue gives up on a message that failed too often; the other hands out one of a group at a time.
class LeasedQueues final : public Workload {
 public:
  explicit LeasedQueues(Run& run);
  void drain(SimClient& client) override;

 protected:
  void set_up(SimClient& client) override;
  void act(Program& program) override;
  void restarted() override;

 private:
  struct Lease {
    uint32_t attempt = 0;
    int64_t until = 0;
    uint64_t boot = 0;
    bool leaving = false;   ///< being settled or given back
    bool renewing = false;  ///< until when is known once that is answered
  };
  struct Message {
    std::string group;
    std::optional<Offset> offset;
    std::optional<Lease> lease;  ///< the last one
    uint32_t received = 0;       ///< that the broker cannot have forgotten
  };
  struct Queue {
    Target target;
    bool grouped = false;
    std::map<std::string, Message> messages;
  };
  void send(Program& program, Queue& queue);
  void receive(Program& program, Queue& queue);
  void received(Queue& queue, const model::Received& reply);
  void take(Queue& queue, const std::string& body, Offset offset, const model::DeliveredRun& run, uint32_t attempt,
            int64_t until, const std::set<std::string>& together);
  void check_group(Queue& queue, const std::string& body, const std::set<std::string>& together);
  void settle(Program& program, Queue& queue);
  void renew(Program& program, Queue& queue);
  bool holds(const Queue& queue, const Message& message) const;
  const std::string* any_held(Queue& queue);

  OffsetOracle offsets_{run_.verdict};
  std::deque<QueueOracle> oracles_;
  std::deque<Queue> queues_;
};

}  // namespace godwit::sim
