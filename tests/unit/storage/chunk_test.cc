#include "storage/chunk.h"

#include <gtest/gtest.h>

namespace godwit::storage {
namespace {

RandomId id_of(uint8_t fill) {
  RandomId id;
  id.fill(fill);
  return id;
}

TEST(Chunk, ReadsBackWhatWasSealed) {
  ByteVec chunk(kChunkHeaderBytes + 10, 'b');
  ChunkHeader header{.seq = ChunkSeq(7), .boot_id = id_of(9), .previous_crc = 3, .body_bytes = 10, .entry_count = 1};
  header.wall_ms = -5;
  seal_chunk(chunk, id_of(1), header);
  ChunkHeader read = read_chunk_header(chunk, id_of(1)).value();
  EXPECT_EQ(read.seq, ChunkSeq(7));
  EXPECT_EQ(read.boot_id, id_of(9));
  EXPECT_EQ(read.previous_crc, 3u);
  EXPECT_EQ(read.wall_ms, -5);
  EXPECT_EQ(read.crc, header.crc);
  EXPECT_EQ(read.stored_bytes(), kBlockBytes);
  EXPECT_TRUE(check_chunk_body(chunk, read));
  EXPECT_FALSE(check_chunk_body(ByteView(chunk).first(chunk.size() - 1), read));
  chunk.back() ^= 1;
  EXPECT_FALSE(check_chunk_body(chunk, read));
}

TEST(Chunk, IsOfOneJournalAndRefusesEveryFlippedBit) {
  ByteVec chunk(kChunkHeaderBytes);
  ChunkHeader header{.seq = ChunkSeq(1)};
  seal_chunk(chunk, id_of(1), header);
  EXPECT_TRUE(read_chunk_header(chunk, id_of(1)));
  EXPECT_EQ(read_chunk_header(chunk, id_of(2)).error().code, ErrorCode::kCorrupt);
  for (size_t bit = 0; bit < kChunkHeaderBytes * 8; ++bit) {
    ByteVec flipped = chunk;
    flipped[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(read_chunk_header(flipped, id_of(1))) << bit;
  }
}

TEST(Chunk, IsAtMostOfItsLimit) {
  ByteVec chunk(kChunkBytesMax - kBlockBytes);
  ChunkHeader header{.seq = ChunkSeq(1), .body_bytes = static_cast<uint32_t>(chunk.size() - kChunkHeaderBytes)};
  seal_chunk(chunk, id_of(1), header);
  EXPECT_TRUE(read_chunk_header(chunk, id_of(1)));
  chunk.resize(kChunkBytesMax + 1);
  header.body_bytes = static_cast<uint32_t>(chunk.size() - kChunkHeaderBytes);
  seal_chunk(chunk, id_of(1), header);
  EXPECT_EQ(read_chunk_header(chunk, id_of(1)).error().message, "chunk header out of range");
}

}  // namespace
}  // namespace godwit::storage
