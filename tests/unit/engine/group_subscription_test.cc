#include "engine/group_subscription.h"

#include <algorithm>

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
  /// A JoinGroup with as many topics nobody has named before, of 100 bytes each.
  model::JoinGroup naming(size_t count) {
    model::JoinGroup join = joining();
    join.topics.emplace();
    while (join.topics->size() < count) {
      std::string name = std::to_string(++named);
      join.topics->push_back(name + std::string(100 - name.size(), 'x'));
    }
    return join;
  }
  size_t largest_record() const {
    size_t largest = 0;
    for (const GroupRecord& record : journal) {
      ByteVec bytes;
      encode_record(record, bytes);
      largest = std::max(largest, bytes.size());
    }
    return largest;
  }
  static constexpr int64_t kMinute = 60'000;
  int named = 0;
};

TEST_F(Subscription, MembersThatDoNotTellMayReadAnything) {
  ConsumerGroup group{.id = "g"};
  EXPECT_FALSE(Subscribed(group).contains("a"));
  GroupMember member;
  member.info.id = "m";
  member.info.topics = Topics{"a", "c"};
  group.add(member);
  member.info.id = "n";
  member.info.topics = Topics{"b"};
  group.add(member);
  EXPECT_TRUE(Subscribed(group).contains("b"));
  EXPECT_FALSE(Subscribed(group).contains("d"));
  member.info.id = "o";
  member.info.topics.reset();
  group.add(member);
  Subscribed any(group);
  EXPECT_TRUE(any.contains("d"));
  EXPECT_FALSE(any.names("d"));
  std::vector<StoredMember> stored = {{.id = "stored", .topics = Topics{"d"}}};
  any.add(stored);
  EXPECT_TRUE(any.names("d"));
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

TEST_F(Subscription, IsRecordedInPieces) {
  settings.piece_bytes = 1'000;
  groups = Groups(settings);
  leave(joined(send(naming(100))).member_id);
  restart();
  EXPECT_EQ(read().size(), 100u);
  pass(30 * kMinute);
  EXPECT_THAT(read(), IsEmpty());
  restart();
  EXPECT_TRUE(groups.empty());
  EXPECT_GE(journal.size(), 20u);
  EXPECT_LT(largest_record(), 1'300u);
}

TEST_F(Subscription, OfMembersThatComeAndGoFillsNothing) {
  settings.bytes_max = 10'000;
  groups = Groups(settings);
  for (int i = 0; i < 50; ++i) {
    leave(joined(send(naming(40))).member_id);
    EXPECT_LE(groups.store().find("g")->topics_bytes, settings.bytes_max);
    EXPECT_GE(read().size(), 40u);
  }
  restart();
  EXPECT_LE(groups.store().find("g")->topics_bytes, settings.bytes_max);
}

TEST_F(Subscription, ThatIsOfUseStaysWhenThereIsNoRoom) {
  settings.bytes_max = 10'000;
  groups = Groups(settings);
  std::string member = stable_group(1)[0];
  for (int i = 0; i < 10; ++i) {
    send(naming(60));
    for (const model::GroupMemberInfo& other : describe().members)
      if (other.member_id != member) leave(other.member_id);
    send(joining(member, "u"));
    EXPECT_TRUE(read().contains("t")) << "a restart brings the stable generation back";
    EXPECT_TRUE(read().contains("u"));
    EXPECT_LE(groups.store().find("g")->topics_bytes, settings.bytes_max);
  }
}

TEST_F(Subscription, IsRefusedWhenItsNamesTakeTooMuch) {
  settings.bytes_max = 10'000;
  groups = Groups(settings);
  model::JoinGroup first = naming(80);
  std::vector<model::CommittedOffset> positions;
  for (const std::string& topic : *first.topics) positions.push_back(at(topic, 0, 1));
  std::string member = joined(send(first)).member_id;
  sync_all({member});
  commit(member, 1, positions);
  leave(member);
  EXPECT_EQ(error(send(naming(80))), ErrorCode::kOverLimit);
  EXPECT_THAT(records, IsEmpty());
  EXPECT_EQ(read().size(), 80u);
  EXPECT_FALSE(error(send(first))) << "what it reads already is no more";
}

}  // namespace
}  // namespace godwit::engine
