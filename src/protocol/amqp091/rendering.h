#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "model/native_message.h"
#include "model/read_message.h"
#include "protocol/amqp091/content_writer.h"

namespace godwit::protocol::amqp091 {

/// Turns stored messages into what AMQP 0-9-1 consumers see. What a client of this protocol published passes verbatim;
/// other origins, patches and added headers take the long way.
class Rendering {
 public:
  struct Extras {
    std::string_view topic;       ///< the routing key of messages that have none of their own
    int64_t now_ms = 0;           ///< wall time
    uint32_t delivery_count = 0;  ///< shown as x-delivery-count unless 0
    std::optional<Offset> stream_offset;
  };

  /// `out` points into `message` and this object: valid until the next call. False when stored bytes are damaged.
  bool render(const model::NativeMessage& message, const Extras& extras, OutgoingMessage& out) {
    bool verbatim = message.origin == model::Origin::kAmqp091 && message.patch.empty() && extras.delivery_count == 0 &&
                    !extras.stream_offset;
    return verbatim ? split(message.properties, message.body, out) : convert(message, extras, out);
  }

 private:
  bool convert(const model::NativeMessage& message, const Extras& extras, OutgoingMessage& out);
  static bool split(ByteView properties, ByteView body, OutgoingMessage& out);

  ByteVec stored_;
  ByteVec changed_;
};

/// Walks the messages of the batches of one ledger or partition; going on where it was costs nothing.
class BatchCursor {
 public:
  /// Places the cursor before message `index` of `batch`. False when the batch is damaged.
  bool seek(const model::Batch& batch, uint32_t index);
  bool next(model::NativeMessage& message) {
    ++index_;
    return walk_->next(message);
  }
  size_t inflated_bytes() const { return walk_ ? walk_->inflated_bytes() : 0; }
  /// Lets go of the batch.
  void reset() { walk_.reset(), payload_ = {}; }

 private:
  std::optional<model::BatchMessages> walk_;
  Slice payload_;  ///< holds the batch that walk_ is in
  uint32_t index_ = 0;
};

/// The slice that owns `body`, when it lies in it: what DeliverWriter asks for.
inline const Slice* owner_of(const Slice& payload, ByteView body) {
  bool inside = body.data() >= payload.data() && body.data() + body.size() <= payload.data() + payload.size();
  return inside ? &payload : nullptr;
}

}  // namespace godwit::protocol::amqp091
