#include "protocol/amqp091/routes.h"

#include <string>

#include <gtest/gtest.h>

#include "base/codec.h"
#include "base/limits.h"
#include "model/amqp091_table.h"
#include "support/fake_host.h"

namespace godwit::protocol::amqp091 {
namespace {

/// Counts how often it is asked, and asks for headers when it shall.
class CountingCatalog final : public test::FakeCatalog {
 public:
  Result<void> route(const model::Name& name, const model::RoutingInput& input,
                     std::vector<TopicId>& topics) const override {
    ++asked;
    if (looks_at_headers) headers = input.headers();
    return FakeCatalog::route(name, input, topics);
  }
  mutable int asked = 0;
  mutable model::ValueMap headers;
  bool looks_at_headers = false;
};

class RoutesTest : public testing::Test {
 protected:
  std::vector<RouteTarget> find(std::string_view exchange, std::string_view key, ByteView headers = {}) {
    auto found = routes_.find(catalog_, "default", exchange, key, headers);
    EXPECT_TRUE(found);
    return found ? **found : std::vector<RouteTarget>();
  }

  CountingCatalog catalog_;
  Routes routes_;
};

TEST_F(RoutesTest, ARepeatedRouteIsRememberedWhileTheCatalogStays) {
  TopicId jobs = catalog_.add_topic("jobs").id;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(find("", "jobs").at(0).topic, jobs);
  EXPECT_EQ(catalog_.asked, 1);
  TopicId renewed = catalog_.add_topic("jobs", 4).id;
  EXPECT_EQ(find("", "jobs").at(0).topic, renewed);
  EXPECT_EQ(find("", "jobs").at(0).partitions, 4u);
  EXPECT_EQ(catalog_.asked, 2);
}

TEST_F(RoutesTest, ManyKeysNeverTakeEachOthersPlace) {
  for (int i = 0; i < 500; ++i) catalog_.add_topic("q" + std::to_string(i));
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 500; ++i) {
      std::string key = "q" + std::to_string(i);
      auto targets = find("", key);
      ASSERT_EQ(targets.size(), 1u);
      EXPECT_EQ(catalog_.topic(targets[0].topic)->name.text, key);
    }
}

TEST_F(RoutesTest, ExchangeAndKeyAreNotMixedUp) {
  catalog_.add_topic("ab");
  catalog_.add_exchange({.name = {.text = "a"}});
  EXPECT_EQ(find("", "ab").size(), 1u);
  EXPECT_EQ(find("a", "b").size(), 0u);
  EXPECT_EQ(find("a", "").size(), 0u);
  EXPECT_EQ(find("", "a").size(), 0u);
}

TEST_F(RoutesTest, ARouteByHeadersIsWorkedOutEachTime) {
  catalog_.add_topic("jobs");
  catalog_.looks_at_headers = true;
  ByteVec first, second;
  model::encode_amqp091_entry("n", model::Value(int32_t{1}), first);
  model::encode_amqp091_entry("n", model::Value(int32_t{2}), second);
  find("", "jobs", first);
  EXPECT_EQ(catalog_.headers, (model::ValueMap{{"n", model::Value(int32_t{1})}}));
  find("", "jobs", second);
  EXPECT_EQ(catalog_.headers, (model::ValueMap{{"n", model::Value(int32_t{2})}}));
  EXPECT_EQ(catalog_.asked, 2);
}

TEST_F(RoutesTest, AnUnknownExchangeIsNotRemembered) {
  auto missing = [&] { return routes_.find(catalog_, "default", "late", "k", {}).error().code; };
  EXPECT_EQ(missing(), ErrorCode::kNotFound);
  EXPECT_EQ(missing(), ErrorCode::kNotFound);
  catalog_.add_exchange({.name = {.text = "late"}});
  EXPECT_TRUE(find("late", "k").empty());
}

TEST_F(RoutesTest, BatchesAreNoLargerThanTheTopicTakes) {
  catalog_.add_topic("small", 1, {.message_bytes_max = 1'000});
  catalog_.add_topic("large", 1, {.message_bytes_max = 64_MiB});
  EXPECT_EQ(find("", "small").at(0).batch_bytes_max, 1'000u);
  EXPECT_EQ(find("", "large").at(0).batch_bytes_max, kNativeBatchBytesTarget);
  routes_.clear();
  EXPECT_EQ(find("", "small").at(0).batch_bytes_max, 1'000u);
}

}  // namespace
}  // namespace godwit::protocol::amqp091
