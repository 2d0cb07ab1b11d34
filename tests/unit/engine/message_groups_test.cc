#include "engine/message_groups.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fields.h"

namespace godwit::engine {
namespace {

using testing::ElementsAre;

void append(MessageGroups& groups, int64_t offset, const std::string& name) {
  groups.add(Offset(offset), name);
  groups.make_ready(Offset(offset));
}

std::vector<int64_t> ready(const MessageGroups& groups) {
  std::vector<int64_t> offsets;
  groups.for_each_ready_while(Offset(0), Offset(100), [&](Offset offset) {
    offsets.push_back(offset.value);
    return true;
  });
  return offsets;
}

void settle(MessageGroups& groups, int64_t first, int64_t end) {
  groups.make_gone(Offset(first), Offset(end));
  groups.forget(Offset(first), Offset(end));
}

MessageGroups read_back(MessageGroups& groups) {
  ByteVec bytes;
  encode_fields(groups.facts(), bytes);
  MessageGroups::Facts facts;
  Reader in(bytes);
  EXPECT_TRUE(decode_fields(in, 1, facts));
  return MessageGroups(std::move(facts));
}

TEST(MessageGroups, MessagesWithoutAGroupAreNothingToThem) {
  MessageGroups groups;
  append(groups, 3, "a");
  EXPECT_FALSE(groups.make_ready(Offset(2)));
  EXPECT_EQ(groups.group_of(Offset(2)), nullptr);
  EXPECT_EQ(*groups.group_of(Offset(3)), "a");
  groups.make_held(Offset(0), Offset(3), 0);
  groups.make_gone(Offset(0), Offset(3));
  EXPECT_THAT(ready(groups), ElementsAre(3));
}

TEST(MessageGroups, AHeldMessageBlocksItsGroupUntilItComesBackOrIsSettled) {
  MessageGroups groups;
  for (int64_t offset : {1, 2}) append(groups, offset, "a");
  groups.make_held(Offset(1), Offset(2), 0);
  EXPECT_THAT(ready(groups), ElementsAre(2));
  EXPECT_FALSE(groups.queue().next(0, nullptr)) << "1 is in flight";
  groups.make_ready(Offset(1));
  EXPECT_EQ(groups.queue().next(0, nullptr)->offset, Offset(1));
  groups.make_held(Offset(1), Offset(2), 0);
  settle(groups, 1, 2);
  EXPECT_EQ(groups.queue().next(0, nullptr)->offset, Offset(2));
  EXPECT_EQ(groups.ready(), 1u);
}

TEST(MessageGroups, TheLowestFreeNumberIsTakenAlsoAfterARestart) {
  MessageGroups groups;
  append(groups, 1, "a");
  append(groups, 2, "b");
  append(groups, 3, "c");
  settle(groups, 1, 3);
  MessageGroups again = read_back(groups);
  for (MessageGroups* each : {&groups, &again}) {
    append(*each, 4, "d");
    append(*each, 5, "c");
    EXPECT_THAT(each->facts().names, ElementsAre("d", "", "c"));
    EXPECT_EQ(each->facts().group_of.at(Offset(5)), each->facts().group_of.at(Offset(3)));
  }
}

TEST(MessageGroups, ALockLastsOverARestart) {
  MessageGroups groups;
  append(groups, 1, "a");
  append(groups, 2, "b");
  groups.apply(SessionChanged{.ledger = {}, .group = "a", .locked_until_boot_ms = 50, .state = ByteVec{7}});
  MessageGroups again = read_back(groups);
  for (int64_t offset : {1, 2}) again.make_ready(Offset(offset));
  for (MessageGroups* each : {&groups, &again}) {
    EXPECT_EQ(each->queue().next_unlocked(), "b");
    EXPECT_EQ(each->locks().next(), 50);
    EXPECT_EQ(each->sessions().at("a").state, ByteVec{7});
  }
}

TEST(MessageGroups, ASessionWithoutLockAndStateIsForgotten) {
  MessageGroups groups;
  append(groups, 1, "a");
  groups.apply(SessionChanged{.ledger = {}, .group = "a", .locked_until_boot_ms = 50, .state = ByteVec{7}});
  groups.apply(SessionChanged{.ledger = {}, .group = "a", .locked_until_boot_ms = 0, .state = std::nullopt});
  EXPECT_EQ(groups.sessions().size(), 1u) << "its state is left";
  EXPECT_EQ(groups.locks().next(), std::nullopt);
  EXPECT_EQ(groups.queue().next_unlocked(), "a");
  groups.apply(SessionChanged{.ledger = {}, .group = "a", .locked_until_boot_ms = 0, .state = ByteVec{}});
  EXPECT_TRUE(groups.sessions().empty());
}

}  // namespace
}  // namespace godwit::engine
