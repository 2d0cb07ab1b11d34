#include "base/bytes.h"

#include <gtest/gtest.h>

#include "base/crc32c.h"

namespace godwit {
namespace {

TEST(Slice, PartsKeepTheAllocationAlive) {
  Slice part;
  {
    Slice whole = Slice::take(ByteVec{1, 2, 3, 4});
    part = whole.sub(1, 2);
  }
  EXPECT_EQ(part.view()[0], 2);
  EXPECT_EQ(part.size(), 2u);
}

TEST(Slice, TakesABlockOfWhichOnlyTheFrontIsFilled) {
  auto block = std::make_unique_for_overwrite<uint8_t[]>(100);
  block[0] = 7, block[1] = 8;
  const uint8_t* at = block.get();
  Slice part;
  {
    Slice whole = Slice::take(std::move(block), 2);
    EXPECT_EQ(whole.data(), at);
    EXPECT_EQ(whole.size(), 2u);
    part = whole.sub(1, 1);
  }
  EXPECT_EQ(part.view()[0], 8);
  EXPECT_TRUE(Slice::take(nullptr, 0).empty());
}

TEST(Slice, AssigningItselfKeepsIt) {
  Slice a = Slice::copy(as_bytes("abc"));
  Slice& same = a;
  a = same;
  EXPECT_EQ(as_string(a), "abc");
}

TEST(Crc32c, KnownAnswerAndContinuation) {
  EXPECT_EQ(crc32c(as_bytes("123456789")),
            0xe3069283u);  // RFC 3720, B.4 gives the polynomial; the check value is common
  EXPECT_EQ(crc32c(as_bytes("6789"), crc32c(as_bytes("12345"))), 0xe3069283u);
}

}  // namespace
}  // namespace godwit
