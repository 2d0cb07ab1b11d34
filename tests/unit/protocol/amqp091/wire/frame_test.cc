#include "protocol/amqp091/wire/frame.h"

#include <limits>

#include <gtest/gtest.h>

#include "protocol/amqp091/wire/channel_methods.h"

namespace godwit::protocol::amqp091 {
namespace {

TEST(Frame, SizesAreCheckedBeforeThePayload) {
  ByteVec bytes{1, 0, 1, 0, 0, 0x10, 0};
  Frame frame;
  EXPECT_EQ(read_frame(bytes, 8'192, frame), FrameState::kPartial);
  EXPECT_EQ(frame.bytes, 4'096 + kFrameOverheadBytes);
  EXPECT_EQ(read_frame(bytes, 4'096, frame), FrameState::kTooLarge);
  bytes[0] = 4;
  EXPECT_EQ(read_frame(bytes, 8'192, frame), FrameState::kMalformed);
  EXPECT_EQ(read_frame(ByteView(bytes).first(6), 8'192, frame), FrameState::kPartial);
}

TEST(Frame, TheLimitCountsHeadAndEnd) {
  ByteVec bytes{3, 0, 1, 0, 0, 0, 2, 'h', 'i', kFrameEnd};
  Frame frame;
  EXPECT_EQ(read_frame(bytes, 10, frame), FrameState::kWhole);
  EXPECT_EQ(as_string(frame.payload), "hi");
  EXPECT_EQ(read_frame(bytes, 9, frame), FrameState::kTooLarge);
}

TEST(Frame, ASizeOfFourGigabytesIsTooLargeWhateverIsAtHand) {
  ByteVec bytes{1, 0, 1, 0xff, 0xff, 0xff, 0xff, 0};
  Frame frame;
  EXPECT_EQ(read_frame(bytes, std::numeric_limits<uint32_t>::max(), frame), FrameState::kTooLarge);
}

TEST(Frame, EveryPieceOfAFrameIsPartial) {
  ByteVec bytes;
  write_method(513, ChannelFlow{.active = true}, bytes);
  Frame frame;
  for (size_t n = 0; n < bytes.size(); ++n)
    EXPECT_EQ(read_frame(ByteView(bytes).first(n), 4'096, frame), FrameState::kPartial) << n;
  bytes.push_back(0x99);  // the next frame's
  EXPECT_EQ(read_frame(bytes, 4'096, frame), FrameState::kWhole);
  EXPECT_EQ(frame.channel, 513);
  EXPECT_EQ(frame.bytes, bytes.size() - 1);
}

TEST(Frame, WithoutItsEndOctetItIsMalformed) {
  ByteVec bytes;
  write_heartbeat(bytes);
  EXPECT_EQ(bytes, (ByteVec{8, 0, 0, 0, 0, 0, 0, 0xce}));
  Frame frame;
  EXPECT_EQ(read_frame(bytes, 8, frame), FrameState::kWhole);
  bytes.back() = 0xcd;
  EXPECT_EQ(read_frame(bytes, 8, frame), FrameState::kMalformed);
}

}  // namespace
}  // namespace godwit::protocol::amqp091
