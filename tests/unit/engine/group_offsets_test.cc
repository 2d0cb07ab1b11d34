#include "engine/group_offsets.h"

#include "group_fixture.h"

namespace godwit::engine {
namespace {

using GroupOffsets = GroupFixture;
using model::GroupState;

constexpr int64_t kDayMs = 24LL * 3600 * 1000;

TEST_F(GroupOffsets, AreKeptByPartitionWithTheirMetadata) {
  model::CommittedOffset offset{
      .topic = "t", .partition = 1, .offset = Offset(5), .leader_epoch = 3, .metadata = "note"};
  EXPECT_FALSE(error(commit("", -1, {at("t", 0, 1), offset})));
  EXPECT_FALSE(error(commit("", -1, {at("t", 0, 2)})));
  auto all = fetch();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].offset, Offset(2));
  offset.commit_ms = now.wall_ms;
  EXPECT_EQ(all[1], offset);
  auto some = reply<model::OffsetsFetched>(
      send(model::FetchOffsets{.group = "g", .partitions = {{{"t", 1}, {"t", 9}, {"u", 0}}}}));
  ASSERT_EQ(some.offsets.size(), 1u);
  EXPECT_EQ(some.offsets[0], offset);
  EXPECT_TRUE(fetch("none").empty());
  EXPECT_EQ(describe().state, GroupState::kEmpty);
}

