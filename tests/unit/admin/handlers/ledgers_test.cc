#include "admin/handlers/ledgers.h"

#include "../api_client.h"

namespace godwit::admin {
namespace {

TEST_F(ApiTest, AQueueHasALedgerForEachPartitionOfItsTopic) {
  LedgerId first = add_queue("q", 3);
  std::vector<LedgerId> ledgers = handlers::ledgers_of(host_.names, *host_.names.queue(first.queue));
  ASSERT_EQ(ledgers.size(), 3u);
  for (uint32_t i = 0; i < 3; ++i) EXPECT_EQ(ledgers[i], (LedgerId{first.queue, {first.partition.topic, i}}));
  EXPECT_TRUE(handlers::ledgers_of(host_.names, {.id = QueueId(9), .topic = TopicId(99)}).empty());
}

TEST_F(ApiTest, ALedgerThatVanishesCountsNothing) {
  add_queue("q", 2);
  ask("GET", "/api/queues");
  take<model::DescribeLedger>();
  reply(fail(ErrorCode::kNotFound, "deleted meanwhile"));
  take<model::DescribeLedger>();
  EXPECT_EQ(reply(model::LedgerDescribed{.ready = 4})["queues"].at(0).at("ready"), 4);
}

}  // namespace
}  // namespace godwit::admin
