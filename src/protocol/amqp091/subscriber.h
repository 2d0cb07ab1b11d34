#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "protocol/amqp091/deliveries.h"
#include "protocol/amqp091/publisher.h"
#include "protocol/amqp091/queue_consumer.h"
#include "protocol/amqp091/rendering.h"
#include "protocol/amqp091/requests.h"
#include "protocol/amqp091/wire/basic_methods.h"

namespace godwit::protocol::amqp091 {

/// The consuming methods of a channel: qos, consume, cancel, get, ack, nack, reject, recover.
class Subscriber {
 public:
  Subscriber(std::shared_ptr<Requests> requests, Deliveries& deliveries, Publisher& publisher)
      : requests_(std::move(requests)), link_(requests_->link()), deliveries_(deliveries), publisher_(publisher) {}

  Outcome on(const BasicQos& method);
  Outcome on(const BasicConsume& method);
  Outcome on(const BasicCancel& method);
  Outcome on(const BasicGet& method);
  Outcome on(const BasicAck& method);
  Outcome on(const BasicNack& method);
  Outcome on(const BasicReject& method);
  Outcome on(const BasicRecover& method);
  Outcome on(const BasicRecoverAsync& method);
  /// A consumer of the channel has ended. Without the one of direct reply-to, requests have nowhere to be answered to.
  void ended(std::string_view tag);

 private:
  /// What is left of basic.consume when its views are gone.
  struct Wanted {
    std::string tag;
    bool no_ack = false;
    bool exclusive = false;
    bool no_wait = false;
    int32_t priority = 0;
  };
  struct Getting {
    QueueId queue;
    PartitionId partition;  ///< to ask first
    std::string topic;
    uint32_t partitions = 1;
    uint32_t asked = 0;
    bool no_ack = false;
  };

  /// Whether there is memory for a consumer of that many partitions.
  Outcome check_room(uint32_t partitions);
  Outcome consume_queue(Wanted wanted, const model::QueueInfo& queue);
  Outcome attach_refused(const std::string& tag, bool exclusive_queue, const Error& error);
  Outcome consume_stream(const Wanted& wanted, const model::TopicInfo& topic, const model::Value& from);
  Outcome consume_replies(Wanted wanted);
  void get_next(Getting getting);
  Outcome got(Getting getting, Result<model::Received> reply);
  Outcome send_got(const Getting& getting, const model::Received& received);

  std::shared_ptr<Requests> requests_;
  Link& link_;
  Deliveries& deliveries_;
  Publisher& publisher_;
  ConsumerTag get_tag_;  ///< of basic.get's leases; made at the first one
  uint32_t get_turn_ = 0;
  std::string reply_queue_;
  std::string reply_tag_;  ///< of the consumer of reply_queue_
  Rendering rendering_;
};

}  // namespace godwit::protocol::amqp091
