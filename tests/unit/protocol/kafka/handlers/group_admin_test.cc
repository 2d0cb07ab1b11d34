#include <gtest/gtest.h>

#include "protocol/kafka/client.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"

namespace godwit::protocol::kafka {
namespace {

TEST(GroupAdmin, DescribesLiveAndMissingGroups) {
  for (int16_t version = 0; version <= 6; ++version) {
    Connection c;
    c.ask(DescribeGroupsRequest{.groups = {"g", "none"}}, version);
    model::GroupInfo group{.id = "g", .state = model::GroupState::kStable, .protocol_type = "consumer"};
    group.members.push_back({.member_id = "m", .client_host = "/1.2.3.4"});
    c.answer<model::DescribeGroup>({group});
    c.answer<model::DescribeGroup>({{.id = "none", .state = model::GroupState::kDead}});
    auto groups = c.response<DescribeGroupsRequest>(version).groups;
    EXPECT_EQ(groups.at(0).state, "Stable");
    EXPECT_EQ(groups.at(0).members.at(0).client_host, "/1.2.3.4");
    EXPECT_EQ(groups.at(1).state, "Dead");
    EXPECT_EQ(groups.at(1).error, version < 6 ? error::kNone : error::kGroupIdNotFound);
  }
}

TEST(GroupAdmin, DescribesAGroupOnceHoweverOftenItIsNamed) {
  Connection c;
  c.ask(DescribeGroupsRequest{.groups = {"g", "h", "g", "g"}}, 5);
  c.answer<model::DescribeGroup>({{.id = "g"}});
  c.answer<model::DescribeGroup>({{.id = "h"}});
  EXPECT_EQ(c.response<DescribeGroupsRequest>(5).groups.size(), 2u);
}

TEST(GroupAdmin, ListsByStateAndType) {
  Connection c;
  model::GroupsListed groups;
  groups.groups = {{.id = "a", .state = model::GroupState::kStable}, {.id = "b", .state = model::GroupState::kEmpty}};
  auto list = [&](std::vector<std::string> states, std::vector<std::string> types) {
    c.ask(ListGroupsRequest{.states = std::move(states), .types = std::move(types)}, 5);
    c.answer<model::ListGroups>(groups);
    return c.response<ListGroupsRequest>(5).groups.size();
  };
  EXPECT_EQ(list({}, {}), 2u);
  EXPECT_EQ(list({"stable"}, {}), 1u);
  EXPECT_EQ(list({}, {"Classic"}), 2u);
  EXPECT_EQ(list({}, {"share"}), 0u);
}

TEST(GroupAdmin, DeletesEachByItself) {
  Connection c;
  c.ask(DeleteGroupsRequest{.groups = {"a", "b"}}, 2);
  c.answer<model::DeleteGroup>({});
  c.refuse<model::DeleteGroup>(ErrorCode::kGroupNotEmpty);
  auto groups = c.response<DeleteGroupsRequest>(2).groups;
  EXPECT_EQ(groups.at(0).error, error::kNone);
  EXPECT_EQ(groups.at(1).error, error::kNonEmptyGroup);
}

}  // namespace
}  // namespace godwit::protocol::kafka
