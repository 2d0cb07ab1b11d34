#include "runtime/linux/posix_disk.h"

#include <unistd.h>

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "sim/sim_disk.h"
#include "support/temporary_directory.h"

namespace godwit::runtime {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;
using Mode = Disk::Mode;

/// The contract of Disk, kept by the real disk and by the simulator's alike.
class DiskContract : public testing::TestWithParam<bool> {
 protected:
  DiskContract() {
    if (GetParam())
      disk_ = open_posix_disk(folder_.path() + "/a/b").value();
    else
      disk_ = std::make_unique<sim::SimDisk>(1);
  }
  void put(const std::string& path, std::string_view bytes) {
    auto file = disk_->open(path, Mode::kCreate);
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_TRUE((*file)->write(0, as_bytes(bytes)));
    ASSERT_TRUE((*file)->sync());
  }
  std::string get(const std::string& path) {
    auto file = disk_->open(path, Mode::kRead).value();
    std::string bytes(file->size().value(), '\0');
    EXPECT_EQ(file->read(0, {reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()}).value(), bytes.size());
    return bytes;
  }

  TemporaryDirectory folder_;
  std::unique_ptr<Disk> disk_;
};

TEST_P(DiskContract, WritesReadsRenamesAndLists) {
  put("one", "hello");
  EXPECT_EQ(get("one"), "hello");
  ASSERT_TRUE(disk_->make_directory("x/y"));
  ASSERT_TRUE(disk_->make_directory("x/y"));
  put("x/y/two", "two");
  put("x/three", "three");
  ASSERT_TRUE(disk_->rename("one", "x/three"));
  ASSERT_TRUE(disk_->sync_directory("x"));
  ASSERT_TRUE(disk_->sync_directory("."));
  EXPECT_EQ(get("x/three"), "hello");
  EXPECT_FALSE(disk_->exists("one").value());
  EXPECT_TRUE(disk_->exists("x/y/two").value());
  EXPECT_THAT(disk_->list("x").value(), UnorderedElementsAre("three", "y/"));
  EXPECT_THAT(disk_->list(".").value(), UnorderedElementsAre("x/"));
  ASSERT_TRUE(disk_->remove("x/three"));
  EXPECT_THAT(disk_->list("x").value(), UnorderedElementsAre("y/"));
  EXPECT_GT(disk_->free_bytes().value(), 0u);
}

TEST_P(DiskContract, ReadsWhatIsInMemoryWithoutWaiting) {
  put("one", "hello");
  EXPECT_EQ(disk_->read_cached("none", 0, {}), std::nullopt);
  std::array<uint8_t, 8> into{};
  std::optional<size_t> read;
  for (int tries = 0; tries < 100 && !read; ++tries) read = disk_->read_cached("one", 1, into);
  ASSERT_EQ(read, 4u) << "what was just written is in memory";
  EXPECT_EQ(as_string(ByteView(into).first(4)), "ello");
  read.reset();
  for (int tries = 0; tries < 100 && !read; ++tries) read = disk_->read_cached("one", 5, into);
  EXPECT_EQ(read, 0u);
}

TEST_P(DiskContract, NamesWhatIsMissingOrTaken) {
  EXPECT_EQ(disk_->open("none", Mode::kRead).error().code, ErrorCode::kNotFound);
  EXPECT_THAT(disk_->open("none", Mode::kReadWrite).error().message, HasSubstr("none"));
  EXPECT_EQ(disk_->list("none").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(disk_->remove("none").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(disk_->open("none/file", Mode::kCreate).error().code, ErrorCode::kNotFound);
  put("one", "");
  EXPECT_EQ(disk_->open("one", Mode::kCreate).error().code, ErrorCode::kAlreadyExists);
}

TEST_P(DiskContract, AllocatedSpaceReadsAsZeros) {
  auto file = disk_->open("ring", Mode::kCreate).value();
  ASSERT_TRUE(file->allocate(64_KiB));
  EXPECT_EQ(file->size().value(), 64_KiB);
  ASSERT_TRUE(file->write(5000, as_bytes("x")));
  ByteVec bytes(2, 1);
  EXPECT_EQ(file->read(5000, bytes).value(), 2u);
  EXPECT_EQ(bytes, (ByteVec{'x', 0}));
  EXPECT_EQ(file->read(64_KiB - 1, bytes).value(), 1u);
  EXPECT_EQ(file->read(64_KiB + 10, bytes).value(), 0u);
}

TEST_P(DiskContract, DirectFilesTakeAlignedBlocks) {
  disk_->open("ring", Mode::kCreate).value()->allocate(16_KiB).value();
  auto file = disk_->open("ring", Mode::kDirect).value();
  alignas(4096) static std::array<uint8_t, 8192> block;
  block.fill('b');
  ASSERT_TRUE(file->write(4096, block));
  ASSERT_TRUE(file->sync());
  block.fill(0);
  EXPECT_EQ(file->read(4096, block).value(), 8192u);
  EXPECT_EQ(block[8191], 'b');
  EXPECT_DEATH((void)file->write(1, block), "at 1");
}

INSTANTIATE_TEST_SUITE_P(Disks, DiskContract, testing::Bool(),
                         [](const auto& test) { return test.param ? "posix" : "sim"; });

TEST(PosixDisk, IsHeldByOneOwnerAtATime) {
  TemporaryDirectory folder;
  auto first = open_posix_disk(folder.path()).value();
  auto second = open_posix_disk(folder.path()).value();
  ASSERT_TRUE(first->lock());
  Result<void> refused = second->lock();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInUse);
  EXPECT_THAT(refused.error().message, HasSubstr(folder.path()));
  first.reset();
  EXPECT_TRUE(second->lock());
}

TEST(PosixDisk, AFolderThatCannotBeMadeIsAnError) {
  TemporaryDirectory folder;
  std::string link = folder.path() + "/link";
  ASSERT_EQ(::symlink("/nonexistent", link.c_str()), 0);
  for (const std::string& path :
       {link + "/data", link + "/data/of/mine", std::string("/proc/godwit"), std::string("/proc/godwit/data")}) {
    auto refused = open_posix_disk(path);
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
    EXPECT_THAT(refused.error().message, HasSubstr("mkdir: No such file"));
  }
}

TEST(PosixDisk, SaysWhyWithThePath) {
  auto disk = open_posix_disk("/dev");
  ASSERT_TRUE(disk);
  auto full = (*disk)->open("full", Mode::kReadWrite);
  ASSERT_TRUE(full);
  Result<void> refused = (*full)->write(0, as_bytes("x"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kFull);
  EXPECT_EQ(refused.error().message, "/dev/full: write: No space left on device");
}

}  // namespace
}  // namespace godwit::runtime
