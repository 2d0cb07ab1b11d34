#include "../api_client.h"
#include "admin/handlers/handlers.h"

namespace godwit::admin {
namespace {

TEST_F(ApiTest, TheOverviewAddsUp) {
  add_queue("a");
  add_queue("b");
  host_.names.add_topic("t", 1, {}, "elsewhere");
  ask("GET", "/api/overview");
  node_.asked({.version = "1",
               .started_ms = host_.clock.wall_ms - 500,
               .connections = 3,
               .metrics = {{"appends_total", "", true, 9007199254740991.0},
                           {"cpu_seconds_total", "", true, 1.5},
                           {"received_bytes_total", "", true, 7, "protocol=\"kafka\""}}});
  take<model::DescribeLedger>();
  reply(model::LedgerDescribed{.ready = 2, .leased = 1});
  take<model::DescribeLedger>();
  Answer shown = reply(model::LedgerDescribed{.ready = 3});
  EXPECT_EQ(shown["ready"], 5);
  EXPECT_EQ(shown["leased"], 1);
  EXPECT_EQ(shown["topics"], 3);
  EXPECT_EQ(shown["queues"], 2);
  EXPECT_EQ(shown["uptime_ms"], 500);
  EXPECT_EQ(json::serialize(shown["totals"]), R"({"appends_total":9007199254740991,"cpu_seconds_total":1.5E0})");
}

}  // namespace
}  // namespace godwit::admin
