#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/sim_disk.h"
#include "storage/local_journal.h"

namespace godwit::storage {

/// What a recovery showed: (chunk, shard seq, body).
struct SeenEntry {
  uint64_t chunk;
  uint64_t seq;
  std::string body;
  bool operator==(const SeenEntry&) const = default;
};

/// A journal over a disk, stepped by hand, and what it reported.
class JournalBench {
 public:
  explicit JournalBench(runtime::Disk& disk, uint64_t file_bytes = 256_KiB, Durability mode = Durability::kFsync)
      : durability(mode), disk_(disk), file_bytes_(file_bytes) {}

  Result<void> open(bool repair = false, uint64_t next_at_least = 1, uint64_t from_at_most = UINT64_MAX) {
    seen.clear();
    ++boots_;
    LocalJournalOptions options{.file_bytes = file_bytes_, .wall_ms = [this] { return wall_ms; }, .repair = repair};
    options.next_at_least = ChunkSeq(next_at_least);
    options.from_at_most = ChunkSeq(from_at_most);
    options.durability = durability;
    options.boot_id.fill(static_cast<uint8_t>(boots_));
    journal.reset();
    auto result =
        LocalJournal::open(disk_, std::move(options), [this](ChunkSeq c, const EntryHeader& e, const Slice& b) {
          seen.push_back({c.value, e.seq, std::string(as_string(b))});
          return Result<void>();
        });
    if (!result) return std::unexpected(result.error());
    opened = std::move(*result);
    journal = std::move(opened.journal);
    journal->start(
        [this](WorkerId worker, uint64_t ticket, Result<ChunkSeq> chunk) {
          if (chunk)
            durable[worker.value] = {ticket, chunk->value};
          else
            error = chunk.error().message;
        },
        [this] { ++wakes; });
    return {};
  }

  /// Appends one entry of worker 0; its ticket and shard seq count up.
  uint64_t append(std::string_view body, uint16_t worker = 0) {
    StagedEntries entries;
    entries.add(ShardId(worker), 1, 1, ++tickets, {}, Slice::copy(as_bytes(body)));
    journal->append(WorkerId(worker), tickets, std::move(entries));
    return tickets;
  }
  /// Appends and writes one chunk of `bytes` on disk.
  void write_chunk_of(uint64_t bytes, char fill = 'x') {
    append(std::string(bytes - kChunkHeaderBytes - EntryHeader::kBytes, fill));
    EXPECT_TRUE(journal->step());
  }

  /// True when everything reported so far is on stable storage.
  bool sync() {
    bool synced = false;
    journal->sync([&](Result<void> result) { synced = result.has_value(); });
    journal->step();
    return synced;
  }

  Durability durability;  ///< of the next open
  std::unique_ptr<LocalJournal> journal;
  LocalJournal::Opened opened;
  std::vector<SeenEntry> seen;
  std::map<uint16_t, std::pair<uint64_t, uint64_t>> durable;  ///< worker: last ticket, its chunk
  std::string error;
  uint64_t tickets = 0;
  int64_t wall_ms = 1000;
  int wakes = 0;

 private:
  runtime::Disk& disk_;
  uint64_t file_bytes_;
  int boots_ = 0;
};

}  // namespace godwit::storage
