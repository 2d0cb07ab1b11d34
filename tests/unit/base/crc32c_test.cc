#include "base/crc32c.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(Crc32c, MatchesThePublishedVectors) {
  EXPECT_EQ(crc32c({}), 0U);
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283U);
  EXPECT_EQ(crc32c(ByteVec(32, 0x00)), 0x8a9136aaU);  // RFC 3720, B.4
  EXPECT_EQ(crc32c(ByteVec(32, 0xff)), 0x62a8ab43U);
}

TEST(Crc32c, ContinuesFromASeed) {
  ByteVec bytes(5000);
  for (size_t n = 0; n < bytes.size(); ++n) bytes[n] = static_cast<uint8_t>(n * 7);
  const uint32_t whole = crc32c(bytes);
  for (const size_t cut : {0UL, 1UL, 255UL, 256UL, 4999UL, 5000UL}) {
    EXPECT_EQ(crc32c(ByteView(bytes).subspan(cut), crc32c(ByteView(bytes).first(cut))), whole) << cut;
  }
}

}  // namespace
}  // namespace godwit
