#include "engine/group_state.h"

#include <gtest/gtest.h>

namespace godwit::engine {
namespace {

GroupMember member(std::string id, std::vector<std::string> protocols, std::optional<std::string> instance = {}) {
  GroupMember made;
  made.info.id = std::move(id);
  made.info.instance_id = std::move(instance);
  for (std::string& name : protocols) made.info.protocols.push_back({std::move(name), {}});
  return made;
}

ConsumerGroup group_of(std::vector<GroupMember> members) {
  ConsumerGroup group{.id = "g", .protocol_type = "consumer"};
  for (GroupMember& each : members) group.add(std::move(each));
  return group;
}

TEST(GroupState, MostMembersFirstChoiceAmongTheCommonProtocolsWins) {
  EXPECT_EQ(
      group_of({member("1", {"a", "b", "c"}), member("2", {"c", "b"}), member("3", {"b", "c"})}).choose_protocol(),
      "b");
  EXPECT_EQ(group_of({member("1", {"a", "b"}), member("2", {"b", "a"}), member("3", {"b", "a"})}).choose_protocol(),
            "b");
  EXPECT_EQ(group_of({member("1", {"a", "b"}), member("2", {"b", "a"})}).choose_protocol(), "a");
}

TEST(GroupState, AProtocolMustBeSharedByAll) {
  ConsumerGroup group = group_of({member("1", {"a", "b"}), member("2", {"b", "c"})});
  EXPECT_TRUE(group.supports("consumer", {{"c", {}}, {"b", {}}}));
  EXPECT_FALSE(group.supports("consumer", {{"a", {}}, {"c", {}}}));
  EXPECT_FALSE(group.supports("connect", {{"b", {}}}));
  EXPECT_FALSE(group.supports("consumer", {}));
  EXPECT_TRUE(ConsumerGroup().supports("any", {{"x", {}}}));
  EXPECT_FALSE(ConsumerGroup().supports("", {{"x", {}}}));
}

TEST(GroupState, TheLeaderIsTheFirstAndWhenItGoesAnother) {
  ConsumerGroup group = group_of({member("2", {"a"}), member("1", {"a"})});
  EXPECT_EQ(group.leader, "2");
  EXPECT_FALSE(group.elect_leader());
  group.find("1")->join = RequestToken{};
  EXPECT_TRUE(group.elect_leader());
  EXPECT_EQ(group.leader, "1");
  group.find("1")->join.reset();
  group.remove("1");
  EXPECT_EQ(group.leader, "2");
  group.remove("2");
  EXPECT_EQ(group.leader, "");
}

TEST(GroupState, MembersAreCheckedByIdAndInstance) {
  ConsumerGroup group = group_of({member("1", {"a"}, "one"), member("2", {"a"})});
  EXPECT_TRUE(group.check("1", "one"));
  EXPECT_TRUE(group.check("1", std::nullopt));
  EXPECT_EQ(group.check("2", "one").error().code, ErrorCode::kFenced);
  EXPECT_EQ(group.check("1", "two").error().code, ErrorCode::kUnknownMember);
  EXPECT_EQ(group.check("3", std::nullopt).error().code, ErrorCode::kUnknownMember);
  group.remove("1");
  EXPECT_TRUE(group.instances.empty());
}

}  // namespace
}  // namespace godwit::engine
