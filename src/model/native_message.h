#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/codec.h"
#include "model/batch.h"
#include "model/message.h"

namespace godwit::model {

/// One message of a native batch: what the engine needs, then the producer's properties in their own encoding, then the
/// body. All views point into the batch's payload. Layout: docs/formats/batch.md, section 2.
///
///   u32 length of what follows | u8 origin | u8 flags | u8 priority | u8 0
///   [i64 expires_at] [i64 deliver_at] [varint+key] [varint+group] [varint+dedup id] [varint+patch]   as flags say
///   varint+properties | body
struct NativeMessage {
  Origin origin = Origin::kNative;
  bool durable = true;
  std::optional<uint8_t> priority;
  std::optional<int64_t> expires_at_ms;  ///< Unix milliseconds
  std::optional<int64_t> deliver_at_ms;  ///< Unix milliseconds
  std::optional<ByteView> key;
  std::optional<ByteView> group;
  std::optional<ByteView> dedup_id;
  ByteView patch;       ///< encode_fields(Patch), or empty
  ByteView properties;  ///< encoding of `origin`
  ByteView body;
};

/// Appends messages to one native batch.
class NativeBatchBuilder {
 public:
  void add(const NativeMessage& message);
  /// For a body that arrives in pieces: like add() with the body left out; the caller appends exactly `body_bytes`
  /// to buffer() before the next call.
  void begin(const NativeMessage& message_without_body, size_t body_bytes);
  ByteVec& buffer() { return payload_; }

  uint32_t count() const { return count_; }
  size_t bytes() const { return payload_.size(); }
  bool empty() const { return count_ == 0; }

  /// The batch of all that was added, at least one message; the builder is empty again.
  /// `timestamp_ms` becomes max_timestamp_ms.
  Batch seal(int64_t timestamp_ms);

 private:
  ByteVec payload_;
  uint32_t count_ = 0;
  uint16_t flags_ = 0;
};

/// Walks the messages of a native batch from the front.
class NativeBatchReader {
 public:
  explicit NativeBatchReader(ByteView payload) : in_(payload) {}
  /// False at the end of the payload or at bytes that are no message (then corrupt() is true).
  bool next(NativeMessage& message);
  /// Steps over one message without reading it.
  bool skip();
  bool corrupt() const { return !in_.ok(); }

 private:
  Reader in_;
};

}  // namespace godwit::model
