#include "storage/entry.h"

#include <string>

#include <gtest/gtest.h>

namespace godwit::storage {
namespace {

TEST(Entry, ReadsBackWhatWasStagedInOrder) {
  std::string large(5000, 'L');
  StagedEntries staged;
  EXPECT_TRUE(staged.empty());
  staged.add(ShardId(7), 3, 1, 41, as_bytes("head"), Slice::copy(as_bytes("small")));
  staged.add(ShardId(4095), 4, 2, 42, as_bytes("head"), Slice::copy(as_bytes(large)));
  staged.add(ShardId(0), 5, 3, 1, {});
  ByteVec bytes(staged.bytes());
  EXPECT_EQ(staged.copy_to(bytes.data()), bytes.data() + bytes.size());
  EXPECT_EQ(staged.count(), 3u);

  Reader in(bytes);
  ByteView body;
  EntryHeader first = read_entry(in, body);
  EXPECT_EQ(first.shard, ShardId(7));
  EXPECT_EQ(first.type, 3);
  EXPECT_EQ(first.version, 1);
  EXPECT_EQ(first.seq, 41u);
  EXPECT_EQ(as_string(body), "headsmall");
  EXPECT_EQ(read_entry(in, body).shard, ShardId(4095));
  EXPECT_EQ(as_string(body), "head" + large);
  EXPECT_EQ(read_entry(in, body).type, 5);
  EXPECT_TRUE(body.empty());
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.remaining(), 0u);
}

TEST(Entry, FailsTheReaderAtEveryCut) {
  StagedEntries staged;
  staged.add(ShardId(1), 1, 1, 1, as_bytes("body"));
  ByteVec bytes(staged.bytes());
  staged.copy_to(bytes.data());
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    Reader in(ByteView(bytes).first(cut));
    ByteView body;
    read_entry(in, body);
    EXPECT_FALSE(in.ok()) << cut;
  }
}

}  // namespace
}  // namespace godwit::storage
