#include "../api_client.h"
#include "admin/handlers/handlers.h"

namespace godwit::admin {
namespace {

TEST_F(ApiTest, TheLongestQueuesAreShownAndTheOthersTogether) {
  for (const char* name : {"a", "b", "c"}) add_queue(name);
  EXPECT_EQ(ask("GET", "/metrics").status, 0u);
  node_.asked({.metrics = {{"connections", "Open connections", false, 4}}});
  std::vector<broker::RequestId> ids;
  for (int i = 0; i < 3; ++i) take<model::DescribeLedger>(), ids.push_back(last_);
  session_.on_reply(ids[0], model::LedgerDescribed{.ready = 5});
  session_.on_reply(ids[1], model::LedgerDescribed{.ready = 1, .leased = 9});
  session_.on_reply(ids[2], model::LedgerDescribed{.ready = 2});
  take<model::ListGroups>();
  session_.on_reply(last_, model::GroupsListed{});
  std::string text = answer().text;
  EXPECT_NE(text.find("godwit_connections 4\n"), std::string::npos) << text;
  EXPECT_NE(text.find("godwit_queue_ready{namespace=\"default\",queue=\"b\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("godwit_queue_ready{namespace=\"default\",queue=\"(others)\"} 7\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("queue=\"a\""), std::string::npos) << text;
}

TEST_F(ApiTest, TheMetricsAreOfEveryNamespace) {
  node_.configured = {"default", "idle"};
  model::TopicInfo& topic = host_.names.add_topic("jobs", 3, {}, "staging");
  host_.names.add_queue("jobs", topic.id, true, "staging");
  ask("GET", "/metrics");
  node_.asked({});
  for (int i = 0; i < 3; ++i) {
    take<model::DescribeLedger>();
    session_.on_reply(last_, model::LedgerDescribed{.ready = 2});
  }
  take<model::ListGroups>();
  session_.on_reply(last_, model::GroupsListed{});
  std::string text = answer().text;
  for (const char* line :
       {"godwit_topics{namespace=\"default\"} 0\n", "godwit_topics{namespace=\"idle\"} 0\n",
        "godwit_topics{namespace=\"staging\"} 1\n", "godwit_partitions{namespace=\"staging\"} 3\n",
        "godwit_queues{namespace=\"staging\"} 1\n", "godwit_queue_ready{namespace=\"staging\",queue=\"jobs\"} 6\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

TEST_F(ApiTest, WithoutQueuesThereAreNoGaugesOfThem) {
  ask("GET", "/metrics");
  node_.asked({});
  take<model::ListGroups>();
  Answer answer = reply(fail(ErrorCode::kStopping, "stopping"));
  EXPECT_EQ(answer.status, 200u);
  EXPECT_NE(answer.text.find("godwit_queues{namespace=\"default\"} 0\n"), std::string::npos) << answer.text;
  EXPECT_EQ(answer.text.find("queue_ready"), std::string::npos);
}

}  // namespace
}  // namespace godwit::admin
