#include "storage/local_journal.h"

#include <gmock/gmock.h>

#include "journal_fixture.h"
#include "runtime/linux/posix_disk.h"
#include "support/temporary_directory.h"

namespace godwit::storage {
namespace {

using testing::HasSubstr;

TEST(LocalJournal, WritesWhatGatheredInOneChunkWithOneSync) {
  sim::SimDisk disk(1);
  JournalBench bench(disk);
  ASSERT_TRUE(bench.open());
  EXPECT_FALSE(bench.journal->step());
  for (uint16_t i = 0; i < 30; ++i) bench.append("body " + std::to_string(i), i % 3);
  EXPECT_EQ(bench.wakes, 30);
  EXPECT_TRUE(bench.durable.empty());
  uint64_t syncs = disk.syncs(), writes = disk.writes();
  EXPECT_TRUE(bench.journal->step());
  EXPECT_FALSE(bench.journal->step());
  EXPECT_EQ(disk.syncs() - syncs, 1u);
  EXPECT_EQ(disk.writes() - writes, 1u);
  using Last = std::pair<uint64_t, uint64_t>;
  EXPECT_EQ(bench.durable, (std::map<uint16_t, Last>{{0, {28, 1}}, {1, {29, 1}}, {2, {30, 1}}}));
  EXPECT_EQ(bench.journal->usage().used_bytes, 4096u);

  bench.append("second");
  EXPECT_TRUE(bench.journal->step());
  bench.wall_ms = 5000;
  ASSERT_TRUE(bench.open());
  ASSERT_EQ(bench.seen.size(), 31u);
  EXPECT_EQ(bench.seen[29], (SeenEntry{1, 30, "body 29"}));
  EXPECT_EQ(bench.seen[30], (SeenEntry{2, 31, "second"}));
  EXPECT_EQ(bench.opened.next, ChunkSeq(3));
  EXPECT_EQ(bench.opened.chunks, 2u);
  EXPECT_EQ(bench.opened.last_wall_ms, 1000);
  EXPECT_FALSE(bench.opened.torn);
  EXPECT_EQ(bench.journal->usage().used_bytes, 8192u);
}

TEST(LocalJournal, AChunkClosesAtItsTargetUnlessOneAppendIsLarger) {
  sim::SimDisk disk(1);
  JournalBench bench(disk, 64_MiB);
  ASSERT_TRUE(bench.open());
  std::string quarter(kChunkBytesTarget / 4, 'q');
  for (int i = 0; i < 4; ++i) bench.append(quarter);
  bench.append(std::string(9_MiB, 'l'));
  bench.append("small");
  std::vector<uint64_t> tickets;
  while (bench.journal->step()) tickets.push_back(bench.durable[0].first);
  EXPECT_EQ(tickets, (std::vector<uint64_t>{3, 4, 5, 6}));
  ASSERT_TRUE(bench.open());
  EXPECT_EQ(bench.seen.size(), 6u);
  EXPECT_EQ(bench.seen[4].body.size(), 9_MiB);
}

TEST(LocalJournal, AFullRingWaitsForTrimmingAndOverwritesNothing) {
  sim::SimDisk disk(1);
  JournalBench bench(disk, 64_KiB);  // 14 blocks of ring
  ASSERT_TRUE(bench.open());
  for (int i = 0; i < 14; ++i) bench.write_chunk_of(4096);
  EXPECT_EQ(bench.journal->usage().used_bytes, bench.journal->usage().capacity_bytes);
  uint64_t waiting = bench.append("waits");
  EXPECT_FALSE(bench.journal->step());
  EXPECT_FALSE(bench.journal->step());
  EXPECT_EQ(bench.journal->counters().stalls, 1u);
  EXPECT_LT(bench.durable[0].first, waiting);
  int wakes = bench.wakes;
  bench.journal->trim(ChunkSeq(2));
  EXPECT_GT(bench.wakes, wakes);
  EXPECT_TRUE(bench.journal->step());
  EXPECT_EQ(bench.durable[0].first, waiting);
  bench.append("waits again");
  EXPECT_FALSE(bench.journal->step());
  ASSERT_TRUE(bench.open());
  EXPECT_EQ(bench.seen.size(), 14u);
  EXPECT_EQ(bench.seen.front().chunk, 2u);
  EXPECT_EQ(bench.seen.back().body, "waits");
}

TEST(LocalJournal, AStartAfterIdlenessReadsOnlyWhatIsNeeded) {
  sim::SimDisk disk(1);
  JournalBench bench(disk, 1_MiB);
  ASSERT_TRUE(bench.open());
  for (int i = 0; i < 5; ++i) bench.write_chunk_of(4096);
  bench.journal->trim(ChunkSeq(5));
  EXPECT_FALSE(bench.journal->step());
  uint64_t syncs = disk.syncs();
  EXPECT_FALSE(bench.journal->step());
  EXPECT_EQ(disk.syncs(), syncs);
  ASSERT_TRUE(bench.open());
  EXPECT_EQ(bench.opened.chunks, 1u);
  EXPECT_EQ(bench.seen.front().chunk, 5u);
}

TEST(LocalJournal, WrapsForEverWhileItIsTrimmed) {
  sim::SimDisk disk(1);
  JournalBench bench(disk, 128_KiB);
  ASSERT_TRUE(bench.open());
  for (uint64_t i = 1; i <= 500; ++i) {
    bench.write_chunk_of(1 + (i * 2654435761u) % 20000 + 100, static_cast<char>('a' + i % 26));
    if (i > 3) bench.journal->trim(ChunkSeq(i - 3));
    if (i % 50 != 0) continue;
    ASSERT_TRUE(bench.open());
    ASSERT_EQ(bench.opened.next, ChunkSeq(i + 1));
    ASSERT_EQ(bench.seen.back().body.front(), static_cast<char>('a' + i % 26));
    bench.journal->trim(ChunkSeq(i - 3));
  }
  EXPECT_EQ(bench.journal->counters().stalls, 0u);
  EXPECT_LT(bench.journal->counters().superblocks, 50u);
}

TEST(LocalJournal, EverythingTrimmedLeavesAnEmptyJournalThatGoesOn) {
  sim::SimDisk disk(1);
  JournalBench bench(disk, 64_KiB);
  ASSERT_TRUE(bench.open());
  for (uint64_t i = 1; i <= 40; ++i) {
    bench.write_chunk_of(20000);
    bench.journal->trim(ChunkSeq(i + 1));
    EXPECT_FALSE(bench.journal->step());
    EXPECT_EQ(bench.journal->usage().used_bytes, 0u);
  }
  ASSERT_TRUE(bench.open());
  EXPECT_EQ(bench.opened.next, ChunkSeq(41));
}

TEST(LocalJournal, WithoutSyncsWhatWasSyncedOnDemandIsNotTakenForLoss) {
  for (bool synced : {false, true}) {
    sim::SimDisk disk(1);
    JournalBench bench(disk, 256_KiB, Durability::kOs);
    ASSERT_TRUE(bench.open());
    uint64_t syncs = disk.syncs();
    for (int i = 0; i < 3; ++i) bench.write_chunk_of(4096);
    EXPECT_EQ(disk.syncs(), syncs);
    EXPECT_EQ(synced, synced && bench.sync());
    disk.flip_bit("journal", 2 * 4096 + 100, 3);
    Result<void> opened = bench.open();
    EXPECT_EQ(opened.has_value(), !synced);
    if (synced) {
      EXPECT_THAT(opened.error().message, HasSubstr("chunk 2 at offset 8192 is damaged"));
      continue;
    }
    EXPECT_EQ(bench.opened.next, ChunkSeq(2));
    EXPECT_EQ(bench.opened.cut_off, 1u);
    EXPECT_TRUE(bench.opened.torn);
    ASSERT_TRUE(bench.open());
    EXPECT_EQ(bench.opened.cut_off, 0u);
    EXPECT_FALSE(bench.opened.torn) << "wiped, so that what overwrites a part of it does not make it whole";
  }
}

TEST(LocalJournal, AFailedSyncOnDemandFencesToo) {
  sim::SimDisk disk(1);
  JournalBench bench(disk, 256_KiB, Durability::kOs);
  ASSERT_TRUE(bench.open());
  bench.write_chunk_of(4096);
  disk.fail_next_sync();
  EXPECT_FALSE(bench.sync());
  bench.append("too late");
  EXPECT_FALSE(bench.journal->step());
  EXPECT_THAT(bench.error, HasSubstr("fenced"));
  EXPECT_FALSE(bench.sync());
}

TEST(LocalJournal, AFailedSyncFencesForGood) {
  for (bool write_fails : {false, true}) {
    sim::SimDisk disk(1);
    JournalBench bench(disk);
    ASSERT_TRUE(bench.open());
    bench.write_chunk_of(4096);
    bench.append("lost");
    if (write_fails)
      disk.fail_next_write();
    else
      disk.fail_next_sync();
    EXPECT_FALSE(bench.journal->step());
    EXPECT_THAT(bench.error, HasSubstr("fenced: journal: "));
    EXPECT_EQ(bench.durable[0].first, 1u);
    bench.error.clear();
    uint64_t writes = disk.writes();
    bench.append("later");
    EXPECT_FALSE(bench.journal->step());
    EXPECT_THAT(bench.error, HasSubstr("fenced"));
    EXPECT_EQ(disk.writes(), writes);
  }
}

TEST(LocalJournal, WhatAFailedSyncLeftInMemoryIsWrittenAgain) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    sim::SimDisk disk(seed);
    JournalBench bench(disk);
    ASSERT_TRUE(bench.open());
    bench.append("first");
    ASSERT_TRUE(bench.journal->step());
    bench.append("in memory only");
    disk.fail_next_sync();
    EXPECT_FALSE(bench.journal->step());
    disk.kill();  // the process ends, the system stays: it takes the chunk for written
    ASSERT_TRUE(bench.open());
    ASSERT_EQ(bench.seen.size(), 2u);
    bench.append("built upon it");
    ASSERT_TRUE(bench.journal->step());
    disk.crash();
    Result<void> again = bench.open();
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(bench.seen.size(), 3u);
  }
}

