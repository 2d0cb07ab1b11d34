#include "engine/group_store.h"

#include <gtest/gtest.h>

namespace godwit::engine {
namespace {

TEST(GroupStore, FollowsItsRecords) {
  GroupStore store;
  store.apply(OffsetsStored{"g", {{.topic = "t", .partition = 0, .offset = Offset(1)}}});
  store.apply(GroupStored{.group = "g", .generation = 2, .members = {{.id = "m"}}});
  store.apply(OffsetsStored{
      "g", {{.topic = "t", .partition = 0, .offset = Offset(4)}, {.topic = "t", .partition = 1, .offset = Offset(5)}}});
  ASSERT_NE(store.find("g"), nullptr);
  EXPECT_EQ(store.find("g")->membership->generation, 2);
  EXPECT_EQ(store.find("g")->offsets.at({"t", 0}).offset, Offset(4));
  EXPECT_EQ(store.snapshot().size(), 2u);
  store.apply(OffsetsRemoved{"g", {{"t", 0}, {"none", 0}}});
  EXPECT_EQ(store.find("g")->offsets.size(), 1u);
  store.apply(GroupRemoved{"g"});
  EXPECT_EQ(store.find("g"), nullptr);
}

TEST(GroupStore, KnowsWhatTheNamesOfItsTopicsTake) {
  GroupStore store;
  store.apply(SubscriptionChanged{.group = "g", .added = {"a", "bb", "a"}, .dropped = {}});
  EXPECT_EQ(store.find("g")->topics_bytes, 4 + 1 + 4 + 2u);
  store.apply(SubscriptionChanged{.group = "g", .added = {"a"}, .dropped = {"bb", "c"}});
  EXPECT_EQ(store.find("g")->topics_bytes, 4 + 1u);
}

TEST(GroupStore, AGroupOfNothingIsNone) {
  GroupStore store;
  store.apply(OffsetsStored{"g", {{.topic = "t"}}});
  store.apply(OffsetsRemoved{"g", {{"t", 0}}});
  store.apply(OffsetsRemoved{"h", {{"t", 0}}});
  EXPECT_TRUE(store.groups().empty());
  EXPECT_TRUE(store.snapshot().empty());
}

}  // namespace
}  // namespace godwit::engine
