#include "storage/local_blob_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "runtime/io_thread.h"
#include "runtime/linux/posix_disk.h"
#include "sim/sim_disk.h"
#include "support/queued_executor.h"
#include "support/temporary_directory.h"

namespace godwit::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LocalBlobStoreTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(store_.open()); }

  Result<void> put(const std::string& key, std::string_view bytes) {
    Result<void> result = fail(ErrorCode::kTimeout, "not called");
    store_.put(key, {Slice::copy(as_bytes(bytes))}, worker_, [&](Result<void> r) { result = std::move(r); });
    io_.run();
    EXPECT_EQ(result.error().code, ErrorCode::kTimeout) << "called before its executor ran";
    worker_.run();
    return result;
  }

  sim::SimDisk disk_{1};
  QueuedExecutor io_, worker_;
  LocalBlobStore store_{disk_, io_};
};

TEST_F(LocalBlobStoreTest, PutsGetsListsAndRemoves) {
  ASSERT_TRUE(put("segment/1", "hello world"));
  ASSERT_TRUE(put("segment/2", "two"));
  ASSERT_TRUE(put("top", ""));
  ASSERT_TRUE(put("segment/1", "hello world"));
  std::string got;
  store_.get("segment/1", 6, 100, worker_, [&](Result<Slice> r) { got = as_string(r.value()); });
  io_.run(), worker_.run();
  EXPECT_EQ(got, "world");
  EXPECT_EQ(as_string(store_.get_now("segment/2").value()), "two");
  EXPECT_THAT(store_.list("").value(), ElementsAre("segment/1", "segment/2", "top"));
  EXPECT_THAT(store_.list("segment/").value(), ElementsAre("segment/1", "segment/2"));
  EXPECT_THAT(store_.list("none/").value(), IsEmpty());
  store_.remove({"segment/1", "none"});
  io_.run();
  EXPECT_EQ(store_.get_now("segment/1").error().code, ErrorCode::kNotFound);
}

TEST(LocalBlobStore, ReadsFromAnyPlaceOnRealDisksToo) {
  TemporaryDirectory folder;
  auto disk = runtime::open_posix_disk(folder.path());
  ASSERT_TRUE(disk);
  QueuedExecutor io, worker;
  LocalBlobStore store(**disk, io);
  ASSERT_TRUE(store.open());
  ByteVec whole(3_MiB + 1234);
  for (size_t i = 0; i < whole.size(); ++i) whole[i] = static_cast<uint8_t>(i * 2654435761u >> 13);
  store.put("large", {Slice::copy(whole)}, worker, [](const Result<void>& r) { EXPECT_TRUE(r); });
  io.run(), worker.run();
  for (uint64_t position : {uint64_t{0}, uint64_t{1}, uint64_t{4096}, uint64_t{1_MiB + 5}, uint64_t{3_MiB + 1000}}) {
    for (uint64_t length : {uint64_t{10}, uint64_t{256_KiB}, uint64_t{1_MiB}, uint64_t{8_MiB}}) {
      ByteView expected = ByteView(whole).subspan(position, std::min<uint64_t>(length, whole.size() - position));
      bool right = false;
      store.get("large", position, length, worker,
                [&](const Result<Slice>& got) { right = got && std::ranges::equal(got->view(), expected); });
      io.run(), worker.run();
      EXPECT_TRUE(right) << position << ", " << length;
    }
  }
  bool empty = false;
  store.get("large", whole.size() + 10'000, 1_MiB, worker,
            [&](const Result<Slice>& got) { empty = got && got->size() == 0; });
  io.run(), worker.run();
  EXPECT_TRUE(empty);
}

TEST_F(LocalBlobStoreTest, GathersManyPiecesInOrder) {
  std::vector<Slice> pieces;
  std::string whole;
  for (size_t i = 0; i < 3000; ++i) {
    std::string piece(i % 1500, static_cast<char>('a' + i % 26));
    if (i == 1000) piece.assign(3_MiB, 'L');
    whole += piece;
    pieces.push_back(Slice::copy(as_bytes(piece)));
  }
  uint64_t writes = disk_.writes();
  store_.put("large", pieces, worker_, [](Result<void> r) { ASSERT_TRUE(r); });
  io_.run(), worker_.run();
  EXPECT_LT(disk_.writes() - writes, 10u);
  EXPECT_TRUE(as_string(store_.get_now("large").value()) == whole);
}