TEST(LocalJournal, AJournalThatBeginsAfterWhatIsWantedIsRefused) {
  sim::SimDisk disk(1);
  JournalBench bench(disk, 64_KiB);
  ASSERT_TRUE(bench.open());
  for (uint64_t i = 1; i < 40; ++i) {
    bench.write_chunk_of(4_KiB);
    bench.journal->trim(ChunkSeq(i));
  }
  EXPECT_FALSE(bench.open(false, 1, 5)) << "chunk 5 was overwritten long ago";
  EXPECT_TRUE(bench.open(false, 1, 39));
}

TEST(LocalJournal, AnEmptyAppendIsAsDurableAsWhatPrecedes) {
  sim::SimDisk disk(1);
  JournalBench bench(disk);
  ASSERT_TRUE(bench.open());
  bench.write_chunk_of(4096);
  uint64_t syncs = disk.syncs();
  bench.journal->append(WorkerId(3), 77, {});
  EXPECT_TRUE(bench.journal->step());
  EXPECT_EQ(bench.durable[3], (std::pair<uint64_t, uint64_t>{77, 1}));
  EXPECT_EQ(disk.syncs(), syncs);
}

TEST(LocalJournal, KeepsItsSizeAndRefusesASillyOne) {
  sim::SimDisk disk(1);
  JournalBench first(disk, 128_KiB);
  ASSERT_TRUE(first.open());
  JournalBench second(disk, 256_KiB);
  ASSERT_TRUE(second.open());
  EXPECT_EQ(second.journal->usage().capacity_bytes, 120_KiB);
  JournalBench odd(disk, 128_KiB + 1);
  EXPECT_EQ(odd.open().error().code, ErrorCode::kInvalidArgument);
}

