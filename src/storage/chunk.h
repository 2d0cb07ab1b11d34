#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/error.h"
#include "storage/chunk_format.h"
#include "storage/journal.h"

namespace godwit::storage {

/// A random number: of a journal for its whole life, or of one start of the broker.
using RandomId = std::array<uint8_t, 16>;

/// What one write of the journal holds: a header, then entries one after another, then (in later versions) an index of
/// them, padded with zeros to a multiple of kBlockBytes. Layout: docs/formats/chunk.md.
struct ChunkHeader {
  ChunkSeq seq;
  RandomId boot_id{};         ///< of the start that wrote it
  uint32_t previous_crc = 0;  ///< `crc` of chunk seq - 1
  uint32_t body_bytes = 0;    ///< the entries
  uint32_t entry_count = 0;
  uint32_t footer_bytes = 0;  ///< 0 in version 1
  int64_t wall_ms = 0;        ///< Unix milliseconds
  uint32_t body_crc = 0;      ///< CRC-32C of entries and footer
  uint32_t crc = 0;           ///< CRC-32C of the journal's id and the header before it; stands for the whole chunk

  /// On disk, with padding.
  uint64_t stored_bytes() const {
    return round_up_to_block(kChunkHeaderBytes + uint64_t{body_bytes} + uint64_t{footer_bytes});
  }
};

/// Fills the header's bytes at the front of `chunk`, whose body is complete, and both CRCs in `header`.
/// `chunk` is header and body without padding.
void seal_chunk(std::span<uint8_t> chunk, const RandomId& journal_id, ChunkHeader& header);

/// Errors: kCorrupt: no chunk header of this journal. kUnsupported: one that a newer version wrote.
Result<ChunkHeader> read_chunk_header(ByteView bytes, const RandomId& journal_id);

/// Whether `chunk` holds the whole body of `header`, unharmed.
bool check_chunk_body(ByteView chunk, const ChunkHeader& header);

}  // namespace godwit::storage
