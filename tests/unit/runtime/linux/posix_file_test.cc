#include "runtime/linux/posix_file.h"

#include <fcntl.h>

#include <gtest/gtest.h>

namespace godwit::runtime {
namespace {

TEST(PosixFile, RefusesWhatTheSystemRefusesWithItsWords) {
  PosixFile file(UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)), "null", false);
  EXPECT_EQ(file.write(0, as_bytes("x")).error().message, "null: write: Bad file descriptor");
  EXPECT_EQ(file.sync().error().message, "null: fdatasync: Invalid argument");
  EXPECT_EQ(file.allocate(4096).error().code, ErrorCode::kIo);
  ByteVec bytes(4);
  EXPECT_EQ(file.read(0, bytes).value(), 0u);
}

TEST(PosixFile, ClosesItsDescriptor) {
  int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  {
    PosixFile file(UniqueFd(fd), "null", false);
  }
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

}  // namespace
}  // namespace godwit::runtime
