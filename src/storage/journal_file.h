#pragma once

#include <memory>
#include <string>

#include "runtime/disk.h"
#include "storage/journal_recovery.h"
#include "storage/superblock.h"

namespace godwit::storage {

inline constexpr const char* kJournalFile = "journal";

/// Makes the journal's file, preallocated and empty, if there is none; a crash leaves all of it or nothing.
Result<void> make_journal_file(runtime::Disk& disk, uint64_t file_bytes, const RandomId& journal_id);

/// Makes a damaged journal one that ends before the damage: copies the whole file to the first free name
/// journal.damaged-<n>, which it returns, then wipes the free part of the ring, so that no chunk behind the damage is
/// ever taken for one of ours again. Where even chunks before `next_at_least` are missing, nothing that is left is
/// needed: `ring` is empty afterwards and goes on at that number, and `superblock` says so.
Result<std::string> repair_journal_file(runtime::Disk& disk, ChunkSeq next_at_least, Superblock& superblock,
                                        JournalRing& ring);

}  // namespace godwit::storage
