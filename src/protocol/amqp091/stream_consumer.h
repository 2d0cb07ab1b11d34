#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "protocol/amqp091/deliveries.h"
#include "protocol/amqp091/rendering.h"
#include "protocol/amqp091/stream_start.h"

namespace godwit::protocol::amqp091 {

/// A consumer that reads a topic as a log: takes nothing away from queues, and acknowledgements only give credit back.
class StreamConsumer final : public Consumer {
 public:
  StreamConsumer(Deliveries& deliveries, std::string tag, uint32_t prefetch, const model::TopicInfo& topic);

  /// Finds the first offsets and starts reading.
  void start(const StreamStart& from);

  void on_delivery(const model::DeliveredBatch&) override {}
  void on_credit_returned(LedgerId, uint32_t) override {}
  void on_ready(LedgerId) override {}
  uint32_t on_settled(LedgerId ledger, uint64_t count) override;
  void resume() override;
  void detach(bool release) override;

 private:
  struct Part {
    PartitionId partition;
    Offset next;       ///< to deliver
    bool busy = true;  ///< a request or a wait is under way
    std::deque<model::Batch> batches;
    BatchCursor cursor;
  };

  bool has_room() const;
  void place(size_t part, const StreamStart& from, Result<model::OffsetFound> found);
  void place_last(size_t part, Offset end);
  void fetch(size_t part);
  void on_fetched(size_t part, Result<model::Fetched> fetched);
  void move_into_range(size_t part);
  void wait(size_t part);
  void find(size_t part, model::FindOffset query, const StreamStart& from);
  /// Delivers from what was fetched. False when the part has nothing more.
  bool deliver_one(Part& part);
  void end();
  /// Runs `then(consumer, reply)` if the consumer is still there when the reply comes.
  template <class C, class F>
  void call(C command, F then);

  Deliveries& deliveries_;
  Link& link_;
  const ConsumerTag broker_tag_;
  const uint32_t prefetch_;
  const std::string topic_;
  bool detached_ = false;
  std::vector<Part> parts_;
  size_t turn_ = 0;
  DeliverWriter writer_;
  Rendering rendering_;
};

}  // namespace godwit::protocol::amqp091
