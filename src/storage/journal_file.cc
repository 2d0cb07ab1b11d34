#include "storage/journal_file.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace godwit::storage {
namespace {

using Mode = runtime::Disk::Mode;

constexpr const char* kNewFile = "journal.new";
constexpr uint64_t kPieceBytes = 4_MiB;

Result<void> write_new_file(runtime::Disk& disk, const Superblock& superblock) {
  Result<std::unique_ptr<runtime::File>> file = disk.open(kNewFile, Mode::kCreate);
  if (!file) return std::unexpected(file.error());
  if (Result<void> allocated = (*file)->allocate(superblock.file_bytes); !allocated) return allocated;
  ByteVec bytes = encode_superblock(superblock);
  for (uint64_t position : {uint64_t{0}, superblock.ring_end()})
    if (Result<void> written = (*file)->write(position, bytes); !written) return written;
  return (*file)->sync();
}

Result<void> copy_file(runtime::File& from, runtime::File& to) {
  ByteVec piece(kPieceBytes);
  for (uint64_t position = 0;;) {
    Result<size_t> read = from.read(position, piece);
    if (!read) return std::unexpected(read.error());
    if (*read == 0) break;
    if (Result<void> written = to.write(position, ByteView(piece).first(*read)); !written) return written;
    position += *read;
  }
  return to.sync();
}

/// From the far end to the beginning: a crash on the way leaves the damage to be found.
Result<void> wipe(runtime::File& file, uint64_t begin, uint64_t end) {
  ByteVec zeros(kPieceBytes);
  while (end > begin) {
    uint64_t bytes = std::min(end - begin, kPieceBytes);
    if (Result<void> written = file.write(end - bytes, ByteView(zeros).first(bytes)); !written) return written;
    if (Result<void> synced = file.sync(); !synced) return synced;
    end -= bytes;
  }
  return {};
}

Result<std::string> keep_damaged_journal(runtime::Disk& disk) {
  std::string name;
  for (int n = 1;; ++n) {
    name = fmt::format("{}.damaged-{}", kJournalFile, n);
    Result<bool> taken = disk.exists(name);
    if (!taken) return std::unexpected(taken.error());
    if (!*taken) break;
  }
  Result<std::unique_ptr<runtime::File>> from = disk.open(kJournalFile, Mode::kRead);
  if (!from) return std::unexpected(from.error());
  Result<std::unique_ptr<runtime::File>> to = disk.open(name, Mode::kCreate);
  if (!to) return std::unexpected(to.error());
  if (Result<void> copied = copy_file(**from, **to); !copied) return std::unexpected(copied.error());
  if (Result<void> synced = disk.sync_directory("."); !synced) return std::unexpected(synced.error());
  return name;
}

Result<void> wipe_free_space(runtime::File& file, const Superblock& superblock, const JournalRing& ring) {
  uint64_t begin = superblock.ring_begin(), end = superblock.ring_end();
  uint64_t head = ring.head(), tail = ring.protected_position();
  bool empty = ring.used_bytes() == 0;
  bool wrapped = !empty && head <= tail;
  if (wrapped) return wipe(file, head, tail);
  if (Result<void> wiped = wipe(file, begin, empty ? head : tail); !wiped) return wiped;
  return wipe(file, head, end);
}

Result<void> write_superblocks(runtime::File& file, Superblock& superblock) {
  for (int copy = 0; copy < 2; ++copy) {
    ++superblock.update;
    ByteVec bytes = encode_superblock(superblock);
    if (Result<void> written = file.write(superblock.copy_position(), bytes); !written) return written;
    if (Result<void> synced = file.sync(); !synced) return synced;
  }
  return {};
}

}  // namespace

Result<void> make_journal_file(runtime::Disk& disk, uint64_t file_bytes, const RandomId& journal_id) {
  Result<bool> there = disk.exists(kJournalFile);
  if (!there) return std::unexpected(there.error());
  if (*there) return {};
  Result<bool> leftover = disk.exists(kNewFile);
  if (!leftover) return std::unexpected(leftover.error());
  if (*leftover)
    if (Result<void> removed = disk.remove(kNewFile); !removed) return removed;
  Superblock superblock{.journal_id = journal_id, .update = 0, .file_bytes = file_bytes};
  superblock.tail.position = superblock.ring_begin();
  if (Result<void> written = write_new_file(disk, superblock); !written) return written;
  if (Result<void> renamed = disk.rename(kNewFile, kJournalFile); !renamed) return renamed;
  return disk.sync_directory(".");
}

Result<std::string> repair_journal_file(runtime::Disk& disk, ChunkSeq next_at_least, Superblock& superblock,
                                        JournalRing& ring) {
  Result<std::string> copy = keep_damaged_journal(disk);
  if (!copy) return copy;
  Result<std::unique_ptr<runtime::File>> file = disk.open(kJournalFile, Mode::kReadWrite);
  if (!file) return std::unexpected(file.error());
  bool end_is_missing = ring.next_seq() < next_at_least;
  if (end_is_missing) {
    superblock.tail = {next_at_least, superblock.ring_begin(), 0};
    ring = JournalRing(superblock.ring_begin(), superblock.ring_end(), superblock.tail);
  }
  if (Result<void> wiped = wipe_free_space(**file, superblock, ring); !wiped) return std::unexpected(wiped.error());
  if (!end_is_missing) return copy;
  if (Result<void> written = write_superblocks(**file, superblock); !written) return std::unexpected(written.error());
  return copy;
}

}  // namespace godwit::storage
