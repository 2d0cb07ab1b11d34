#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "protocol/amqp091/consumer.h"
#include "protocol/amqp091/content_writer.h"
#include "protocol/amqp091/link.h"
#include "protocol/amqp091/settlements.h"
#include "protocol/amqp091/unacked.h"

namespace godwit::protocol::amqp091 {

/// The consuming side of a channel: its consumers, delivery tags, what is unacknowledged, and the channel's prefetch
/// limit. flush() ends a reading: it submits the settles.
class Deliveries {
 public:
  Deliveries(Link& link, uint16_t channel) : link_(link), channel_(channel) {}
  ~Deliveries();

  Link& link() { return link_; }
  uint16_t channel() const { return channel_; }

  Consumer* find(std::string_view tag);
  Consumer& add(std::unique_ptr<Consumer> consumer);
  /// Takes the consumer out; its unsettled messages stay with the channel.
  std::unique_ptr<Consumer> remove(std::string_view tag);
  /// Ends it and tells the client. Destroys it.
  void cancel(Consumer& consumer);
  const std::vector<std::unique_ptr<Consumer>>& consumers() const { return consumers_; }

  /// The number to record deliveries of a ledger under. A source lives while its consumer or an open delivery does.
  uint32_t source(ConsumerTag tag, LedgerId ledger, Consumer* consumer, bool leased);
  uint64_t next_tag() const { return next_delivery_; }
  uint64_t take_tags(uint32_t count) { return std::exchange(next_delivery_, next_delivery_ + count); }
  void record(uint32_t source, uint64_t first_tag, Offset first, uint32_t count);

  /// tag 0 with `multiple` means all. Faults: 406 for a tag that is not open.
  Outcome settle(uint64_t delivery_tag, bool multiple, model::Verb verb);
  /// Everything unsettled goes back to its queue (basic.recover), in order.
  void release_all();
  void flush();
  void resume();
  /// The channel ends: consumers detach, everything goes back.
  void close();

  void set_prefetch(uint32_t count, bool global) { (global ? channel_prefetch_ : consumer_prefetch_) = count; }
  uint32_t consumer_prefetch() const { return consumer_prefetch_; }
  bool shares_prefetch() const { return channel_prefetch_ != 0; }
  /// Of the channel's limit: what its consumers may still be sent. `held` counters are kept by charge().
  uint64_t channel_room() const;
  void charge(int64_t credit) { charged_ += credit; }

 private:
  void release_source(uint32_t index);
  void settle_source(const Settlements::Pending& pending);

  Link& link_;
  const uint16_t channel_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
  std::vector<Source> sources_;
  Unacked unacked_;
  Settlements settlements_;
  uint64_t next_delivery_ = 1;
  uint32_t consumer_prefetch_ = 0;
  uint32_t channel_prefetch_ = 0;
  int64_t charged_ = 0;  ///< credit out and deliveries unsettled, of consumers that acknowledge
};

}  // namespace godwit::protocol::amqp091
