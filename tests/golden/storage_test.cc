#include <gtest/gtest.h>

#include "golden.h"
#include "storage/chunk.h"
#include "storage/entry.h"
#include "storage/manifest.h"
#include "storage/segment_format.h"
#include "storage/superblock.h"

namespace godwit::storage {
namespace {

RandomId counting_from(uint8_t first) {
  RandomId id;
  for (uint8_t& byte : id) byte = first++;
  return id;
}

/// The worked example of docs/formats/chunk.md.
TEST(Golden, Chunk) {
  StagedEntries entries;
  entries.add(ShardId(7), 3, 1, 41, as_bytes("head"), Slice::copy(as_bytes("payload")));
  entries.add(ShardId(8), 4, 1, 1, as_bytes("x"));
  ByteVec chunk(kChunkHeaderBytes + entries.bytes());
  entries.copy_to(chunk.data() + kChunkHeaderBytes);
  ChunkHeader header{.seq = ChunkSeq(2),
                     .boot_id = counting_from(0x20),
                     .previous_crc = 0x11223344,
                     .body_bytes = static_cast<uint32_t>(entries.bytes()),
                     .entry_count = entries.count(),
                     .wall_ms = 1'700'000'000'000};
  seal_chunk(chunk, counting_from(0x10), header);
  ByteVec bytes = golden("chunk_v1", chunk);
  Result<ChunkHeader> read = read_chunk_header(bytes, counting_from(0x10));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->seq, ChunkSeq(2));
  EXPECT_EQ(read->wall_ms, 1'700'000'000'000);
  ASSERT_TRUE(check_chunk_body(bytes, *read));
  Reader in(ByteView(bytes).subspan(kChunkHeaderBytes));
  ByteView body;
  EXPECT_EQ(read_entry(in, body).seq, 41u);
  EXPECT_EQ(as_string(body), "headpayload");
  EXPECT_EQ(read_entry(in, body).shard, ShardId(8));
  EXPECT_TRUE(in.ok() && in.remaining() == 0);
}

/// The worked example of docs/formats/journal.md.
TEST(Golden, Superblock) {
  Superblock superblock{.journal_id = counting_from(0x10),
                        .update = 3,
                        .file_bytes = 256_MiB,
                        .largest_chunk_bytes = 9_MiB,
                        .tail = {ChunkSeq(1234), 0x5000, 0x11223344}};
  ByteVec bytes = golden("superblock_v1", ByteView(encode_superblock(superblock)).first(Superblock::kBytes));
  EXPECT_EQ(decode_superblock(bytes).value(), superblock);
}

/// The worked example of docs/formats/segment.md.
TEST(Golden, SegmentIndex) {
  SegmentIndex index{{Offset(1000), 0, 1'700'000'000'000}, {Offset(1800), 65'900, 1'700'000'000'900}};
  ByteVec written;
  encode_segment_index(index, written);
  EXPECT_EQ(decode_segment_index(golden("segment_index_v1", written)).value(), index);
}

/// The worked example of docs/formats/manifest.md.
TEST(Golden, Manifest) {
  Manifest manifest{
      .counter = 258,
      .journal_from = ChunkSeq(1234),
      .shards = {{ShardId(0), "snapshot/102-0", 0, 300, 17}, {ShardId(4095), "snapshot/102-0", 300, 40, 5}}};
  EXPECT_EQ(decode_manifest(golden("manifest_v1", encode_manifest(manifest))).value(), manifest);
}

}  // namespace
}  // namespace godwit::storage
