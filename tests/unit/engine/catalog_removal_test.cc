#include "catalog_fixture.h"

namespace godwit::engine {
namespace {

class CatalogRemovalTest : public CatalogFixture {
 protected:
  void declare_auto_delete(std::string text) {
    model::DeclareExchange command = exchange(std::move(text));
    command.exchange.auto_delete = true;
    ASSERT_TRUE(run(command));
  }
};

TEST_F(CatalogRemovalTest, AnAutoDeleteExchangeGoesWithItsLastBinding) {
  declare_queues({"a", "b"});
  declare_auto_delete("e");
  bind(to_queue("e", "a"));
  bind(to_queue("e", "b"));
  ASSERT_TRUE(run(model::Unbind{to_queue("e", "a")}));
  EXPECT_NE(catalog.exchange(name("e")), nullptr);
  ASSERT_TRUE(run(model::DeleteQueue{name("b")}));
  EXPECT_EQ(catalog.exchange(name("e")), nullptr);
}

TEST_F(CatalogRemovalTest, ATopicThatKeepsItsMessagesOutlivesItsQueue) {
  ASSERT_TRUE(run(model::CreateTopic{.name = name("log"), .settings = {.retention = model::Retention::kTime}}));
  declare_queues({"log", "own"});
  ASSERT_TRUE(run(model::DeleteQueue{name("log")}));
  ASSERT_TRUE(run(model::DeleteQueue{name("own")}));
  EXPECT_EQ(catalog.queue(name("log")), nullptr);
  EXPECT_NE(catalog.topic(name("log")), nullptr) << "it was there before, and its readers count on it";
  EXPECT_EQ(catalog.topic(name("own")), nullptr);
}

TEST_F(CatalogRemovalTest, OneQueueBoundTwiceTakesTheExchangeOnce) {
  declare_queues({"q"});
  declare_auto_delete("e");
  bind(to_queue("e", "q", "1"));
  bind(to_queue("e", "q", "2"));
  ASSERT_TRUE(run(model::DeleteQueue{name("q")}));
  EXPECT_EQ(catalog.exchange(name("e")), nullptr);
}

TEST_F(CatalogRemovalTest, AChainOfAutoDeleteExchangesGoesAsAWhole) {
  declare_queues({"q"});
  constexpr int kLinks = 2000;
  for (int i = 0; i <= kLinks; ++i) declare_auto_delete("e" + std::to_string(i));
  for (int i = 0; i < kLinks; ++i) bind(to_exchange("e" + std::to_string(i), "e" + std::to_string(i + 1)));
  bind(to_queue("e" + std::to_string(kLinks), "q"));
  ASSERT_TRUE(run(model::DeleteQueue{name("q")}));
  EXPECT_EQ(records.size(), 1u + kLinks + 1u + kLinks + 2u);  // the bindings, the exchanges, queue and topic
  EXPECT_EQ(catalog.exchange(name("e0")), nullptr);
}

TEST_F(CatalogRemovalTest, ACycleOfAutoDeleteExchangesEnds) {
  declare_queues({"q"});
  declare_auto_delete("a");
  declare_auto_delete("b");
  bind(to_exchange("a", "b"));
  bind(to_exchange("b", "a"));
  bind(to_exchange("a", "a"));
  ASSERT_TRUE(run(model::DeleteExchange{name("a")}));
  EXPECT_EQ(catalog.exchange(name("a")), nullptr);
  EXPECT_EQ(catalog.exchange(name("b")), nullptr);
}

}  // namespace
}  // namespace godwit::engine
