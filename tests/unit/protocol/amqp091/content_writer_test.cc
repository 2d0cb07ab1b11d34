#include "protocol/amqp091/content_writer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/amqp091/wire/print.h"

namespace godwit::protocol::amqp091 {
namespace {

constexpr uint8_t kNoProperties[2] = {0, 0};
constexpr size_t kLarge = broker::Output::kShareBytesMin;

/// What a peer that tuned `frame_max` reads.
struct Read {
  std::vector<std::string> frames;
  std::string body;
  size_t largest = 0;
};

Read read(ByteView bytes, uint32_t frame_max) {
  Read read;
  Frame frame;
  while (!bytes.empty() && read_frame(bytes, frame_max, frame) == FrameState::kWhole) {
    read.frames.push_back(print_frame(frame));
    if (frame.type == FrameType::kBody) read.body += as_string(frame.payload);
    read.largest = std::max(read.largest, frame.bytes);
    bytes = bytes.subspan(frame.bytes);
  }
  EXPECT_TRUE(bytes.empty()) << "not a frame";
  return read;
}

Read delivered(const OutgoingMessage& message, uint32_t frame_max, const Slice* payload) {
  broker::Output out;
  DeliverWriter(3, "tag", frame_max).write(message, 7, true, payload, out);
  ByteVec bytes;
  for (const Slice& part : out.take()) bytes.insert(bytes.end(), part.view().begin(), part.view().end());
  return read(bytes, frame_max);
}

TEST(WriteContent, AnEmptyBodyHasNoBodyFrame) {
  ByteVec out;
  write_content(1, kNoProperties, {}, 4'096, out);
  EXPECT_EQ(read(out, 4'096).frames, (std::vector<std::string>{"1 header body-size=0 flags=0000"}));
}

TEST(WriteContent, FramesAreAsLargeAsTheyMayBe) {
  constexpr size_t kPiece = 4'096 - kFrameOverheadBytes;
  for (size_t size : {kPiece - 1, kPiece, kPiece + 1, 3 * kPiece}) {
    std::string body(size, 'x');
    ByteVec out;
    write_content(1, kNoProperties, as_bytes(body), 4'096, out);
    Read seen = read(out, 4'096);
    EXPECT_EQ(seen.frames.size(), 1 + (size + kPiece - 1) / kPiece) << size;
    EXPECT_EQ(seen.body, body);
  }
}

TEST(DeliverWriter, TheMethodNamesWhatIsDelivered) {
  OutgoingMessage message{"ex", "key", kNoProperties, as_bytes("hi")};
  EXPECT_EQ(delivered(message, 4'096, nullptr).frames,
            (std::vector<std::string>{
                "3 basic.deliver consumer-tag=tag delivery-tag=7 redelivered=1 exchange=ex routing-key=key",
                "3 header body-size=2 flags=0000", "3 body 2"}));
}

TEST(DeliverWriter, BodiesArriveWholeSharedOrCopied) {
  for (uint32_t frame_max : {4'096u, 131'072u})
    for (size_t size : {size_t{0}, size_t{4'088}, size_t{4'089}, kLarge - 1, kLarge, kLarge + 1, 5 * kLarge}) {
      std::string body;
      for (size_t i = 0; i < size; ++i) body += static_cast<char>('a' + i % 26);
      Slice payload = Slice::copy(as_bytes("before" + body + "after"));
      OutgoingMessage message{"", "k", kNoProperties, payload.view().subspan(6, size)};
      for (const Slice* owner : {static_cast<const Slice*>(nullptr), static_cast<const Slice*>(&payload)}) {
        Read seen = delivered(message, frame_max, owner);
        EXPECT_EQ(seen.body, body) << size << " of frames " << frame_max;
        EXPECT_LE(seen.largest, frame_max);
      }
    }
}

TEST(DeliverWriter, ALargeBodyOfASliceIsNotCopied) {
  Slice payload = Slice::take(ByteVec(2 * kLarge, 'x'));
  broker::Output out;
  DeliverWriter(1, "t", 131'072).write({"", "k", kNoProperties, payload}, 1, false, &payload, out);
  bool shared = false;
  for (const Slice& part : out.take()) shared |= part.data() == payload.data();
  EXPECT_TRUE(shared);
}

TEST(DeliverWriter, NamesMayBeAsLongAsTheyGet) {
  std::string name(255, 'n');
  broker::Output out;
  DeliverWriter(1, name, 4'096).write({name, name, kNoProperties, {}}, 1, false, nullptr, out);
  ByteVec bytes;
  for (const Slice& part : out.take()) bytes.insert(bytes.end(), part.view().begin(), part.view().end());
  EXPECT_EQ(read(bytes, 4'096).frames.at(0), "1 basic.deliver consumer-tag=" + name +
                                                 " delivery-tag=1 redelivered=0 exchange=" + name +
                                                 " routing-key=" + name);
}

}  // namespace
}  // namespace godwit::protocol::amqp091
