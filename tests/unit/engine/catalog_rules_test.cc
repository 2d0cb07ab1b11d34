#include "engine/catalog_rules.h"

#include <functional>

#include <gmock/gmock.h>

#include "catalog_fixture.h"

namespace godwit::engine {
namespace {

using CatalogRules = CatalogFixture;
using testing::HasSubstr;

TEST(Difference, EverySettingOfAQueueIsCompared) {
  const std::vector<std::pair<std::string, std::function<void(model::QueueSettings&)>>> changes = {
      {"durable", [](auto& s) { s.durable = false; }},
      {"auto_delete", [](auto& s) { s.auto_delete = true; }},
      {"ordering", [](auto& s) { s.ordering = model::Ordering::kSessions; }},
      {"message_ttl_ms", [](auto& s) { s.message_ttl_ms = 1; }},
      {"expires_ms", [](auto& s) { s.expires_ms = 1; }},
      {"length_max", [](auto& s) { s.length_max = 1; }},
      {"bytes_max", [](auto& s) { s.bytes_max = 1; }},
      {"overflow", [](auto& s) { s.overflow = model::Overflow::kRejectPublish; }},
      {"dead_letter", [](auto& s) { s.dead_letter = model::DeadLetter{"dlx", "key"}; }},
      {"delivery_limit", [](auto& s) { s.delivery_limit = 3; }},
      {"priorities", [](auto& s) { s.priorities = 3; }},
      {"single_active_consumer", [](auto& s) { s.single_active_consumer = true; }},
      {"lease_ms", [](auto& s) { s.lease_ms = 1; }},
      {"dedup_window_ms", [](auto& s) { s.dedup_window_ms = 1; }},
      {"x-some", [](auto& s) { s.config["x-some"] = "1"; }},
  };
  model::QueueSettings base;
  EXPECT_EQ(difference(base, base), std::nullopt);
  for (const auto& [name, change] : changes) {
    model::QueueSettings changed;
    change(changed);
    EXPECT_THAT(difference(base, changed).value_or(""), HasSubstr("'" + name + "'"));
    EXPECT_THAT(difference(changed, base).value_or(""), HasSubstr("'" + name + "'"));
  }
}

TEST(Difference, EverySettingOfAnExchangeIsCompared) {
  model::ExchangeInfo base{.type = "direct"}, other = base;
  EXPECT_EQ(difference(base, other), std::nullopt);
  other.internal = true;
  EXPECT_THAT(difference(base, other).value_or(""), HasSubstr("'internal' is false, not true"));
  other = base;
  other.alternate = "a";
  EXPECT_THAT(difference(base, other).value_or(""), HasSubstr("'alternate' is none, not 'a'"));
}

TEST_F(CatalogRules, IdsAreReservedInBlocks) {
  size_t reservations = 0;
  uint64_t last = 0;
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(run(model::CreateTopic{.name = name(std::to_string(i))}));
    uint64_t id = catalog.topic(name(std::to_string(i)))->id.value;
    EXPECT_GT(id, last);
    EXPECT_LT(id, catalog.ids_reserved());
    last = id;
    reservations += records.size() - 1;
  }
  EXPECT_EQ(reservations, 3u);
}

TEST_F(CatalogRules, IdsOfVolatileThingsAreNotReusedAfterARestart) {
  ASSERT_TRUE(run(queue("durable")));
  uint64_t used = 0;
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(run(exclusive_queue(std::to_string(i))));
    used = catalog.queue(name(std::to_string(i)))->id.value;
  }
  Catalog restarted;
  for (const CatalogRecord& record : journal) restarted.apply(record);
  restarted.finish_replay();
  EXPECT_GT(restarted.next_id(), used);
  EXPECT_EQ(restarted.queue(name("0")), nullptr);
  EXPECT_NE(restarted.queue(name("durable")), nullptr);
}

}  // namespace
}  // namespace godwit::engine
