#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/disk.h"
#include "runtime/handover.h"
#include "runtime/published.h"
#include "storage/block_buffer.h"
#include "storage/durability.h"
#include "storage/journal.h"
#include "storage/journal_recovery.h"
#include "storage/journal_ring.h"
#include "storage/ring_preparer.h"

namespace godwit::storage {

struct LocalJournalOptions {
  /// Of a file that is made new, a multiple of kBlockBytes, at least 64 KiB; an existing file keeps its size.
  uint64_t file_bytes = 256_MiB;
  /// Random, new for each start. That of the first start also becomes the journal's id.
  RandomId boot_id{};
  Durability durability = Durability::kFsync;
  std::function<int64_t()> wall_ms;
  /// The next chunk's number as far as it is known elsewhere (the manifest): a journal that ends before is damaged.
  ChunkSeq next_at_least{1};
  /// The oldest chunk that is wanted (the manifest): a journal that begins later is damaged, or of another manifest.
  ChunkSeq from_at_most{UINT64_MAX};
  /// Who says so, for errors; empty: there is no manifest, so that all chunks are wanted.
  std::string wanted_by;
  /// Goes on in front of damage after keeping the whole file as journal.damaged-<n>. Otherwise damage is kCorrupt.
  bool repair = false;
};

/// Totals since the start.
struct JournalCounters {
  uint64_t chunks = 0;
  uint64_t bytes = 0;  ///< as stored, with padding
  uint64_t syncs = 0;
  uint64_t superblocks = 0;
  uint64_t stalls = 0;  ///< times a chunk had to wait for trimming
};

/// The journal in the file `journal` of a disk: a ring of preallocated blocks between two superblocks.
/// Formats: docs/formats/journal.md, docs/formats/chunk.md.
///
/// A machine that somebody steps: a StepThread, or the simulator. append(), trim() and usage() may be called from any
/// thread; everything else from the one that steps.
class LocalJournal final : public Journal {
 public:
  struct Opened;

  /// Makes the file if it is not there, and shows every entry that is in it to `visit`. Errors: kCorrupt names the file
  /// and the offset of damage, kUnsupported, kFull, kIo, the visitor's. Blocks.
  static Result<Opened> open(runtime::Disk& disk, LocalJournalOptions options, const EntryVisitor& visit);

  /// Before the first append. `wake` is called from any thread when a step may have work.
  void start(OnDurable on_durable, std::function<void()> wake);

  /// After start(): writes a new ring's blocks ahead of its head, on `io`; see ring_preparer.h. Errors: kIo.
  Result<void> prepare(runtime::Disk& disk, runtime::Executor& io);

  /// `entries` are to be at most append_bytes_max(); up to half the ring is taken, but may wait for ever.
  void append(WorkerId worker, uint64_t ticket, StagedEntries entries) override;
  void trim(ChunkSeq oldest_needed) override;
  void sync(std::move_only_function<void(Result<void>)> done) override;
  JournalUsage usage() const override;

  /// Writes one chunk of what has been appended and reports it durable. False when there was nothing it could do: it
  /// is to be called again after the next wake.
  bool step();

  JournalCounters counters() const;
  /// A quarter of the ring: while no more than half of it is in use, and wherever that lies, one of the two gaps beside
  /// it is as large. Above half, checkpoints make room.
  size_t append_bytes_max() const override;

 private:
  struct Pending {
    WorkerId worker;
    uint64_t ticket;
    StagedEntries entries;
  };

  LocalJournal(std::unique_ptr<runtime::File> file, LocalJournalOptions options, Superblock superblock,
               JournalRing ring);

  /// The oldest pending appends, taken into one chunk.
  struct Group {
    size_t appends = 0;
    size_t body_bytes = 0;
    uint32_t entries = 0;
    uint64_t stored_bytes() const { return round_up_to_block(kChunkHeaderBytes + body_bytes); }
  };

  Result<void> begin_boot(const std::vector<uint64_t>& dead);
  Result<void> wipe(const std::vector<uint64_t>& dead);
  Result<void> renew_unsynced();
  Result<void> renew(uint64_t position, size_t bytes);
  void answer_syncs();
  Result<void> go_on_preparing();
  bool write_chunk();
  /// At least one append, more while they fit `bytes_target`.
  Group next_group(size_t bytes_target) const;
  bool write_group(const Group& group, uint64_t position);
  ChunkHeader fill_buffer(const Group& group);
  std::optional<uint64_t> make_room(uint64_t stored_bytes);
  bool release_trimmed();
  Result<void> write_superblock(uint64_t chunk_bytes);
  Result<void> sync_file();
  void report(size_t appends, const Result<ChunkSeq>& result);
  bool fence(Error error);
  void publish_usage();

  std::unique_ptr<runtime::File> file_;
  LocalJournalOptions options_;
  OnDurable on_durable_;
  std::function<void()> wake_;

  // Owned by the stepping thread.
  Superblock superblock_;  ///< as last written
  JournalRing ring_;
  const size_t chunk_bytes_target_;
  BlockBuffer buffer_;
  BlockBuffer superblock_buffer_;
  std::deque<Pending> pending_;
  std::vector<Pending> taken_;
  std::vector<std::pair<WorkerId, uint64_t>> reports_;
  ChunkSeq synced_to_{1};                   ///< chunks before are on stable storage
  std::unique_ptr<RingPreparer> preparer_;  ///< while there is something to prepare
  std::optional<Error> fenced_;
  bool stalled_ = false;

  // Shared.
  runtime::Handover<Pending> handover_;
  runtime::Handover<std::move_only_function<void(Result<void>)>> syncs_wanted_;
  runtime::Published<uint64_t> trim_to_;
  runtime::Published<uint64_t> used_bytes_;
  runtime::Published<uint64_t> newest_;
  runtime::Published<uint64_t> chunks_, bytes_, syncs_, superblocks_, stalls_;
};

struct LocalJournal::Opened {
  std::unique_ptr<LocalJournal> journal;
  ChunkSeq next{1};
  uint64_t chunks = 0;
  uint64_t entries = 0;
  uint64_t bytes = 0;
  int64_t last_wall_ms = 0;  ///< of the newest chunk; 0 if there is none
  std::optional<TornChunk> torn;
  uint64_t cut_off = 0;                           ///< whole chunks behind one that was lost before a sync, dropped
  uint32_t boots = 0;                             ///< this one included
  std::optional<uint64_t> damaged_superblock_at;  ///< of two: the other one counted
  std::optional<JournalDamage> repaired;
  std::string damaged_copy;  ///< the kept file's name when `repaired`
};

}  // namespace godwit::storage
