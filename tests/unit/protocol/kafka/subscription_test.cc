#include "protocol/kafka/subscription.h"

#include <gtest/gtest.h>

#include "base/codec.h"
#include "base/limits.h"

namespace godwit::protocol::kafka {
namespace {

using Topics = std::vector<std::string>;

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
  EXPECT_EQ(subscribed_topics(bytes), (Topics{"a", "bc"}));
}

TEST(Subscription, WhatIsNotOneIsNothing) {
  ByteVec whole = metadata(2, {"a", "bc"});
  for (size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(subscribed_topics(ByteView(whole).first(n))) << n;
  EXPECT_FALSE(subscribed_topics(metadata(0x7fffffff, {"a"})));
  EXPECT_FALSE(subscribed_topics(metadata(-1, {})));
}

TEST(Subscription, OfMoreTopicsThanARequestMayNameIsNothing) {
  std::vector<std::string_view> topics(kKafkaElementsMax + 1, "t");
  EXPECT_FALSE(subscribed_topics(metadata(static_cast<int32_t>(topics.size()), topics)));
  topics.pop_back();
  ByteVec most = metadata(static_cast<int32_t>(topics.size()), topics);
  EXPECT_EQ(subscribed_topics(most)->size(), kKafkaElementsMax);
  EXPECT_EQ(subscription_of("consumer", {{"range", most}, {"sticky", most}}), (Topics{"t"})) << "each counts once";
}

TEST(Subscription, IsOfAllProtocolsTogether) {
  EXPECT_EQ(subscription_of("consumer", {{"range", metadata(1, {"a"})}, {"sticky", metadata(1, {"b"})}}),
            (Topics{"a", "b"}));
  EXPECT_FALSE(subscription_of("consumer", {{"range", metadata(1, {"a"})}, {"own", {1}}}));
  EXPECT_FALSE(subscription_of("connect", {{"range", metadata(1, {"a"})}}));
}

}  // namespace
}  // namespace godwit::protocol::kafka
