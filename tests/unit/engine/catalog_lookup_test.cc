#include "catalog_fixture.h"

namespace godwit::engine {
namespace {

using CatalogLookup = CatalogFixture;

TEST_F(CatalogLookup, ListsOneNamespaceInOrderOfNames) {
  declare_queues({"b", "a"});
  ASSERT_TRUE(run(model::DeclareQueue{.name = name("c", "other")}));
  bind(to_queue("amq.topic", "a", "2"));
  bind(to_queue("amq.topic", "b", "1"));
  Names topics, queues, exchanges, keys, spaces;
  catalog.for_each_topic("default", [&](const auto& t) { topics.push_back(t.name.text); });
  catalog.for_each_queue("default", [&](const auto& q) { queues.push_back(q.name.text); });
  catalog.for_each_exchange("other", [&](const auto& e) { exchanges.push_back(e.name.text); });
  catalog.for_each_binding("default", [&](const auto& b) { keys.push_back(b.routing_key); });
  catalog.for_each_space([&](std::string_view s) { spaces.emplace_back(s); });
  EXPECT_EQ(topics, (Names{"a", "b"}));
  EXPECT_EQ(queues, (Names{"a", "b"}));
  EXPECT_EQ(exchanges, (Names{"", "amq.direct", "amq.fanout", "amq.headers", "amq.match", "amq.topic"}));
  EXPECT_EQ(keys, (Names{"2", "1"}));
  EXPECT_EQ(spaces, (Names{"default", "other"}));
}

TEST_F(CatalogLookup, WhatIsNotThereIsNull) {
  EXPECT_EQ(catalog.topic(name("x")), nullptr);
  EXPECT_EQ(catalog.topic(TopicId(5)), nullptr);
  EXPECT_EQ(catalog.queue(name("x")), nullptr);
  EXPECT_EQ(catalog.queue(QueueId(5)), nullptr);
  EXPECT_EQ(catalog.exchange(name("x")), nullptr);
  EXPECT_EQ(catalog.find_binding(to_queue("x", "y")), nullptr);
}

TEST_F(CatalogLookup, VersionMovesWithEveryChangeOnly) {
  uint64_t before = catalog.version();
  ASSERT_TRUE(run(queue("q")));
  uint64_t after = catalog.version();
  EXPECT_GT(after, before);
  ASSERT_TRUE(run(queue("q")));
  EXPECT_EQ(catalog.version(), after);
}

}  // namespace
}  // namespace godwit::engine
