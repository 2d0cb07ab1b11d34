#include "admin/handlers/group_lag.h"

#include "../api_client.h"

namespace godwit::admin {
namespace {

TEST_F(ApiTest, TheLagOfAGroupIsSummedOverATopicsPartitions) {
  PartitionId first{host_.names.add_topic("t", 2).id, 0};
  ask("GET", "/metrics");
  node_.asked({});
  model::GroupsListed listed;
  for (const char* id : {"ahead", "behind", "idle"}) listed.groups.push_back({.id = id});
  take<model::ListGroups>();
  reply(std::move(listed));
  model::CommittedOffset zero{.topic = "t", .partition = 0, .offset = Offset(10)};
  model::CommittedOffset one{.topic = "t", .partition = 1, .offset = Offset(2)};
  for (std::vector<model::CommittedOffset> offsets :
       std::vector<std::vector<model::CommittedOffset>>{{zero}, {{.topic = "t", .partition = 0}, one}, {}}) {
    EXPECT_TRUE(take<model::FetchOffsets>().for_show) << "a disk that stalls is no reason to show nothing";
    model::OffsetsFetched fetched;
    fetched.offsets = std::move(offsets);
    session_.on_reply(last_, std::move(fetched));
  }
  for (int i = 0; i < 4; ++i) {
    bool is_first = take<model::FindOffset>().partition == first;
    session_.on_reply(last_, model::OffsetFound{Offset(is_first ? 10 : 5)});
  }
  std::string text = answer().text;
  EXPECT_NE(text.find("godwit_group_lag{namespace=\"default\",group=\"behind\",topic=\"t\"} 13\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("godwit_group_lag{namespace=\"default\",group=\"(others)\",topic=\"(others)\"} 0\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("ahead"), std::string::npos) << text;
}

}  // namespace
}  // namespace godwit::admin
