#include <algorithm>

#include "catalog_fixture.h"

namespace godwit::engine {
namespace {

using CatalogRoute = CatalogFixture;

TEST_F(CatalogRoute, TheDefaultExchangeNamesAQueueOrATopic) {
  declare_queues({"q"});
  ASSERT_TRUE(run(model::CreateTopic{.name = name("log")}));
  ASSERT_TRUE(run(subscription("s", "log")));
  EXPECT_EQ(route("", "q"), Names{"q"});
  EXPECT_EQ(route("", "log"), Names{"log"});
  std::vector<TopicId> topics;
  EXPECT_EQ(catalog.route(name(""), {.routing_key = "s"}, topics).error().code, ErrorCode::kAccessDenied);
  EXPECT_TRUE(catalog.route(name(""), {.routing_key = "s", .by_broker = true}, topics));
  EXPECT_TRUE(topics.empty());
  EXPECT_EQ(route("", "none"), Names());
}

TEST_F(CatalogRoute, EachTopicOnceInOrder) {
  declare_queues({"a", "b", "c"});
  for (const char* pattern : {"#", "k.*", "*.1", "k.1"})
    for (const char* target : {"c", "a", "b"}) bind(to_queue("amq.topic", target, pattern));
  EXPECT_EQ(route("amq.topic", "k.1"), (Names{"a", "b", "c"}));
}

TEST_F(CatalogRoute, AppendsToWhatIsThere) {
  declare_queues({"a", "b"});
  bind(to_queue("amq.fanout", "a"));
  std::vector<TopicId> topics{catalog.topic(name("b"))->id, catalog.topic(name("a"))->id};
  ASSERT_TRUE(catalog.route(name("amq.fanout"), {}, topics));
  EXPECT_EQ(topics.size(), 3u);
}

TEST_F(CatalogRoute, FollowsExchangesOnceEvenInACycle) {
  declare_queues({"a", "b"});
  for (const char* text : {"x", "y", "z"}) ASSERT_TRUE(run(exchange(text, "fanout")));
  bind(to_exchange("x", "y"));
  bind(to_exchange("y", "z"));
  bind(to_exchange("z", "x"));
  bind(to_exchange("x", "z"));
  bind(to_queue("y", "a"));
  bind(to_queue("z", "a"));
  bind(to_queue("z", "b"));
  for (const char* text : {"x", "y", "z"}) EXPECT_EQ(route(text, ""), (Names{"a", "b"}));
}

TEST_F(CatalogRoute, AlternatesTakeWhatNothingMatched) {
  declare_queues({"direct", "lost"});
  model::DeclareExchange main = exchange("main"), odd = exchange("odd");
  main.exchange.alternate = "odd";
  odd.exchange.alternate = "main";
  ASSERT_TRUE(run(main));
  EXPECT_EQ(route("main", "k"), Names());  // the alternate does not exist yet
  ASSERT_TRUE(run(odd));
  EXPECT_EQ(route("main", "k"), Names());  // each is the other's alternate
  bind(to_queue("main", "direct", "k"));
  bind(to_queue("odd", "lost", "else"));
  EXPECT_EQ(route("main", "k"), Names{"direct"});
  EXPECT_EQ(route("main", "else"), Names{"lost"});
}

TEST_F(CatalogRoute, TheDefaultExchangeAsAlternate) {
  declare_queues({"q"});
  model::DeclareExchange main = exchange("main");
  main.exchange.alternate = "";
  ASSERT_TRUE(run(main));
  EXPECT_EQ(route("main", "q"), Names{"q"});
}

TEST_F(CatalogRoute, AnInternalExchangeIsReachedOnlyThroughOthers) {
  declare_queues({"q"});
  model::DeclareExchange inner = exchange("inner", "fanout");
  inner.exchange.internal = true;
  ASSERT_TRUE(run(inner));
  bind(to_queue("inner", "q"));
  bind(to_exchange("amq.fanout", "inner"));
  EXPECT_EQ(route("amq.fanout", ""), Names{"q"});
  std::vector<TopicId> topics;
  EXPECT_EQ(catalog.route(name("inner"), {}, topics).error().code, ErrorCode::kAccessDenied);
  EXPECT_EQ(catalog.route(name("none"), {}, topics).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(topics.empty());
}

TEST_F(CatalogRoute, ASpaceNobodyUsedHasItsExchanges) {
  std::vector<TopicId> topics;
  EXPECT_TRUE(catalog.route(name("amq.topic", "new"), {}, topics));
  EXPECT_TRUE(catalog.route(name("", "new"), {}, topics));
  EXPECT_TRUE(topics.empty());
}

TEST_F(CatalogRoute, WideFanout) {
  constexpr size_t kQueues = 500;
  for (size_t i = 0; i < kQueues; ++i) {
    ASSERT_TRUE(run(queue("q" + std::to_string(i))));
    bind(to_queue("amq.fanout", "q" + std::to_string(i)));
  }
  Names names = route("amq.fanout", "");
  std::ranges::sort(names);
  EXPECT_EQ(names.size(), kQueues);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

}  // namespace
}  // namespace godwit::engine
