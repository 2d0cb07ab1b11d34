#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "broker/session.h"

namespace godwit::protocol::amqp091 {

/// Publish numbers [first, first + count) of a channel in confirm mode.
struct PublishRun {
  uint64_t first = 0;
  uint32_t count = 0;
};

/// Appends under way: which publishes of which channel each one carries. Slots are reused with their memory, so that
/// an append costs no allocation here.
class Appends {
 public:
  static constexpr broker::RequestId kBit = uint64_t{1} << 63;

  struct Slot {
    uint16_t channel = 0;
    uint32_t incarnation = 0;  ///< of the channel: numbers are opened again
    TopicId topic;
    size_t bytes = 0;
    std::vector<PublishRun> publishes;
  };

  /// Takes over the content of `publishes` and leaves it empty.
  broker::RequestId add(uint16_t channel, uint32_t incarnation, TopicId topic, size_t bytes,
                        std::vector<PublishRun>& publishes) {
    if (free_.empty()) {
      free_.push_back(static_cast<uint32_t>(slots_.size()));
      slots_.emplace_back();
    }
    uint32_t index = free_.back();
    free_.pop_back();
    Slot& slot = slots_[index];
    slot.channel = channel;
    slot.incarnation = incarnation;
    slot.topic = topic;
    slot.bytes = bytes;
    slot.publishes.swap(publishes);
    bytes_ += bytes;
    return kBit | index;
  }
  /// The slot of a reply. It is free again: look at it before the next add().
  const Slot& finish(broker::RequestId id) {
    auto index = static_cast<uint32_t>(id & ~kBit);
    Slot& slot = slots_[index];
    bytes_ -= slot.bytes;
    free_.push_back(index);
    return slot;
  }
  void recycle(broker::RequestId id) { slots_[id & ~kBit].publishes.clear(); }

  size_t count() const { return slots_.size() - free_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  size_t bytes_ = 0;
};

}  // namespace godwit::protocol::amqp091
