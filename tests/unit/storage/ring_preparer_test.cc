#include "storage/ring_preparer.h"

#include <algorithm>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "journal_fixture.h"
#include "sim/sim_disk.h"
#include "support/queued_executor.h"

namespace godwit::storage {
namespace {

using runtime::Disk;

constexpr uint64_t kBegin = 4_KiB;
constexpr uint64_t kEnd = 132_KiB;  // 32 blocks, in pieces of three (a sixteenth and the rest)
constexpr uint64_t kPiece = 12_KiB;

struct Preparing {
  explicit Preparing(uint64_t begin = kBegin) : preparer(open(), io, [this] { ++wakes; }, begin, kEnd) {}

  std::unique_ptr<runtime::File> open() {
    auto made = disk.open("ring", Disk::Mode::kCreate).value();
    EXPECT_TRUE(made->write(0, ByteVec(kEnd, 'c')));
    EXPECT_TRUE(made->sync());
    return disk.open("ring", Disk::Mode::kDirect).value();
  }
  std::string bytes() {
    ByteVec all(kEnd);
    EXPECT_EQ(disk.open("ring", Disk::Mode::kRead).value()->read(0, all).value(), kEnd);
    return std::string(as_string(all));
  }
  uint64_t zeros() { return static_cast<uint64_t>(std::ranges::count(bytes(), '\0')); }

  sim::SimDisk disk{1};
  QueuedExecutor io;
  int wakes = 0;
  RingPreparer preparer;
};

TEST(RingPreparer, WritesEveryBlockAheadOfAHeadThatStands) {
  Preparing p(kBegin + 8_KiB);
  for (int i = 0; i < 40 && !p.preparer.finished(); ++i) {
    p.preparer.step(kBegin + 8_KiB);
    EXPECT_LE(p.io.waiting(), 1u);
    p.io.run();
  }
  EXPECT_TRUE(p.preparer.finished());
  EXPECT_EQ(p.bytes(), std::string(kBegin + 8_KiB, 'c') + std::string(kEnd - kBegin - 8_KiB, '\0'));
  EXPECT_GT(p.wakes, 10);
}

TEST(RingPreparer, AChunkTakesAQueuedPiecesPlace) {
  Preparing p;
  p.preparer.step(kBegin);
  EXPECT_TRUE(p.preparer.make_way(kBegin + kPiece, kBegin + 2 * kPiece)) << "beside the piece";
  EXPECT_TRUE(p.preparer.make_way(kBegin, kBegin + 4_KiB));
  p.io.run();
  EXPECT_EQ(p.zeros(), 0u);
}

/// A file whose writes show what the journal may do meanwhile.
class WatchedFile final : public runtime::File {
 public:
  explicit WatchedFile(std::function<Result<void>(uint64_t)> on_write) : on_write_(std::move(on_write)) {}
  Result<void> write(uint64_t position, ByteView) override { return on_write_(position); }
  Result<size_t> read(uint64_t, std::span<uint8_t>) override { return size_t{0}; }
  Result<void> sync() override { return {}; }
  Result<void> allocate(uint64_t) override { return {}; }
  Result<uint64_t> size() override { return kEnd; }

 private:
  std::function<Result<void>(uint64_t)> on_write_;
};

TEST(RingPreparer, AChunkWaitsForAWriteThatIsUnderWayThere) {
  QueuedExecutor io;
  RingPreparer* under_way = nullptr;
  bool may_write = true, woken = false;
  auto file = std::make_unique<WatchedFile>([&](uint64_t position) {
    may_write = under_way->make_way(position, position + 4_KiB);
    return Result<void>();
  });
  RingPreparer preparer(std::move(file), io, [&] { woken = true; }, kBegin, kEnd);
  under_way = &preparer;
  preparer.step(kBegin);
  io.run();
  EXPECT_FALSE(may_write);
  EXPECT_TRUE(woken);
  EXPECT_TRUE(preparer.make_way(kBegin, kBegin + 4_KiB));
}

TEST(RingPreparer, GoesOnAheadOfAHeadThatOvertookIt) {
  Preparing p;
  p.preparer.step(kBegin);
  p.io.run();
  uint64_t head = kBegin + 4 * kPiece;
  for (int i = 0; i < 40; ++i) {
    p.preparer.step(head);
    p.io.run();
  }
  std::string bytes = p.bytes();
  EXPECT_EQ(bytes.find('\0', kBegin + kPiece), head + 4 * kPiece) << "some way ahead";
  EXPECT_EQ(bytes.back(), '\0');
  EXPECT_FALSE(p.preparer.finished()) << "the chunks of this way through the ring write the rest";
  p.preparer.end_lap();
  p.preparer.step(kBegin);
  EXPECT_TRUE(p.preparer.finished());
}

TEST(RingPreparer, GivesUpWhenAWriteFails) {
  Preparing p;
  p.disk.fail_next_write();
  for (int i = 0; i < 5; ++i) {
    p.preparer.step(kBegin);
    p.io.run();
  }
  EXPECT_EQ(p.wakes, 1);
  EXPECT_FALSE(p.preparer.finished());
  EXPECT_TRUE(p.preparer.make_way(kBegin, kEnd));
}

TEST(RingPreparer, EndsWithWhatWasQueued) {
  Preparing p;
  {
    RingPreparer preparer(p.disk.open("ring", Disk::Mode::kDirect).value(), p.io, [] {}, kBegin, kEnd);
    preparer.step(kBegin);
  }
  p.io.run();
  EXPECT_EQ(p.zeros(), 0u);
}

TEST(RingPreparer, TheJournalNotesThatItsRingIsPrepared) {
  sim::SimDisk disk(1);
  QueuedExecutor io;
  JournalBench bench(disk);
  auto writes_of_a_boot = [&] {
    EXPECT_TRUE(bench.open());
    uint64_t before = disk.writes();
    EXPECT_TRUE(bench.journal->prepare(disk, io));
    do {
      bench.journal->step();
    } while (io.run());
    return disk.writes() - before;
  };
  ASSERT_TRUE(bench.open());
  bench.write_chunk_of(8_KiB);
  EXPECT_GT(writes_of_a_boot(), 10u);
  bench.write_chunk_of(100_KiB, 'y');
  EXPECT_EQ(writes_of_a_boot(), 0u);
  ASSERT_EQ(bench.seen.size(), 2u);
  EXPECT_EQ(bench.seen[1].body.front(), 'y');
}

TEST(RingPreparer, TheJournalsChunksGoThroughWhileItWorksAndALapEndsIt) {
  sim::SimDisk disk(1);
  QueuedExecutor io;
  JournalBench bench(disk, 128_KiB);
  ASSERT_TRUE(bench.open());
  ASSERT_TRUE(bench.journal->prepare(disk, io));
  for (uint64_t i = 1; i <= 20; ++i) {
    bench.write_chunk_of(12_KiB, static_cast<char>('a' + i));
    if (i % 3 == 0) io.run();
    bench.journal->trim(ChunkSeq(i));
  }
  do {
    bench.journal->step();
  } while (io.run());
  ASSERT_TRUE(bench.open());
  ASSERT_FALSE(bench.seen.empty());
  EXPECT_EQ(bench.seen.back().body.front(), 'a' + 20);
  uint64_t before = disk.writes();
  ASSERT_TRUE(bench.journal->prepare(disk, io));
  bench.journal->step();
  EXPECT_FALSE(io.run());
  EXPECT_EQ(disk.writes(), before);
}

}  // namespace
}  // namespace godwit::storage
