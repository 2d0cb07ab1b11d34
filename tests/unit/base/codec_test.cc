#include "base/codec.h"

#include <limits>

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(Codec, ReadsBackWhatWasWritten) {
  ByteVec bytes;
  Writer out(bytes);
  out.u8(7);
  out.be<uint32_t>(0x01020304);
  out.le<int64_t>(-2);
  out.varint(300);
  out.zigzag(std::numeric_limits<int64_t>::min());
  out.sized(as_bytes("abc"));
  EXPECT_EQ(bytes[1], 1);
  Reader in(bytes);
  EXPECT_EQ(in.u8(), 7);
  EXPECT_EQ(in.be<uint32_t>(), 0x01020304u);
  EXPECT_EQ(in.le<int64_t>(), -2);
  EXPECT_EQ(in.varint(), 300u);
  EXPECT_EQ(in.zigzag(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(as_string(in.sized()), "abc");
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.remaining(), 0u);
}

TEST(Codec, AReadPastTheEndFailsForGood) {
  ByteVec bytes{1, 2, 3};
  Reader in(bytes);
  EXPECT_EQ(in.be<uint32_t>(), 0u);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0);
}

TEST(Codec, AVarintOfElevenBytesIsRefused) {
  ByteVec bytes(11, 0x80);
  Reader in(bytes);
  in.varint();
  EXPECT_FALSE(in.ok());
}

TEST(Codec, ALengthBeyondTheBytesIsRefused) {
  ByteVec bytes{0xff, 0xff, 0xff, 0xff, 0x0f, 1};
  Reader in(bytes);
  EXPECT_TRUE(in.sized().empty());
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace godwit
