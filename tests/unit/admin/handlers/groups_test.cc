#include "../api_client.h"
#include "admin/handlers/handlers.h"

namespace godwit::admin {
namespace {

class GroupsApi : public ApiTest {
 protected:
  /// Asks for group g, which the broker describes so.
  Answer show(model::GroupInfo group, std::vector<model::CommittedOffset> offsets) {
    Answer first = ask("GET", "/api/groups/g");
    EXPECT_EQ(first.status, 0u);
    take<model::DescribeGroup>();
    reply(model::GroupDescribed{std::move(group)});
    take<model::FetchOffsets>();
    model::OffsetsFetched fetched;
    fetched.offsets = std::move(offsets);
    return reply(std::move(fetched));
  }
};

TEST_F(GroupsApi, LagIsTheWayToTheEndAndNeverNegative) {
  host_.names.add_topic("t", 2);
  model::GroupInfo group{.state = model::GroupState::kStable};
  group.members.push_back({.member_id = "m", .client_id = "c"});
  show(std::move(group),
       {{.topic = "t", .partition = 0, .offset = Offset(4)}, {.topic = "t", .partition = 1, .offset = Offset(7)}});
  for (int64_t offset : {0, 10, 0, 5}) {
    take<model::FindOffset>();
    session_.on_reply(last_, model::OffsetFound{Offset(offset)});
  }
  Answer shown = answer();
  EXPECT_EQ(shown["name"], "g");
  EXPECT_EQ(shown["state"], "stable");
  EXPECT_EQ(shown["offsets"].at(0).at("lag"), 6);
  EXPECT_EQ(shown["offsets"].at(1).at("lag"), 0);
  EXPECT_EQ(shown["members"].at(0).at("client_id"), "c");
}

TEST_F(GroupsApi, AGroupWithoutPositionsIsShownAtOnce) {
  Answer shown = show({.state = model::GroupState::kEmpty}, {});
  EXPECT_EQ(shown.status, 200u);
  EXPECT_TRUE(shown["offsets"].as_array().empty());
}

TEST_F(GroupsApi, ADeadGroupWithoutPositionsIsNone) {
  EXPECT_EQ(show({.state = model::GroupState::kDead}, {}).status, 404u);
}

TEST_F(GroupsApi, ARefusalOfEitherIsOne) {
  ask("GET", "/api/groups/g");
  take<model::DescribeGroup>();
  reply(fail(ErrorCode::kStopping, "stopping"));
  take<model::FetchOffsets>();
  EXPECT_EQ(reply(model::OffsetsFetched{}).status, 503u);
}

TEST_F(GroupsApi, AGroupWithMembersIsNotDeleted) {
  ask("DELETE", "/api/groups/g");
  EXPECT_EQ(take<model::DeleteGroup>().group, "g");
  EXPECT_EQ(reply(fail(ErrorCode::kGroupNotEmpty, "has members")).status, 409u);
}

}  // namespace
}  // namespace godwit::admin
