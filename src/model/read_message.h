#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "model/batch.h"
#include "model/kafka_records.h"
#include "model/message.h"
#include "model/native_message.h"

namespace godwit::model {

/// A stored message in the hub's vocabulary, whatever protocol it came through: its properties are decoded by their
/// origin, then the engine's own fields and the patch win over them. Views point into what `native` points into.
/// Deaths of a patch have no place in Message: converters that show them ask read_patch(). Errors: kCorrupt.
Result<Message> read_message(const NativeMessage& native);

/// The message's patch; nothing when it has none, or when its bytes are no patch.
std::optional<Patch> read_patch(const NativeMessage& native);

/// Walks the messages of any stored batch from the front, as native messages: those of a Kafka batch are presented as
/// copies would be (Origin::kKafka). One walk costs one pass over the payload; compressed records are inflated once.
class BatchMessages {
 public:
  /// Errors: kCorrupt.
  static Result<BatchMessages> open(const Batch& batch);

  /// The next message: false at the end, or at bytes that are no message (then corrupt() is true). Its views are valid
  /// until the next call and while this walk lives.
  bool next(NativeMessage& message);
  /// Steps over `n` messages; false when there are not that many.
  bool skip(uint32_t n);
  bool corrupt() const { return native_ ? native_->corrupt() : records_->corrupt(); }
  /// Memory of its own, for a compressed batch.
  size_t inflated_bytes() const { return records_ ? records_->inflated_bytes() : 0; }

 private:
  explicit BatchMessages(Slice payload) : payload_(std::move(payload)), native_(NativeBatchReader(payload_)) {}
  explicit BatchMessages(KafkaRecordReader records) : records_(std::move(records)) {}

  Slice payload_;
  std::optional<NativeBatchReader> native_;
  std::optional<KafkaRecordReader> records_;
  ByteVec properties_;
};

}  // namespace godwit::model
