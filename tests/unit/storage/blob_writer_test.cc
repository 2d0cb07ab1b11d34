#include "storage/blob_writer.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "runtime/linux/posix_disk.h"
#include "sim/sim_disk.h"
#include "support/temporary_directory.h"

namespace godwit::storage {
namespace {

ByteVec bytes_of(size_t size, size_t seed) {
  ByteVec bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>((i + seed) * 2654435761u >> 24);
  return bytes;
}

/// `total` bytes in pieces of many sizes.
std::vector<Slice> cut(const ByteVec& whole) {
  std::vector<Slice> pieces;
  for (size_t at = 0, size = 1; at < whole.size(); at += pieces.back().size(), size = size * 7 % 1'500'007)
    pieces.push_back(Slice::copy(ByteView(whole).subspan(at, std::min(size, whole.size() - at))));
  return pieces;
}

ByteVec read_all(runtime::Disk& disk, const std::string& path) {
  auto file = disk.open(path, runtime::Disk::Mode::kRead);
  ByteVec bytes(file.value()->size().value());
  EXPECT_EQ(file.value()->read(0, bytes).value(), bytes.size());
  return bytes;
}

constexpr size_t kSizes[] = {0, 1, 4096, 4097, 256_KiB - 1, 256_KiB, 256_KiB + 1, 1_MiB, 1_MiB + 5000, 5_MiB + 4095};

void write_every_size(runtime::Disk& disk) {
  BlobWriter writer(disk);
  for (size_t size : kSizes) {
    ByteVec whole = bytes_of(size, size);
    std::string path = "blob-" + std::to_string(size);
    ASSERT_TRUE(writer.write(path, cut(whole))) << size;
    EXPECT_TRUE(read_all(disk, path) == whole) << size;
  }
}

TEST(BlobWriter, WritesEverySizeToARealDisk) {
  TemporaryDirectory folder;
  auto disk = runtime::open_posix_disk(folder.path());
  ASSERT_TRUE(disk);
  write_every_size(**disk);
}

TEST(BlobWriter, WhatIsWrittenSurvivesAPowerFailure) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    sim::SimDisk disk(seed);
    write_every_size(disk);
    ASSERT_TRUE(disk.sync_directory("."));
    disk.crash();
    for (size_t size : kSizes)
      EXPECT_TRUE(read_all(disk, "blob-" + std::to_string(size)) == bytes_of(size, size)) << size;
  }
}

TEST(BlobWriter, AnExistingFileIsNotTouched) {
  sim::SimDisk disk(1);
  BlobWriter writer(disk);
  ASSERT_TRUE(writer.write("blob", {Slice::copy(as_bytes("first"))}));
  EXPECT_EQ(writer.write("blob", {Slice::copy(as_bytes("second"))}).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(as_string(read_all(disk, "blob")), "first");
}

}  // namespace
}  // namespace godwit::storage
