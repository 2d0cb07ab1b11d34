#include "storage/journal_recovery.h"

#include <gmock/gmock.h>

#include "base/codec.h"
#include "base/crc32c.h"
#include "journal_fixture.h"

namespace godwit::storage {
namespace {

using testing::HasSubstr;
using Mode = runtime::Disk::Mode;

ByteVec file_bytes(runtime::Disk& disk, const std::string& path) {
  auto file = disk.open(path, Mode::kRead).value();
  ByteVec bytes(file->size().value());
  EXPECT_EQ(file->read(0, bytes).value(), bytes.size());
  return bytes;
}

void overwrite(runtime::Disk& disk, uint64_t position, ByteView bytes) {
  auto file = disk.open("journal", Mode::kReadWrite).value();
  ASSERT_TRUE(file->write(position, bytes));
  ASSERT_TRUE(file->sync());
}

TEST(JournalRecovery, DropsATornLastChunkCutAtEveryByte) {
  sim::SimDisk disk(1);
  JournalBench bench(disk, 64_KiB);
  ASSERT_TRUE(bench.open());
  bench.write_chunk_of(4096);
  bench.append("the last chunk, all of whose bytes differ from zero");
  ASSERT_TRUE(bench.journal->step());
  ByteVec whole = file_bytes(disk, "journal");
  uint64_t position = 2 * kBlockBytes;
  size_t bytes = kChunkHeaderBytes + EntryHeader::kBytes + 51;

  for (size_t cut = 0; cut < bytes; ++cut) {
    ByteVec torn(whole.begin() + static_cast<ptrdiff_t>(position),
                 whole.begin() + static_cast<ptrdiff_t>(position + kBlockBytes));
    std::fill(torn.begin() + static_cast<ptrdiff_t>(cut), torn.end(), 0);
    overwrite(disk, position, torn);
    ASSERT_TRUE(bench.open()) << cut;
    ASSERT_EQ(bench.seen.size(), 1u) << cut;
    ASSERT_EQ(bench.opened.next, ChunkSeq(2));
    ASSERT_EQ(bench.opened.torn.has_value(), cut >= kChunkHeaderBytes) << cut;
    if (cut < kChunkHeaderBytes) continue;
    EXPECT_EQ(bench.opened.torn->position, position);
    EXPECT_EQ(bench.opened.torn->bytes, kBlockBytes);
    EXPECT_EQ(bench.opened.torn->seq, ChunkSeq(2));
  }
  ASSERT_TRUE(bench.open());
  EXPECT_FALSE(bench.opened.torn) << "it is wiped";
  // The number of the dropped chunk is used again.
  bench.append("again");
  ASSERT_TRUE(bench.journal->step());
  ASSERT_TRUE(bench.open());
  EXPECT_EQ(bench.seen.back().body, "again");
  EXPECT_EQ(bench.seen.back().chunk, 2u);
}

/// Five chunks of three blocks, the third of which is damaged at `where`.
class Damaged : public testing::TestWithParam<uint64_t> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(bench_.open());
    for (char c : {'a', 'b', 'c', 'd', 'e'}) bench_.write_chunk_of(3 * kBlockBytes, c);
    disk_.flip_bit("journal", kPosition + GetParam(), 3);
  }

  static constexpr uint64_t kPosition = kBlockBytes * 7;
  sim::SimDisk disk_{1};
  JournalBench bench_{disk_};
};

TEST_P(Damaged, RefusesToStartAndNamesThePlace) {
  Result<void> refused = bench_.open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(refused.error().message, HasSubstr("journal: chunk 3 at offset 28672 is damaged"));
  EXPECT_THAT(refused.error().message, HasSubstr("chunk 4"));
  EXPECT_THAT(refused.error().message, HasSubstr("offset 40960"));
}

TEST_P(Damaged, RepairKeepsTheFileAndGoesOnInFrontOfIt) {
  ByteVec before = file_bytes(disk_, "journal");
  ASSERT_TRUE(bench_.open(true));
  EXPECT_EQ(bench_.opened.damaged_copy, "journal.damaged-1");
  EXPECT_EQ(bench_.opened.repaired->seq, ChunkSeq(3));
  EXPECT_EQ(file_bytes(disk_, "journal.damaged-1"), before);
  ASSERT_EQ(bench_.seen.size(), 2u);
  EXPECT_EQ(bench_.opened.next, ChunkSeq(3));

  bench_.append("new 3");
  ASSERT_TRUE(bench_.journal->step());
  ASSERT_TRUE(bench_.open()) << "the old chunks 4 and 5 must not come back";
  ASSERT_EQ(bench_.seen.size(), 3u);
  EXPECT_EQ(bench_.seen[2].body, "new 3");
  EXPECT_FALSE(bench_.opened.repaired);
}

TEST_P(Damaged, ACrashDuringRepairLosesNothingMore) {
  for (uint64_t operations = 0; operations < 40; ++operations) {
    sim::SimDisk disk(operations);
    JournalBench bench(disk);
    ASSERT_TRUE(bench.open());
    for (char c : {'a', 'b', 'c', 'd', 'e'}) bench.write_chunk_of(3 * kBlockBytes, c);
    disk.flip_bit("journal", kPosition + GetParam(), 3);
    disk.stop_after(operations);
    (void)bench.open(true);
    bench.journal.reset();
    disk.crash();
    ASSERT_TRUE(bench.open(true));
    ASSERT_EQ(bench.seen.size(), 2u);
    bench.append("goes on");
    ASSERT_TRUE(bench.journal->step());
    ASSERT_TRUE(bench.open());
    ASSERT_EQ(bench.seen.size(), 3u);
  }
}

