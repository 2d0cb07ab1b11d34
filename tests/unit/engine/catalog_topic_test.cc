#include "base/limits.h"
#include "catalog_fixture.h"

namespace godwit::engine {
namespace {

using CatalogTopic = CatalogFixture;

TEST_F(CatalogTopic, CreateGivesAnIdOfItsOwn) {
  auto a = run(model::CreateTopic{.name = name("a"), .partitions = 6});
  auto b = run(model::CreateTopic{.name = name("b")});
  ASSERT_TRUE(a && b);
  EXPECT_TRUE(a->created);
  EXPECT_NE(a->topic.id, b->topic.id);
  EXPECT_EQ(catalog.topic(name("a"))->partitions, 6u);
  EXPECT_EQ(catalog.topic(b->topic.id)->name, name("b"));
}

TEST_F(CatalogTopic, CreateTwiceIsAnErrorUnlessToldOtherwise) {
  model::CreateTopic command{.name = name("a")};
  ASSERT_TRUE(run(command));
  EXPECT_EQ(refused(command), ErrorCode::kAlreadyExists);
  command.if_absent = true;
  auto again = run(command);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->topic.id, catalog.topic(name("a"))->id);
  EXPECT_TRUE(records.empty());
}

TEST_F(CatalogTopic, CreateChecksNameAndPartitions) {
  EXPECT_EQ(refused(model::CreateTopic{.name = name("")}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused(model::CreateTopic{.name = name(std::string(kNameBytesMax + 1, 'x'))}),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused(model::CreateTopic{.name = name("\xff")}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused(model::CreateTopic{.name = name("a"), .partitions = 0}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused(model::CreateTopic{.name = name("a"), .partitions = kPartitionsMax + 1}),
            ErrorCode::kInvalidArgument);
  EXPECT_TRUE(run(model::CreateTopic{.name = name(std::string(kNameBytesMax, 'x')), .partitions = kPartitionsMax}));
}

TEST_F(CatalogTopic, ValidateOnlyChangesNothing) {
  ASSERT_TRUE(run(model::CreateTopic{.name = name("a"), .validate_only = true}));
  EXPECT_TRUE(records.empty());
  EXPECT_EQ(catalog.topic(name("a")), nullptr);
}

TEST_F(CatalogTopic, DeleteTakesItsOwnQueueAndBindingsAlong) {
  declare_queues({"q"});
  bind(to_queue("amq.fanout", "q"));
  ASSERT_TRUE(run(model::DeleteTopic{name("q")}));
  EXPECT_EQ(catalog.queue(name("q")), nullptr);
  EXPECT_EQ(catalog.topic(name("q")), nullptr);
  EXPECT_EQ(route("amq.fanout", ""), Names());
  EXPECT_EQ(refused(model::DeleteTopic{name("q")}), ErrorCode::kNotFound);
}

TEST_F(CatalogTopic, DeleteIsRefusedWhileSubscriptionsAreAttached) {
  ASSERT_TRUE(run(model::CreateTopic{.name = name("t")}));
  ASSERT_TRUE(run(subscription("s", "t")));
  EXPECT_EQ(refused(model::DeleteTopic{name("t")}), ErrorCode::kInUse);
  EXPECT_EQ(run(model::DeleteTopic{name("t")}).error().message,
            "topic 't' is subscribed to by the queue 's': delete that first");
  ASSERT_TRUE(run(subscription("s2", "t")));
  EXPECT_EQ(run(model::DeleteTopic{name("t")}).error().message,
            "topic 't' is subscribed to by 's' and 1 more queue: delete those first");
  ASSERT_TRUE(run(model::DeleteQueue{name("s2")}));
  ASSERT_TRUE(run(model::DeleteQueue{name("s")}));
  EXPECT_NE(catalog.topic(name("t")), nullptr);
  EXPECT_TRUE(run(model::DeleteTopic{name("t")}));
}

TEST_F(CatalogTopic, DeleteRespectsAnExclusiveOwnQueue) {
  ASSERT_TRUE(run(exclusive_queue("q"), {.session = SessionId(7)}));
  EXPECT_EQ(refused(model::DeleteTopic{name("q")}, {.session = SessionId(8)}), ErrorCode::kExclusive);
  EXPECT_TRUE(run(model::DeleteTopic{name("q")}, {.session = SessionId(7)}));
}

TEST_F(CatalogTopic, AlterReplacesSettingsAndKeepsTheRest) {
  declare_queues({"q"});
  QueueId own = catalog.find_topic(name("q"))->own_queue;
  model::TopicSettings settings{.retention = model::Retention::kTime, .config = {{"cleanup.policy", "delete"}}};
  ASSERT_TRUE(run(model::AlterTopic{name("q"), settings}));
  EXPECT_EQ(catalog.topic(name("q"))->settings, settings);
  EXPECT_EQ(catalog.find_topic(name("q"))->own_queue, own);
  ASSERT_TRUE(run(model::AlterTopic{name("q"), settings}));
  EXPECT_TRUE(records.empty());
  settings.is_volatile = true;
  EXPECT_EQ(refused(model::AlterTopic{name("q"), settings}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused(model::AlterTopic{name("none"), {}}), ErrorCode::kNotFound);
}

TEST_F(CatalogTopic, PartitionsOnlyGrow) {
  ASSERT_TRUE(run(model::CreateTopic{.name = name("t"), .partitions = 3}));
  EXPECT_EQ(refused(model::AddPartitions{name("t"), 3}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused(model::AddPartitions{name("t"), kPartitionsMax + 1}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused(model::AddPartitions{name("none"), 3}), ErrorCode::kNotFound);
  ASSERT_TRUE(run(model::AddPartitions{name("t"), 4, true}));
  EXPECT_EQ(catalog.topic(name("t"))->partitions, 3u);
  ASSERT_TRUE(run(model::AddPartitions{name("t"), 4}));
  EXPECT_EQ(catalog.topic(name("t"))->partitions, 4u);
}

TEST_F(CatalogTopic, AQueueThatNeedsOnePartitionKeepsIt) {
  model::DeclareQueue command = queue("q");
  command.settings.priorities = 5;
  ASSERT_TRUE(run(command));
  EXPECT_EQ(refused(model::AddPartitions{name("q"), 2}), ErrorCode::kInUse);
}

TEST_F(CatalogTopic, ProducerIdsAreNeverGivenTwice) {
  auto first = run(model::AllocateProducer{});
  auto second = run(model::AllocateProducer{});
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->producer_id, second->producer_id);
  EXPECT_EQ(second->epoch, 0);
}

TEST_F(CatalogTopic, AKnownProducerGetsTheNextEpoch) {
  int64_t id = run(model::AllocateProducer{})->producer_id;
  auto next = run(model::AllocateProducer{.producer_id = id, .producer_epoch = 4});
  EXPECT_EQ(next->producer_id, id);
  EXPECT_EQ(next->epoch, 5);
  auto exhausted = run(model::AllocateProducer{.producer_id = id, .producer_epoch = 32766});
  EXPECT_NE(exhausted->producer_id, id);
  EXPECT_EQ(exhausted->epoch, 0);
  auto unknown = run(model::AllocateProducer{.producer_id = 1000, .producer_epoch = 1});
  EXPECT_NE(unknown->producer_id, 1000);
}

}  // namespace
}  // namespace godwit::engine