TEST(LocalJournal, AFullDiskMakesNoHalfJournal) {
  sim::SimDisk disk(1, 100_KiB);
  JournalBench bench(disk);
  EXPECT_EQ(bench.open().error().code, ErrorCode::kFull);
  EXPECT_FALSE(disk.exists("journal").value());
  disk.set_capacity(1_MiB);
  EXPECT_TRUE(bench.open());
  disk.set_capacity(0);
  bench.write_chunk_of(8192);
  EXPECT_EQ(bench.durable[0].first, 1u);
}

TEST(LocalJournal, RunsOnARealDisk) {
  TemporaryDirectory folder;
  auto disk = runtime::open_posix_disk(folder.path()).value();
  JournalBench bench(*disk, 1_MiB);
  ASSERT_TRUE(bench.open());
  for (uint64_t i = 1; i <= 200; ++i) {
    bench.write_chunk_of(100 + i * 137);
    if (i > 5) bench.journal->trim(ChunkSeq(i - 5));
  }
  ASSERT_TRUE(bench.open());
  EXPECT_EQ(bench.opened.next, ChunkSeq(201));
  EXPECT_EQ(bench.seen.back().seq, 200u);
  EXPECT_FALSE(bench.opened.torn);
}

}  // namespace
}  // namespace godwit::storage
