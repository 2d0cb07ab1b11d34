#include "sim/sim_disk.h"

#include <set>

#include <gtest/gtest.h>

namespace godwit::sim {
namespace {

using Mode = runtime::Disk::Mode;

std::string read_all(SimDisk& disk, const std::string& path) {
  auto file = disk.open(path, Mode::kRead).value();
  std::string bytes(file->size().value(), '\0');
  (void)file->read(0, {reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
  return bytes;
}

/// A synced file "f" of three sectors of 'a', its name durable.
std::unique_ptr<runtime::File> durable_file(SimDisk& disk) {
  auto file = disk.open("f", Mode::kCreate).value();
  EXPECT_TRUE(file->write(0, as_bytes(std::string(1536, 'a'))));
  EXPECT_TRUE(file->sync());
  EXPECT_TRUE(disk.sync_directory("."));
  return file;
}

TEST(SimDisk, CrashesKeepWhatWasSyncedAndTearTheRestBySector) {
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SimDisk disk(seed);
    auto file = durable_file(disk);
    ASSERT_TRUE(file->write(512, as_bytes(std::string(1024, 'b'))));
    disk.crash();
    EXPECT_FALSE(file->sync());
    std::string bytes = read_all(disk, "f");
    ASSERT_EQ(bytes.substr(0, 512), std::string(512, 'a'));
    for (size_t i : {512u, 1024u}) ASSERT_EQ(bytes.substr(i, 512), std::string(512, bytes[i]));
    outcomes.insert({bytes[512], bytes[1024]});
  }
  EXPECT_EQ(outcomes, (std::set<std::string>{"aa", "ab", "ba", "bb"}));
}

TEST(SimDisk, UnsyncedNamesMayVanishTheNewestFirst) {
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SimDisk disk(seed);
    durable_file(disk);
    auto next = disk.open("g", Mode::kCreate).value();
    ASSERT_TRUE(next->write(0, as_bytes("new")));
    ASSERT_TRUE(next->sync());
    ASSERT_TRUE(disk.rename("g", "f"));
    disk.crash();
    bool renamed = read_all(disk, "f") == "new";
    outcomes.insert(std::string(renamed ? "new" : "old") + (disk.exists("g").value() ? "+g" : ""));
  }
  EXPECT_EQ(outcomes, (std::set<std::string>{"old", "old+g", "new"}));
}

TEST(SimDisk, AFailedSyncIsNotMadeGoodByALaterOne) {
  int lost = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SimDisk disk(seed);
    auto file = durable_file(disk);
    ASSERT_TRUE(file->write(0, as_bytes("b")));
    disk.fail_next_sync();
    EXPECT_FALSE(file->sync());
    EXPECT_TRUE(file->sync());
    disk.crash();
    lost += read_all(disk, "f")[0] == 'a';
  }
  EXPECT_GT(lost, 20);
  EXPECT_LT(lost, 80);
}

TEST(SimDisk, FillsExceptWhereSpaceIsAllocated) {
  SimDisk disk(1, 16384);
  auto ring = disk.open("ring", Mode::kCreate).value();
  ASSERT_TRUE(ring->allocate(8192));
  auto file = disk.open("file", Mode::kCreate).value();
  ASSERT_TRUE(file->write(0, as_bytes(std::string(8192, 'x'))));
  EXPECT_EQ(disk.free_bytes().value(), 0u);
  EXPECT_EQ(file->write(8192, as_bytes("x")).error().code, ErrorCode::kFull);
  EXPECT_EQ(file->size().value(), 8192u);
  EXPECT_TRUE(ring->write(4096, as_bytes("x")));
  EXPECT_EQ(ring->allocate(12288).error().code, ErrorCode::kFull);
  ASSERT_TRUE(disk.remove("file"));
  EXPECT_TRUE(ring->allocate(12288));
}

TEST(SimDisk, StopsAtTheChosenOperation) {
  SimDisk disk(1);
  auto file = durable_file(disk);
  disk.stop_after(2);
  EXPECT_TRUE(file->write(0, as_bytes("b")));
  EXPECT_FALSE(file->sync());
  EXPECT_TRUE(disk.stopped());
  EXPECT_FALSE(disk.rename("f", "g"));
  disk.kill();
  EXPECT_EQ(read_all(disk, "f")[0], 'b');
}

TEST(SimDisk, FlipsABitAndHoldsALock) {
  SimDisk disk(1);
  durable_file(disk);
  disk.flip_bit("f", 700, 1);
  EXPECT_EQ(read_all(disk, "f")[700], 'a' ^ 2);
  ASSERT_TRUE(disk.lock());
  EXPECT_EQ(disk.lock().error().code, ErrorCode::kInUse);
  disk.kill();
  EXPECT_TRUE(disk.lock());
}

}  // namespace
}  // namespace godwit::sim
