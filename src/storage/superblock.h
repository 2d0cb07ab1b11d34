#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/error.h"
#include "runtime/disk.h"
#include "storage/chunk.h"

namespace godwit::storage {

/// Where the oldest chunk that must not be overwritten stands, and what the chunk before it was.
struct JournalTail {
  ChunkSeq seq{1};
  uint64_t position = 0;
  uint32_t previous_crc = 0;

  bool operator==(const JournalTail&) const = default;
};

/// What a journal file says of itself, in its first and in its last block. An update goes to the copies in turn, so one
/// is always whole. Layout: docs/formats/journal.md.
struct Superblock {
  static constexpr size_t kBytes = 84;

  RandomId journal_id{};
  uint64_t update = 0;               ///< counts the writes; its parity is the copy's number
  uint64_t file_bytes = 0;           ///< with both copies
  uint64_t largest_chunk_bytes = 0;  ///< how far ahead of a bad chunk the next one can be
  JournalTail tail;
  /// The first chunk that may have been reported before it was synced (durability "os"); 0: there is none.
  ChunkSeq unsynced_from{0};
  uint32_t boots = 0;     ///< how often the journal was opened
  bool prepared = false;  ///< every block of the ring was written before, so that a sync is one of data alone

  uint64_t ring_begin() const { return kBlockBytes; }
  uint64_t ring_end() const { return file_bytes - kBlockBytes; }
  /// Where this update belongs: not over the copy of the one before.
  uint64_t copy_position() const { return update % 2 == 0 ? 0 : ring_end(); }
  bool operator==(const Superblock&) const = default;
};

/// The bytes of one copy, padded with zeros to a block.
ByteVec encode_superblock(const Superblock& superblock);
/// Errors: kCorrupt; kUnsupported: a newer version.
Result<Superblock> decode_superblock(ByteView bytes);

struct FoundSuperblock {
  Superblock superblock;                 ///< the newer of the file's two copies
  std::optional<uint64_t> damaged_at{};  ///< where the other one is not whole
};
/// Errors: as decode_superblock when neither is whole, kIo.
Result<FoundSuperblock> read_superblock(runtime::File& file);

}  // namespace godwit::storage
