#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "runtime/disk.h"
#include "storage/chunk.h"
#include "storage/journal_ring.h"
#include "storage/superblock.h"

namespace godwit::storage {

/// Takes one entry of the journal, in the order of the chunks. `body` shares the memory of up to 4 MiB around it: keep
/// a copy of what is kept for long. An error ends the recovery with it.
using EntryVisitor = std::function<Result<void>(ChunkSeq seq, const EntryHeader& entry, const Slice& body)>;

/// A last chunk whose write power loss cut short. Nobody was told that it was durable,
/// unless the journal reports before it syncs.
struct TornChunk {
  ChunkSeq seq;
  uint64_t position = 0;
  uint64_t bytes = 0;  ///< as its header says
};

/// A bad chunk before a good one: something durable is lost.
struct JournalDamage {
  ChunkSeq seq;                            ///< the first chunk that is not there
  uint64_t position = 0;                   ///< where it should be
  ChunkSeq later_seq;                      ///< one that was written after it
  std::optional<uint64_t> later_position;  ///< where that is; nothing when only the manifest tells of it
};

/// What the chunks of a journal file amount to.
struct JournalScan {
  JournalRing ring;
  std::optional<TornChunk> torn;
  std::optional<JournalDamage> damage;
  /// Where later chunks begin that power loss cut off from the others before anything was synced: they are to be wiped.
  std::vector<uint64_t> cut_off;
  /// Where chunks begin that would be next and are torn: likewise. The next one overwrites one of them, and if that is
  /// torn in its turn, both together may make the first one whole, which was seen to be lost.
  std::vector<uint64_t> torn_places;
  uint64_t bytes = 0;  ///< of the good chunks, as stored
  uint64_t entries = 0;
  int64_t last_wall_ms = 0;  ///< of the last good chunk; 0 if there is none
};

/// Reads the chunks from the superblock's tail on and shows every entry to `visit`, up to the first chunk that is not
/// there, not whole, or not the successor of the one before; then looks ahead for a later chunk of this journal. One is
/// damage, unless neither had been synced. `file` is open as kDirect. Errors: kIo, kUnsupported, the visitor's.
Result<JournalScan> scan_journal(runtime::File& file, const Superblock& superblock, const EntryVisitor& visit);

}  // namespace godwit::storage
