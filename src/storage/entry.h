#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/codec.h"
#include "base/ids.h"

namespace godwit::storage {

/// One record of one shard in the journal. `seq` counts the shard's entries from 1 without gaps: a snapshot that covers
/// seq n tells which entries of the journal it already contains.
/// Layout: docs/formats/chunk.md, section 3.
///
///   u32 body length | u16 shard | u8 type | u8 version | u64 seq | body
struct EntryHeader {
  static constexpr size_t kBytes = 16;

  uint32_t body_bytes = 0;
  ShardId shard;
  uint8_t type = 0;     ///< the engine's record type; opaque to storage
  uint8_t version = 0;  ///< of that type's fields
  uint64_t seq = 0;
};

void write_entry_header(Writer& out, const EntryHeader& header);
/// Fails the reader when the header or the body is cut short; `body` is a view into the reader's bytes.
EntryHeader read_entry(Reader& in, ByteView& body);

/// What a worker wants written: entries one after another, in the order of its log. Small bytes are gathered in line,
/// payloads are held by reference until the journal has copied them into its chunk.
class StagedEntries {
 public:
  /// `payload` follows `head` in the entry's body.
  void add(ShardId shard, uint8_t type, uint8_t version, uint64_t seq, ByteView head, Slice payload = {});
  size_t bytes() const { return bytes_; }
  uint32_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// Writes bytes() bytes at `out`, in order; returns their end.
  uint8_t* copy_to(uint8_t* out) const;

 private:
  struct Part {
    size_t inline_end;  ///< inline bytes up to here, then the slice
    Slice slice;
  };
  ByteVec inline_;
  std::vector<Part> parts_;
  size_t bytes_ = 0;
  uint32_t count_ = 0;
};

}  // namespace godwit::storage
