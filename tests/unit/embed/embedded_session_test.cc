#include "embed/embedded_session.h"

#include <gtest/gtest.h>

#include "../../support/fake_host.h"

namespace godwit::embed {
namespace {

TEST(EmbeddedSession, AConsumerFollowsATopicThatGrows) {
  test::FakeHost host;
  TopicId topic = host.names.add_topic("q", 1).id;
  QueueId queue = host.names.add_queue("q", topic).id;
  host.names.add_queue("other", host.names.add_topic("other").id);
  EmbeddedSession session(host);
  for (const char* name : {"q", "other"}) {
    session.consume(name, [](const EmbeddedDelivery&) { return Verdict::kAccept; }, 10, [](const Result<void>&) {});
    ASSERT_TRUE(host.take<model::Attach>());
  }
  for (int i = 0; i < 2; ++i) {
    host.names.grow("q", 3);
    session.on_notice(broker::TopicGrown{topic});
  }
  for (uint32_t index : {1u, 2u}) {
    auto attach = host.take<model::Attach>();
    ASSERT_TRUE(attach);
    EXPECT_EQ(attach->second.ledger, (LedgerId{queue, {topic, index}}));
    EXPECT_EQ(attach->second.tag, ConsumerTag(1));
    EXPECT_EQ(attach->second.credit, 10u);
  }
  EXPECT_TRUE(host.submitted.empty());
}

}  // namespace
}  // namespace godwit::embed