TEST_F(LocalBlobStoreTest, AFullDiskLeavesNothingBehind) {
  disk_.set_capacity(8192);
  EXPECT_EQ(put("a/b", std::string(10000, 'x')).error().code, ErrorCode::kFull);
  EXPECT_EQ(disk_.used_bytes(), 0u);
  EXPECT_TRUE(put("a/b", "small"));
}

TEST(LocalBlobStore, AReaderSeesAllOrNothingAfterACrash) {
  int there = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    sim::SimDisk disk(seed);
    QueuedExecutor io, worker;
    LocalBlobStore store(disk, io);
    ASSERT_TRUE(store.open());
    disk.stop_after(seed % 8);
    std::optional<bool> durable;
    std::string bytes(5000, 'b');
    store.put("f/blob", {Slice::copy(as_bytes(bytes))}, worker, [&](Result<void> r) { durable = r.has_value(); });
    io.run(), worker.run();
    ASSERT_TRUE(durable);
    disk.crash();
    LocalBlobStore next(disk, io);
    ASSERT_TRUE(next.open());
    Result<Slice> got = next.get_now("f/blob");
    ASSERT_TRUE(got || !*durable);
    ASSERT_TRUE(!got || as_string(*got) == bytes);
    there += got.has_value();
    ASSERT_EQ(disk.list("blobs/f").value().size(), got ? 1u : 0u);
  }
  EXPECT_GT(there, 50);
  EXPECT_LT(there, 250);
}

TEST(LocalBlobStore, WhatARestartFindsIsDurable) {
  for (uint64_t seed = 1; seed < 20; ++seed) {
    sim::SimDisk disk(seed);
    QueuedExecutor io, worker;
    LocalBlobStore before(disk, io);
    ASSERT_TRUE(before.open());
    disk.stop_after(4);  // create, write, sync, rename: the process dies before the folder's sync
    before.put("a/1", {Slice::copy(as_bytes("one"))}, worker, [](const Result<void>& put) { EXPECT_FALSE(put); });
    io.run(), worker.run();
    disk.kill();
    LocalBlobStore after(disk, io);
    ASSERT_TRUE(after.open());
    bool found = after.get_now("a/1").has_value();
    disk.crash();
    LocalBlobStore last(disk, io);
    ASSERT_TRUE(last.open());
    EXPECT_EQ(last.get_now("a/1").has_value(), found) << seed;
  }
}

TEST(LocalBlobStore, AReadWaitsForNoWriteAndARemovalWaitsForTheRead) {
  sim::SimDisk disk(1);
  QueuedExecutor io, reads, worker;
  LocalBlobStore store(disk, io, reads);
  ASSERT_TRUE(store.open());
  store.put("a", {Slice::copy(as_bytes("one"))}, worker, [](const Result<void>& put) { ASSERT_TRUE(put); });
  io.run(), worker.run();
  std::string got;
  store.put("b", {Slice::copy(as_bytes("two"))}, worker, [](const Result<void>& put) { ASSERT_TRUE(put); });
  store.get("a", 0, 100, worker, [&](Result<Slice> r) { got = as_string(r.value()); });
  store.remove({"a"});
  EXPECT_EQ(io.waiting(), 1u) << "the removal overtakes the read";
  reads.run(), worker.run();
  EXPECT_EQ(got, "one");
  io.run(), worker.run();
  EXPECT_THAT(store.list("").value(), ElementsAre("b"));
}

TEST(LocalBlobStore, WorksOnARealDiskAndThread) {
  TemporaryDirectory folder;
  auto disk = runtime::open_posix_disk(folder.path()).value();
  runtime::IoThread io("blobs");
  runtime::IoThread worker("worker");
  LocalBlobStore store(*disk, io);
  ASSERT_TRUE(store.open());
  std::string got;
  store.put("a/b/c", {Slice::copy(as_bytes("one ")), Slice::copy(as_bytes("two"))}, worker,
            [](Result<void> r) { ASSERT_TRUE(r) << r.error().message; });
  store.get("a/b/c", 0, 100, worker, [&](Result<Slice> r) { got = as_string(r.value()); });
  io.stop();
  worker.stop();
  EXPECT_EQ(got, "one two");
}

}  // namespace
}  // namespace godwit::storage
