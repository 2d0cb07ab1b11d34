#include "runtime/linux/posix_error.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace godwit::runtime {
namespace {

TEST(PosixError, NamesPathCallAndReason) {
  auto error = [](int number) {
    errno = number;
    return posix_error("write", "data/f").error();
  };
  EXPECT_EQ(error(ENOSPC).message, "data/f: write: No space left on device");
  EXPECT_EQ(error(ENOSPC).code, ErrorCode::kFull);
  EXPECT_EQ(error(EDQUOT).code, ErrorCode::kFull);
  EXPECT_EQ(error(ENOENT).code, ErrorCode::kNotFound);
  EXPECT_EQ(error(EEXIST).code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(error(EIO).code, ErrorCode::kIo);
}

}  // namespace
}  // namespace godwit::runtime
