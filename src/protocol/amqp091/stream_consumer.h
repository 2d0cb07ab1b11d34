#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/front_vector.h"
#include "protocol/amqp091/deliveries.h"
#include "protocol/amqp091/rendering.h"
#include "protocol/amqp091/stream_start.h"

namespace godwit::protocol::amqp091 {

/// A consumer that reads a topic as a log: takes nothing away from queues, and acknowledgements only give credit back.
///
/// A part is idle, or has batches at hand, or waits for an answer. What is at hand is delivered in turns, and fetched
/// in turns when there is room for more than is at hand. What it keeps counts as the session's memory, and goes when
/// that is short.
class StreamConsumer final : public Consumer {
 public:
  StreamConsumer(Deliveries& deliveries, std::string tag, uint32_t prefetch, const model::TopicInfo& topic);

  /// Finds the first offsets and starts reading.
  void start(const StreamStart& from);

  void on_delivery(const model::DeliveredBatch&) override {}
  void on_credit_returned(LedgerId, uint32_t) override {}
  void on_ready(LedgerId) override {}
  void on_grown(const model::TopicInfo& topic) override;
  uint32_t on_settled(LedgerId ledger, uint64_t count) override;
  void resume() override;
  void detach(bool release) override;

 private:
  struct Part {
    PartitionId partition;
    Offset next;  ///< to deliver
    FrontVector<model::Batch> batches;
    BatchCursor cursor;
    size_t fetched_bytes = 0;  ///< one read may be one allocation, which its last batch holds
    size_t counted_bytes = 0;  ///< of it and of what the cursor inflated, as last counted
  };

  /// Messages that may be delivered now.
  uint64_t room() const;
  void place(size_t part, const StreamStart& from, Result<model::OffsetFound> found);
  void place_last(size_t part, Offset end);
  void fetch(size_t part);
  void on_fetched(size_t part, Result<model::Fetched> fetched);
  void move_into_range(size_t part);
  void wait(size_t part);
  void find(size_t part, model::FindOffset query, const StreamStart& from);
  /// Delivers the next message at hand, or passes over what nobody can be shown.
  void deliver_one(Part& part);
  void drop_delivered(Part& part);
  void let_go();
  void add_parts(uint32_t partitions);
  /// Counts what the part keeps as the session's memory.
  void account(Part& part);
  void end();
  /// Runs `then(consumer, reply)` if the consumer is still there when the reply comes.
  template <class C, class F>
  void call(C command, F then);

  Deliveries& deliveries_;
  Link& link_;
  const ConsumerTag broker_tag_;
  const uint32_t prefetch_;
  const TopicId topic_id_;
  const std::string topic_;
  bool detached_ = false;
  std::vector<Part> parts_;
  FrontVector<size_t> at_hand_;  ///< parts with batches, the next first
  FrontVector<size_t> idle_;     ///< parts to fetch for, the next first
  uint32_t fetching_ = 0;
  Held held_;  ///< with what parts keep
  DeliverWriter writer_;
  Rendering rendering_;
};

}  // namespace godwit::protocol::amqp091
