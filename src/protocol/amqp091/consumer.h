#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "broker/api.h"

namespace godwit::protocol::amqp091 {

/// One basic.consume. Belongs to its channel's Deliveries; two kinds: of a queue and of a stream.
class Consumer {
 public:
  Consumer(uint16_t channel, std::string consumer_tag, bool acknowledged)
      : channel_(channel), tag_(std::move(consumer_tag)), acknowledged_(acknowledged) {}
  virtual ~Consumer() = default;
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  uint16_t channel() const { return channel_; }
  const std::string& tag() const { return tag_; }
  bool acknowledged() const { return acknowledged_; }
  /// Deliveries sent and not settled; only of an acknowledged one.
  uint64_t unsettled() const { return unsettled_; }

  virtual void on_delivery(const model::DeliveredBatch& batch) = 0;
  virtual void on_credit_returned(LedgerId ledger, uint32_t credit) = 0;
  virtual void on_ready(LedgerId ledger) = 0;
  /// `count` messages of `ledger` were settled. Returns credit to send along with the settle.
  virtual uint32_t on_settled(LedgerId ledger, uint64_t count) = 0;
  /// A topic has more partitions than before; of another one than its own nothing follows.
  virtual void on_grown(const model::TopicInfo& topic) = 0;
  /// There may be room for more: settles of others on the channel, or the socket took bytes.
  virtual void resume() = 0;
  /// Ends it at the broker. What it holds is released, or stays with the channel. No call follows but the destructor's.
  virtual void detach(bool release) = 0;

 protected:
  uint16_t channel_;
  std::string tag_;
  bool acknowledged_;
  uint64_t unsettled_ = 0;
};

}  // namespace godwit::protocol::amqp091
