#include "storage/segment_format.h"

#include <gtest/gtest.h>

namespace godwit::storage {
namespace {

TEST(SegmentFormat, ReadsBackAndRefusesEveryFlippedBitAndCut) {
  SegmentIndex index{{Offset(5), 0, 100}, {Offset(9), 70'000, -1}};
  ByteVec bytes{'x'};
  encode_segment_index(index, bytes);
  bytes.erase(bytes.begin());
  EXPECT_EQ(decode_segment_index(bytes).value(), index);
  for (size_t i = 0; i < bytes.size() * 8; ++i) {
    ByteVec flipped = bytes;
    flipped[i / 8] ^= static_cast<uint8_t>(1 << i % 8);
    EXPECT_FALSE(decode_segment_index(flipped)) << i;
  }
  for (size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(decode_segment_index(ByteView(bytes).first(cut)));
}

TEST(SegmentFormat, RefusesAnIndexOutOfOrder) {
  for (const SegmentIndex& index :
       {SegmentIndex{}, SegmentIndex{{Offset(5), 8, 0}}, SegmentIndex{{Offset(5), 0, 0}, {Offset(5), 9, 0}},
        SegmentIndex{{Offset(5), 0, 0}, {Offset(6), 0, 0}}}) {
    ByteVec bytes;
    encode_segment_index(index, bytes);
    EXPECT_EQ(decode_segment_index(bytes).error().code, ErrorCode::kCorrupt);
  }
}

}  // namespace
}  // namespace godwit::storage