TEST_F(GroupOffsets, ManyAreRecordedInPieces) {
  std::vector<model::CommittedOffset> many;
  for (uint32_t i = 0; i < 2'000; ++i) many.push_back(at("t" + std::string(100, 'x'), i, i));
  EXPECT_FALSE(error(commit("", -1, many)));
  EXPECT_EQ(records.size(), 2'000 * 133 / settings.piece_bytes + 1);
  EXPECT_EQ(fetch().size(), many.size());
  send(model::DeleteGroup{"g"});
  EXPECT_GT(records.size(), 2u);
  EXPECT_TRUE(fetch().empty());
}

TEST_F(GroupOffsets, OnlyMembersOfThePresentGenerationCommit) {
  EXPECT_EQ(error(commit("someone", 1, {at("t", 0, 1)})), ErrorCode::kIllegalGeneration);
  auto ids = stable_group(1);
  EXPECT_EQ(error(commit("", -1, {at("t", 0, 1)})), ErrorCode::kUnknownMember);
  EXPECT_EQ(error(commit("nobody", 1, {at("t", 0, 1)})), ErrorCode::kUnknownMember);
  EXPECT_EQ(error(commit(ids[0], 2, {at("t", 0, 1)})), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(error(commit(ids[0], -1, {at("t", 0, 1)})), ErrorCode::kIllegalGeneration);
  EXPECT_TRUE(fetch().empty());
  EXPECT_FALSE(error(commit(ids[0], 1, {at("t", 0, 1)})));
  leave(ids[0]);
  EXPECT_FALSE(error(commit("", -1, {at("t", 0, 7)})));
  EXPECT_EQ(fetch()[0].offset, Offset(7));
}

TEST_F(GroupOffsets, DuringARebalanceTheOldGenerationCommitsUntilTheNewOneIsThere) {
  auto ids = stable_group(1);
  send(joining());
  EXPECT_FALSE(error(commit(ids[0], 1, {at("t", 0, 1)})));
  send(joining(ids[0]));
  EXPECT_EQ(error(commit(ids[0], 1, {at("t", 0, 2)})), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(error(commit(ids[0], 2, {at("t", 0, 2)})), ErrorCode::kRebalanceInProgress);
  EXPECT_EQ(fetch()[0].offset, Offset(1));
}

TEST_F(GroupOffsets, DeleteKeepsWhatAMemberReads) {
  EXPECT_EQ(error(send(model::DeleteOffsets{"g", {{"t", 0}}})), ErrorCode::kNotFound);
  auto ids = stable_group(1);
  commit(ids[0], 1, {at("t", 0, 1), at("old", 0, 1)});
  EXPECT_EQ(error(send(model::DeleteOffsets{"g", {{"old", 0}, {"t", 0}}})), ErrorCode::kGroupNotEmpty);
  EXPECT_EQ(fetch().size(), 2u);
  EXPECT_FALSE(error(send(model::DeleteOffsets{"g", {{"old", 0}, {"old", 1}}})));
  EXPECT_EQ(fetch().size(), 1u);
  leave(ids[0]);
  EXPECT_FALSE(error(send(model::DeleteOffsets{"g", {{"t", 0}}})));
  EXPECT_TRUE(fetch().empty());
}

TEST_F(GroupOffsets, AreKeptSevenDaysAfterTheGroupBecameEmpty) {
  auto ids = stable_group(1);
  commit(ids[0], 1, {at("t", 0, 1)});
  for (int i = 0; i < 8 * 24 * 60; ++i) pass(9'000), heartbeat(ids[0], 1), answers.clear();
  now.wall_ms += 8 * kDayMs;  // still there: it has a member
  now.boot_ms += 5'000;
  take(groups.on_timer(now));
  EXPECT_EQ(fetch().size(), 1u);
  leave(ids[0]);
  pass(7 * kDayMs - 600'000);
  EXPECT_EQ(fetch().size(), 1u);
  pass(1'200'000);
  EXPECT_TRUE(fetch().empty());
  EXPECT_EQ(describe().state, GroupState::kDead);
  EXPECT_TRUE(groups.empty());
  EXPECT_TRUE(std::holds_alternative<GroupRemoved>(journal.back()));
}

TEST_F(GroupOffsets, OfAGroupWithoutMembersEachHasItsOwnAge) {
  commit("", -1, {at("t", 0, 1)});
  pass(3 * kDayMs);
  commit("", -1, {at("t", 1, 1)});
  pass(4 * kDayMs + 600'000);
  ASSERT_EQ(fetch().size(), 1u);
  EXPECT_EQ(fetch()[0].partition, 1u);
  pass(3 * kDayMs + 600'000);
  EXPECT_TRUE(groups.empty());
}

TEST_F(GroupOffsets, RetentionCanBeTurnedOff) {
  settings.offsets_retention_ms = -1;
  groups = Groups(settings);
  commit("", -1, {at("t", 0, 1)});
  pass(30 * kDayMs);
  EXPECT_EQ(fetch().size(), 1u);
}

TEST_F(GroupOffsets, AGroupThatKeepsNoneIsForgottenSoon) {
  leave(stable_group(1)[0]);
  EXPECT_EQ(describe().state, GroupState::kEmpty);
  pass(1'200'000);
  EXPECT_TRUE(groups.empty());
}

TEST_F(GroupOffsets, AreRemovedInPieces) {
  std::vector<model::CommittedOffset> offsets;
  for (uint32_t i = 0; i < 10'000; ++i) offsets.push_back(at(std::string(240, 't'), i, 1));
  commit("", -1, offsets);
  take(groups.topic_deleted(std::string(240, 't'), now));
  EXPECT_GT(records.size(), 30u);
  for (const GroupRecord& record : records) {
    ByteVec bytes;
    encode_record(record, bytes);
    EXPECT_LE(bytes.size(), settings.piece_bytes + 1'000);
  }
  EXPECT_TRUE(groups.empty());
}

TEST_F(GroupOffsets, GoWithTheirTopic) {
  auto ids = stable_group(1);
  commit(ids[0], 1, {at("a", 0, 1), at("t", 0, 1), at("t", 5, 1), at("tt", 0, 1)});
  take(groups.topic_deleted("t", now));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_FALSE(groups.store().find("g")->has_position_in("t"));
  EXPECT_TRUE(groups.store().find("g")->has_position_in("tt"));
  EXPECT_EQ(fetch().size(), 2u);
}

}  // namespace
}  // namespace godwit::engine
