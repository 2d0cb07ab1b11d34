#include "model/compression.h"

#include <snappy.h>

#include <string>

#include <gtest/gtest.h>

namespace godwit::model {
namespace {

constexpr Compression kCodecs[] = {Compression::kNone, Compression::kGzip, Compression::kSnappy, Compression::kLz4,
                                   Compression::kZstd};

ByteVec text(size_t n) {
  ByteVec bytes;
  for (size_t i = 0; i < n; ++i) bytes.push_back(static_cast<uint8_t>("the log and the queue "[i % 22]));
  return bytes;
}

TEST(Compression, ReadsBackWhatItWrote) {
  for (Compression codec : kCodecs)
    for (size_t n : {0u, 1u, 100u, 40'000u, 1'000'000u}) {
      ByteVec raw = text(n);
      Result<ByteVec> deflated = compress(codec, raw);
      ASSERT_TRUE(deflated);
      Result<ByteVec> back = decompress(codec, *deflated, 1'000'000);
      ASSERT_TRUE(back) << static_cast<int>(codec) << " of " << n << ": " << back.error().message;
      EXPECT_EQ(*back, raw);
    }
}

TEST(Compression, ABombIsRefusedAtTheLimit) {
  ByteVec zeros(8'000'000, 0);
  for (Compression codec : kCodecs) {
    Result<ByteVec> back = decompress(codec, compress(codec, zeros).value(), 1'000'000);
    ASSERT_FALSE(back) << static_cast<int>(codec);
    EXPECT_EQ(back.error().code, ErrorCode::kTooLarge);
  }
}

TEST(Compression, RawSnappyIsUnderstood) {
  ByteVec raw = text(1000);
  std::string block;
  snappy::Compress(reinterpret_cast<const char*>(raw.data()), raw.size(), &block);
  EXPECT_EQ(decompress(Compression::kSnappy, as_bytes(block), 1000).value(), raw);
}

TEST(Compression, ALyingSnappyLengthIsRefusedBeforeItIsAllocated) {
  ByteVec lie = {0xff, 0xff, 0xff, 0x7f, 0x00};  // claims 256 MiB
  Result<ByteVec> back = decompress(Compression::kSnappy, lie, size_t{1} << 30);
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, ErrorCode::kMalformed);
}

TEST(Compression, CutShortIsMalformed) {
  for (Compression codec : {Compression::kGzip, Compression::kSnappy, Compression::kLz4, Compression::kZstd}) {
    ByteVec deflated = compress(codec, text(5000)).value();
    deflated.resize(deflated.size() / 2);
    Result<ByteVec> back = decompress(codec, deflated, 1'000'000);
    ASSERT_FALSE(back) << static_cast<int>(codec);
    EXPECT_EQ(back.error().code, ErrorCode::kMalformed);
  }
}

}  // namespace
}  // namespace godwit::model
