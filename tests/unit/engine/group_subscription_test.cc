#include "engine/group_subscription.h"

#include <gmock/gmock.h>

#include "group_fixture.h"

namespace godwit::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Topics = std::vector<std::string>;

class Subscription : public GroupFixture {
 protected:
  const std::set<std::string, std::less<>>& read() const {
    static const std::set<std::string, std::less<>> kNone;
    const StoredGroup* group = groups.store().find("g");
    return group ? group->topics : kNone;
  }
  static constexpr int64_t kMinute = 60'000;
};

TEST_F(Subscription, MembersThatDoNotTellMayReadAnything) {
  auto group_of = [](std::optional<Topics> topics) {
    GroupMember member;
    member.info.id = "m";
    member.info.topics = std::move(topics);
    ConsumerGroup group{.id = "g"};
    group.add(std::move(member));
    return group;
  };
  EXPECT_TRUE(is_subscribed(group_of(Topics{"a"}), "a"));
  EXPECT_FALSE(is_subscribed(group_of(Topics{"a"}), "b"));
  EXPECT_TRUE(is_subscribed(group_of(std::nullopt), "b"));
  EXPECT_FALSE(is_subscribed(ConsumerGroup(), "a"));
}

TEST_F(Subscription, BeginsWithTheJoinAndOutlivesARestart) {
  model::JoinGroup join = joining();
  join.topics = Topics{"u", "t", "u"};
  send(join);
  EXPECT_THAT(read(), ElementsAre("t", "u"));
  EXPECT_EQ(std::get<SubscriptionChanged>(records.front()).added, (Topics{"t", "u"}));
  restart();
  EXPECT_THAT(read(), ElementsAre("t", "u"));
}

TEST_F(Subscription, EndsWithTheGenerationThatNoLongerHasIt) {
  std::string member = stable_group(1)[0];
  EXPECT_THAT(read(), ElementsAre("t"));
  send(joining(member, "u"));
  EXPECT_THAT(read(), ElementsAre("t", "u")) << "until the others have joined";
  sync_all({member});
  EXPECT_THAT(read(), ElementsAre("u"));
}

TEST_F(Subscription, OfAGroupWithoutMembersIsForgottenWithoutAPosition) {
  leave(stable_group(1)[0]);
  pass(9 * kMinute);
  EXPECT_THAT(read(), ElementsAre("t"));
  pass(20 * kMinute);
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_TRUE(groups.empty());
}

TEST_F(Subscription, OfAGroupWithoutMembersStaysWithItsPosition) {
  std::string member = stable_group(1)[0];
  commit(member, 1, {at("t", 0, 5)});
  leave(member);
  pass(60 * kMinute);
  EXPECT_THAT(read(), ElementsAre("t"));
  send(model::DeleteOffsets{.group = "g", .partitions = {{"t", 0}}});
  EXPECT_THAT(read(), IsEmpty());
}

TEST_F(Subscription, OfAJoinThatCameToNothingIsForgotten) {
  send(joining());
  restart();
  EXPECT_THAT(read(), ElementsAre("t"));
  pass(30 * kMinute);
  EXPECT_TRUE(groups.empty());
}

}  // namespace
}  // namespace godwit::engine