INSTANTIATE_TEST_SUITE_P(At, Damaged,
                         testing::Values(0, 8, 40, kChunkHeaderCrcAt, kChunkHeaderBytes, 3 * kBlockBytes - 1 - 7),
                         [](const auto& test) { return "byte" + std::to_string(test.param); });

TEST(JournalRecovery, DamageBehindTheRingsEndIsFound) {
  sim::SimDisk disk(1);
  JournalBench bench(disk, 64_KiB);  // blocks 1..14
  ASSERT_TRUE(bench.open());
  for (int i = 0; i < 4; ++i) bench.write_chunk_of(3 * kBlockBytes);  // to block 12, two are left
  bench.journal->trim(ChunkSeq(4));
  for (int i = 0; i < 2; ++i) bench.write_chunk_of(3 * kBlockBytes);  // at block 1 and 4
  ASSERT_TRUE(bench.open());
  EXPECT_EQ(bench.opened.next, ChunkSeq(7));
  disk.flip_bit("journal", kBlockBytes + 9, 0);
  EXPECT_THAT(bench.open().error().message, HasSubstr("chunk 5 at offset"));
}

TEST(JournalRecovery, AJournalShorterThanTheManifestSaysIsDamage) {
  sim::SimDisk disk(1);
  JournalBench bench(disk);
  ASSERT_TRUE(bench.open());
  for (int i = 0; i < 3; ++i) bench.write_chunk_of(4096);
  ASSERT_TRUE(bench.open(false, 4));
  Result<void> refused = bench.open(false, 9);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("chunk 4 at offset 16384"));
  EXPECT_THAT(refused.error().message, HasSubstr("chunk 9, which comes after it, is named by the manifest"));
  ASSERT_TRUE(bench.open(true, 9));
  EXPECT_EQ(bench.opened.next, ChunkSeq(9));
  bench.write_chunk_of(4096);
  ASSERT_TRUE(bench.open(false, 9));
  EXPECT_EQ(bench.opened.next, ChunkSeq(10));
  EXPECT_EQ(bench.seen.size(), 1u);
}

TEST(JournalRecovery, AClientsBytesAreNeverTakenForAChunk) {
  sim::SimDisk disk(1);
  JournalBench bench(disk);
  ASSERT_TRUE(bench.open());
  bench.write_chunk_of(kBlockBytes);
  bench.write_chunk_of(kBlockBytes);
  // A body that carries, block by block, headers of later chunks, sealed without the journal's id.
  ByteVec forged;
  for (uint64_t seq = 3; seq < 10; ++seq) {
    ByteVec block(kBlockBytes);
    ChunkHeader header{.seq = ChunkSeq(seq), .body_bytes = 100};
    RandomId guess{};
    seal_chunk(std::span(block).first(kChunkHeaderBytes + 100), guess, header);
    forged.insert(forged.end(), block.begin(), block.end());
  }
  std::string body(kBlockBytes - kChunkHeaderBytes - EntryHeader::kBytes, 'p');
  bench.append(body + std::string(as_string(forged)));
  ASSERT_TRUE(bench.journal->step());
  disk.flip_bit("journal", 3 * kBlockBytes + 100, 0);  // torn
  ASSERT_TRUE(bench.open());
  EXPECT_EQ(bench.opened.next, ChunkSeq(3));
  EXPECT_TRUE(bench.opened.torn);
}

TEST(JournalRecovery, AChunkOfANewerVersionIsRefusedWithAndWithoutRepair) {
  sim::SimDisk disk(1);
  JournalBench bench(disk);
  ASSERT_TRUE(bench.open());
  bench.write_chunk_of(kBlockBytes);
  ByteVec bytes = file_bytes(disk, "journal");
  RandomId id{};
  id.fill(1);
  ByteVec header(bytes.begin() + kBlockBytes, bytes.begin() + kBlockBytes + kChunkHeaderBytes);
  header[4] = 2;
  Writer out(header);
  out.patch_le(kChunkHeaderCrcAt, crc32c(ByteView(header).first(kChunkHeaderCrcAt), crc32c(id)));
  overwrite(disk, kBlockBytes, header);
  for (bool repair : {false, true}) {
    Result<void> refused = bench.open(repair);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  }
}

TEST(JournalRecovery, TheVisitorsErrorEndsIt) {
  sim::SimDisk disk(1);
  JournalBench bench(disk);
  ASSERT_TRUE(bench.open());
  bench.write_chunk_of(4096);
  LocalJournalOptions options{.wall_ms = [] { return 0; }};
  auto result = LocalJournal::open(disk, std::move(options), [](ChunkSeq, const EntryHeader&, const Slice&) {
    return Result<void>(fail(ErrorCode::kUnsupported, "no such record"));
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "journal: no such record");
}

}  // namespace
}  // namespace godwit::storage
