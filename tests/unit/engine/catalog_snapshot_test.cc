#include "catalog_fixture.h"

namespace godwit::engine {
namespace {

class CatalogSnapshot : public CatalogFixture {
 protected:
  /// Whether the last command's records were all kept out of the journal.
  bool unjournalled(size_t before) const { return journal.size() == before; }
  template <class Command>
  bool runs_volatile(const Command& command) {
    size_t before = journal.size();
    EXPECT_TRUE(run(command).has_value());
    EXPECT_FALSE(records.empty());
    return journal.size() == before;
  }
};

TEST_F(CatalogSnapshot, VolatileThingsAreNotJournalled) {
  declare_queues({"kept"});  // reserves ids
  ASSERT_TRUE(run(exchange("kept-exchange")));
  model::DeclareQueue transient = queue("transient");
  transient.settings.durable = false;
  model::DeclareExchange fleeting = exchange("fleeting");
  fleeting.exchange.durable = false;

  EXPECT_TRUE(runs_volatile(transient));
  EXPECT_TRUE(runs_volatile(exclusive_queue("exclusive")));
  EXPECT_TRUE(runs_volatile(fleeting));
  EXPECT_TRUE(runs_volatile(model::Bind{to_queue("fleeting", "kept")}));
  EXPECT_TRUE(runs_volatile(model::Bind{to_queue("kept-exchange", "transient")}));
  EXPECT_TRUE(runs_volatile(model::Bind{to_exchange("kept-exchange", "fleeting")}));
  EXPECT_TRUE(runs_volatile(model::Bind{to_exchange("fleeting", "kept-exchange")}));
  EXPECT_FALSE(runs_volatile(model::Bind{to_queue("kept-exchange", "kept")}));
  EXPECT_FALSE(runs_volatile(model::Bind{to_exchange("kept-exchange", "amq.fanout")}));

  EXPECT_TRUE(runs_volatile(model::Unbind{to_queue("fleeting", "kept")}));
  EXPECT_TRUE(runs_volatile(model::DeleteQueue{name("transient")}));
  EXPECT_TRUE(runs_volatile(model::DeleteExchange{name("fleeting")}));
  EXPECT_FALSE(runs_volatile(model::Unbind{to_queue("kept-exchange", "kept")}));
  EXPECT_FALSE(runs_volatile(model::DeleteQueue{name("kept")}));
}

TEST_F(CatalogSnapshot, ADurableTopicOutlivesItsVolatileQueue) {
  ASSERT_TRUE(run(model::CreateTopic{.name = name("t")}));
  ASSERT_TRUE(run(exclusive_queue("t")));
  ASSERT_TRUE(run(model::AlterTopic{name("t"), {.settled_ms = 9}}));
  Catalog restarted;
  for (const CatalogRecord& record : journal) restarted.apply(record);
  ASSERT_NE(restarted.topic(name("t")), nullptr);
  EXPECT_EQ(restarted.find_topic(name("t"))->own_queue, QueueId());
  EXPECT_EQ(restarted.topic(name("t"))->settings.settled_ms, 9);
}

TEST_F(CatalogSnapshot, BuildsTheSameState) {
  declare_queues({"a", "b"});
  ASSERT_TRUE(run(subscription("s", "a")));
  ASSERT_TRUE(run(exclusive_queue("mine")));
  ASSERT_TRUE(run(model::DeclareQueue{.name = name("a", "elsewhere")}));
  ASSERT_TRUE(run(exchange("e", "topic")));
  bind(to_queue("e", "mine", "#"));
  bind(to_queue("e", "a", "x.*"));
  bind(to_exchange("amq.direct", "e", "k"));
  ASSERT_TRUE(run(model::AllocateProducer{}));

  CatalogRecords all = catalog.snapshot(Keep::kAll);
  Catalog copy;
  for (const CatalogRecord& record : all) copy.apply(record);
  EXPECT_EQ(copy.snapshot(Keep::kAll), all);
  EXPECT_EQ(copy.topic(name("a")), catalog.topic(name("a"))) << "shared, not copied";
  EXPECT_EQ(copy.queue(name("a")), catalog.queue(name("a"))) << "shared, not copied";
  EXPECT_EQ(copy.next_producer_id(), catalog.next_producer_id());
  EXPECT_EQ(copy.find_topic(name("a"))->own_queue, catalog.find_topic(name("a"))->own_queue);
  std::vector<TopicId> topics;
  ASSERT_TRUE(copy.route(name("e"), {.routing_key = "x.y"}, topics));
  EXPECT_EQ(topics.size(), 2u);

  Catalog replayed;
  for (const CatalogRecord& record : journal) replayed.apply(record);
  EXPECT_EQ(replayed.queue(name("mine")), nullptr);
  Catalog restored;
  for (const CatalogRecord& record : catalog.snapshot(Keep::kDurable)) restored.apply(record);
  replayed.finish_replay();
  restored.finish_replay();
  EXPECT_EQ(restored.snapshot(Keep::kAll), replayed.snapshot(Keep::kAll));
}

}  // namespace
}  // namespace godwit::engine
