#include "storage/superblock.h"

#include <gtest/gtest.h>

#include "sim/sim_disk.h"
#include "storage/journal_file.h"

namespace godwit::storage {
namespace {

Superblock sample() {
  Superblock s{.update = 4, .file_bytes = 64_KiB, .largest_chunk_bytes = 8192, .prepared = true};
  s.journal_id.fill(7);
  s.tail = {ChunkSeq(9), 8192, 5};
  return s;
}

TEST(Superblock, ReadsBackAndRefusesEveryFlippedBit) {
  ByteVec bytes = encode_superblock(sample());
  EXPECT_EQ(bytes.size(), kBlockBytes);
  EXPECT_EQ(decode_superblock(bytes).value(), sample());
  for (size_t bit = 0; bit < Superblock::kBytes * 8; ++bit) {
    ByteVec flipped = bytes;
    flipped[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(decode_superblock(flipped)) << bit;
  }
}

TEST(Superblock, RefusesWhatIsOutOfRange) {
  for (auto spoil : {+[](Superblock& s) { s.tail.position = 0; }, +[](Superblock& s) { s.tail.position = 64_KiB; },
                     +[](Superblock& s) { s.tail.position += 1; }, +[](Superblock& s) { s.tail.seq = ChunkSeq(0); },
                     +[](Superblock& s) { s.file_bytes = 8192; },
                     +[](Superblock& s) { s.largest_chunk_bytes = kChunkBytesMax + 1; }}) {
    Superblock s = sample();
    spoil(s);
    EXPECT_EQ(decode_superblock(encode_superblock(s)).error().code, ErrorCode::kCorrupt);
  }
}

TEST(Superblock, TheNewerWholeCopyCounts) {
  sim::SimDisk disk(1);
  RandomId id;
  id.fill(7);
  ASSERT_TRUE(make_journal_file(disk, 64_KiB, id));
  auto file = disk.open(kJournalFile, runtime::Disk::Mode::kReadWrite).value();
  EXPECT_EQ(read_superblock(*file)->superblock.update, 0u);
  ASSERT_TRUE(file->write(60_KiB, encode_superblock(sample())));
  EXPECT_EQ(read_superblock(*file)->superblock, sample());
  EXPECT_FALSE(read_superblock(*file)->damaged_at);
  disk.flip_bit(kJournalFile, 60_KiB + 20, 0);
  EXPECT_EQ(read_superblock(*file)->superblock.update, 0u);
  EXPECT_EQ(read_superblock(*file)->damaged_at, 60_KiB);
  disk.flip_bit(kJournalFile, 20, 0);
  EXPECT_EQ(read_superblock(*file).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace godwit::storage
