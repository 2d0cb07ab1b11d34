#include "broker/catalog_service.h"

#include <gtest/gtest.h>

#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using CatalogServiceTest = Scenario;

/// A record must fit the journal, and everybody keeps a copy of it.
TEST_F(CatalogServiceTest, MoreThanTheCatalogKeepsOfOneThingIsRefused) {
  model::CreateTopic create{.name = {.text = "t"}};
  create.settings.config["a"] = std::string(broker::kCatalogRecordBytesMax, 'x');
  Result<model::TopicCreated> refused = client.ask(create);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(world.broker().worker(WorkerId(0)).catalog().view().topic(model::Name{.text = "t"}), nullptr);
  create.settings.config["a"].resize(100'000);
  ASSERT_TRUE(client.ask(create));
  restart();
  EXPECT_FALSE(client.ask(create)) << "it is there";
}

}  // namespace
}  // namespace godwit::scenario
