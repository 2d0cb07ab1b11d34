#include "engine/group_subscription.h"

#include <gtest/gtest.h>

#include "base/codec.h"

namespace godwit::engine {
namespace {

ByteVec metadata(int32_t count, std::vector<std::string_view> topics) {
  ByteVec bytes;
  Writer out(bytes);
  out.be<int16_t>(3);
  out.be<int32_t>(count);
  for (std::string_view topic : topics) {
    out.be<int16_t>(static_cast<int16_t>(topic.size()));
    out.bytes(topic);
  }
  return bytes;
}

TEST(Subscription, NamesItsTopics) {
  ByteVec bytes = metadata(2, {"a", "bc"});
  bytes.insert(bytes.end(), {0xff, 0xff, 0xff, 0xff});  // user data
  EXPECT_EQ(subscribed_topics(bytes), (std::vector<std::string_view>{"a", "bc"}));
}

TEST(Subscription, WhatIsNotOneIsNothing) {
  ByteVec whole = metadata(2, {"a", "bc"});
  for (size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(subscribed_topics(ByteView(whole).first(n))) << n;
  EXPECT_FALSE(subscribed_topics(metadata(0x7fffffff, {"a"})));
  EXPECT_FALSE(subscribed_topics(metadata(-1, {})));
}

TEST(Subscription, MembersThatDoNotTellMayReadAnything) {
  auto group_of = [](std::string type, ByteVec bytes) {
    GroupMember member;
    member.info.id = "m";
    member.info.protocols = {{"range", std::move(bytes)}};
    ConsumerGroup group{.id = "g", .protocol_type = std::move(type)};
    group.add(std::move(member));
    return group;
  };
  EXPECT_TRUE(is_subscribed(group_of("consumer", metadata(1, {"a"})), "a"));
  EXPECT_FALSE(is_subscribed(group_of("consumer", metadata(1, {"a"})), "b"));
  EXPECT_TRUE(is_subscribed(group_of("consumer", {1}), "b"));
  EXPECT_TRUE(is_subscribed(group_of("connect", metadata(1, {"a"})), "b"));
  EXPECT_FALSE(is_subscribed(ConsumerGroup(), "a"));
}

}  // namespace
}  // namespace godwit::engine
