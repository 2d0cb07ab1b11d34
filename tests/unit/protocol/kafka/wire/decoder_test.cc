#include "protocol/kafka/wire/decoder.h"

#include <gtest/gtest.h>

#include "protocol/kafka/messages/group_admin.h"
#include "protocol/kafka/messages/metadata.h"

namespace godwit::protocol::kafka {
namespace {

TEST(Decoder, UnknownTagsAreSteppedOver) {
  ByteVec bytes = {0x00, 0x01, 0x00, 0x02, 0x05, 0x03, 'a', 'b', 'c', 0x06, 0x00};
  Reader in(bytes);
  MetadataRequest request;
  ASSERT_TRUE(wire::decode(in, 12, true, request));
  EXPECT_FALSE(request.topics);
  EXPECT_EQ(in.remaining(), 0u);
}

TEST(Decoder, CountsThatLieAreRefusedBeforeTheyAreAllocated) {
  for (std::string_view lie : {"\x7f\xff\xff\xff", "\xff\xff\xff\xfe", "\x00\x00\x00\x05"}) {
    Reader in(as_bytes(std::string_view(lie.data(), 4)));
    DeleteGroupsRequest request;
    EXPECT_FALSE(wire::decode(in, 0, false, request));
    EXPECT_LE(request.groups.capacity(), 1u);
  }
}

TEST(Decoder, ElementsOfOneRequestAreBounded) {
  ByteVec bytes;
  Writer out(bytes);
  out.be(static_cast<int32_t>(kKafkaElementsMax + 1));
  bytes.resize(bytes.size() + 2 * (kKafkaElementsMax + 1));  // that many empty names really follow
  Reader in(bytes);
  DeleteGroupsRequest request;
  EXPECT_FALSE(wire::decode(in, 0, false, request));
  EXPECT_TRUE(request.groups.empty());
}

}  // namespace
}  // namespace godwit::protocol::kafka
