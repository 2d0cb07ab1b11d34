#include <gmock/gmock.h>

#include "catalog_fixture.h"

namespace godwit::engine {
namespace {

using CatalogQueue = CatalogFixture;

TEST_F(CatalogQueue, DeclareCreatesTheTopicOfItsName) {
  model::DeclareQueue command = queue("orders");
  command.topic_settings.settled_ms = 5;
  auto reply = run(command);
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->created);
  EXPECT_TRUE(reply->queue.own);
  const model::TopicInfo* topic = catalog.topic(name("orders"));
  ASSERT_TRUE(topic);
  EXPECT_EQ(catalog.find_topic(name("orders"))->own_queue, reply->queue.id);
  EXPECT_EQ(topic->settings.settled_ms, 5);
  EXPECT_EQ(catalog.queue(reply->queue.id)->topic, topic->id);
}

TEST_F(CatalogQueue, DeclareAttachesToATopicWithoutOwnQueue) {
  auto topic = run(model::CreateTopic{.name = name("flights"), .partitions = 6});
  auto reply = run(queue("flights"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->queue.topic, topic->topic.id);
  EXPECT_TRUE(reply->queue.own);
  EXPECT_EQ(reply->queue.start, model::Start::kFirstRetained);
  EXPECT_EQ(catalog.find_topic(name("flights"))->own_queue, reply->queue.id);
}

TEST_F(CatalogQueue, ASubscriptionNeedsItsTopic) {
  EXPECT_EQ(refused(subscription("s", "t")), ErrorCode::kNotFound);
  ASSERT_TRUE(run(model::CreateTopic{.name = name("t")}));
  auto reply = run(subscription("s", "t"));
  ASSERT_TRUE(reply);
  EXPECT_FALSE(reply->queue.own);
  EXPECT_EQ(reply->queue.start, model::Start::kEnd);
  EXPECT_EQ(catalog.find_topic(name("t"))->own_queue, QueueId());
}

TEST_F(CatalogQueue, RedeclareWithEqualSettingsReportsWhatIsThere) {
  ASSERT_TRUE(run(queue("q")));
  auto again = run(queue("q"), {.ready = 12, .consumers = 2});
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->ready, 12u);
  EXPECT_EQ(again->consumers, 2u);
  EXPECT_TRUE(records.empty());
}

TEST_F(CatalogQueue, RedeclareNamesTheSettingThatDiffers) {
  ASSERT_TRUE(run(queue("q")));
  model::DeclareQueue other = queue("q");
  other.settings.message_ttl_ms = 5000;
  auto refusal = decide(catalog, other, {});
  ASSERT_FALSE(refusal);
  EXPECT_EQ(refusal.error().code, ErrorCode::kMismatch);
  EXPECT_THAT(refusal.error().message, testing::HasSubstr("message_ttl_ms"));
}

TEST_F(CatalogQueue, RedeclareWithAnotherTopicIsAMismatch) {
  ASSERT_TRUE(run(model::CreateTopic{.name = name("t")}));
  ASSERT_TRUE(run(model::CreateTopic{.name = name("u")}));
  ASSERT_TRUE(run(subscription("s", "t")));
  EXPECT_TRUE(run(subscription("s", "t")));
  EXPECT_EQ(refused(subscription("s", "u")), ErrorCode::kMismatch);
  EXPECT_EQ(refused(queue("s")), ErrorCode::kMismatch);
  ASSERT_TRUE(run(queue("t")));
  EXPECT_EQ(refused(subscription("t", "t")), ErrorCode::kMismatch);
}

TEST_F(CatalogQueue, PassiveOnlyLooks) {
  model::DeclareQueue passive{.name = name("q"), .passive = true};
  EXPECT_EQ(refused(passive), ErrorCode::kNotFound);
  model::DeclareQueue command = queue("q");
  command.settings.priorities = 3;
  ASSERT_TRUE(run(command));
  EXPECT_TRUE(run(passive));
}

TEST_F(CatalogQueue, AnExclusiveQueueIsItsSessionsOnly) {
  CatalogContext mine{.session = SessionId(1)}, other{.session = SessionId(2)};
  ASSERT_TRUE(run(exclusive_queue("q"), mine));
  EXPECT_TRUE(run(exclusive_queue("q"), mine));
  EXPECT_EQ(refused(exclusive_queue("q"), other), ErrorCode::kExclusive);
  EXPECT_EQ(refused(model::DeclareQueue{.name = name("q"), .passive = true}, other), ErrorCode::kExclusive);
  EXPECT_EQ(refused(model::DeleteQueue{name("q")}, other), ErrorCode::kExclusive);
  EXPECT_EQ(refused(model::Bind{to_queue("amq.direct", "q")}, other), ErrorCode::kExclusive);
  EXPECT_EQ(refused(queue("q"), mine), ErrorCode::kExclusive);
  ASSERT_TRUE(run(queue("shared")));
  EXPECT_EQ(refused(exclusive_queue("shared"), mine), ErrorCode::kExclusive);
}

TEST_F(CatalogQueue, ReservedNamesAreTheBrokers) {
  EXPECT_EQ(refused(queue("amq.mine")), ErrorCode::kAccessDenied);
  EXPECT_EQ(refused(model::DeclareQueue{.name = name("amq.mine"), .passive = true}), ErrorCode::kNotFound);
  EXPECT_TRUE(run(queue("amq.gen-1")));
  EXPECT_TRUE(run(queue("amq.rabbitmq.reply-to.1")));
  EXPECT_EQ(refused(queue("")), ErrorCode::kInvalidArgument);
}

TEST_F(CatalogQueue, PriorityAndSingleActiveNeedOnePartition) {
  ASSERT_TRUE(run(model::CreateTopic{.name = name("t"), .partitions = 2}));
  model::DeclareQueue priority = queue("t"), single = subscription("s", "t"), wide = queue("w");
  priority.settings.priorities = 9;
  single.settings.single_active_consumer = true;
  wide.settings.priorities = 1;
  wide.partitions = 2;
  EXPECT_EQ(refused(priority), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused(single), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused(wide), ErrorCode::kInvalidArgument);
}

TEST_F(CatalogQueue, ADurableQueueNeedsADurableTopic) {
  model::DeclareQueue transient = queue("q");
  transient.settings.durable = false;
  ASSERT_TRUE(run(transient));
  EXPECT_TRUE(catalog.topic(name("q"))->settings.is_volatile);
  EXPECT_EQ(refused(subscription("s", "q")), ErrorCode::kInvalidArgument);
}

TEST_F(CatalogQueue, DeleteRespectsItsConditions) {
  ASSERT_TRUE(run(queue("q")));
  EXPECT_EQ(refused(model::DeleteQueue{name("q"), true, false}, {.consumers = 1}), ErrorCode::kInUse);
  EXPECT_EQ(refused(model::DeleteQueue{name("q"), false, true}, {.ready = 1}), ErrorCode::kInUse);
  auto reply = run(model::DeleteQueue{name("q"), true, true});
  ASSERT_TRUE(reply);
  EXPECT_EQ(catalog.topic(name("q")), nullptr);
  EXPECT_EQ(refused(model::DeleteQueue{name("q")}), ErrorCode::kNotFound);
}

TEST_F(CatalogQueue, DeleteMayMeanOneQueueOfTheName) {
  QueueId first = run(queue("q"))->queue.id;
  ASSERT_TRUE(run(model::DeleteQueue{.name = name("q"), .only = first}));
  ASSERT_TRUE(run(queue("q")));
  EXPECT_EQ(refused(model::DeleteQueue{.name = name("q"), .only = first}), ErrorCode::kNotFound);
  EXPECT_NE(catalog.queue(name("q")), nullptr);
}

TEST_F(CatalogQueue, DeleteOfAnOwnQueueLeavesATopicThatOthersUse) {
  ASSERT_TRUE(run(queue("q")));
  ASSERT_TRUE(run(subscription("s", "q")));
  EXPECT_EQ(run(model::DeleteQueue{name("q")}, {.ready = 3})->messages, 3u);
  ASSERT_NE(catalog.topic(name("q")), nullptr);
  EXPECT_EQ(catalog.find_topic(name("q"))->own_queue, QueueId());
  ASSERT_TRUE(run(queue("q")));
  ASSERT_TRUE(run(model::DeleteQueue{name("s")}));
  ASSERT_TRUE(run(model::DeleteQueue{name("q")}, {.topic_has_groups = true}));
  EXPECT_NE(catalog.topic(name("q")), nullptr);
}

TEST_F(CatalogQueue, AVolatileQueueNeverDeletesADurableTopic) {
  ASSERT_TRUE(run(model::CreateTopic{.name = name("t")}));
  ASSERT_TRUE(run(exclusive_queue("t"), {.session = SessionId(1)}));
  ASSERT_TRUE(run(model::DeleteQueue{name("t")}, {.session = SessionId(1)}));
  EXPECT_NE(catalog.topic(name("t")), nullptr);
}

TEST_F(CatalogQueue, NamespacesDoNotSeeEachOther) {
  ASSERT_TRUE(run(model::DeclareQueue{.name = name("q", "one")}));
  EXPECT_EQ(catalog.queue(name("q", "two")), nullptr);
  ASSERT_TRUE(run(model::DeclareQueue{.name = name("q", "two")}));
  EXPECT_NE(catalog.queue(name("q", "one"))->id, catalog.queue(name("q", "two"))->id);
}

}  // namespace
}  // namespace godwit::engine
