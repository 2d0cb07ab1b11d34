#include "storage/journal_file.h"

#include <gtest/gtest.h>

#include "sim/sim_disk.h"

namespace godwit::storage {
namespace {

TEST(JournalFile, ACrashWhileItIsMadeLeavesAllOrNothing) {
  int there = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    sim::SimDisk disk(seed);
    RandomId id{};
    disk.stop_after(seed % 9);
    bool made = make_journal_file(disk, 64_KiB, id).has_value();
    disk.crash();
    bool exists = disk.exists(kJournalFile).value();
    ASSERT_TRUE(exists || !made);
    there += exists;
    ASSERT_TRUE(make_journal_file(disk, 64_KiB, id));
    auto file = disk.open(kJournalFile, runtime::Disk::Mode::kRead).value();
    ASSERT_TRUE(read_superblock(*file)) << seed;
  }
  EXPECT_GT(there, 30);
  EXPECT_LT(there, 270);
}

}  // namespace
}  // namespace godwit::storage
