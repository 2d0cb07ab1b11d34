#include "protocol/kafka/names.h"

#include <gtest/gtest.h>

#include "support/fake_host.h"

namespace godwit::protocol::kafka {
namespace {

TEST(Names, FollowKafkasRule) {
  EXPECT_TRUE(valid_topic_name("Orders.v1_x-2"));
  EXPECT_TRUE(valid_topic_name(std::string(249, 'a')));
  for (std::string bad : {std::string(), std::string("."), std::string(".."), std::string("a b"), std::string("a/b"),
                          std::string("\xc3\xa4"), std::string(250, 'a')})
    EXPECT_FALSE(valid_topic_name(bad)) << bad;
}

TEST(Names, IdsGoBothWays) {
  EXPECT_EQ(topic_of(uuid_of(TopicId(0x0102030405060708))), TopicId(0x0102030405060708));
  EXPECT_NE(uuid_of(TopicId(1)), wire::Uuid{});
  EXPECT_FALSE(topic_of(wire::Uuid{}));
}

TEST(Names, TopicsKafkaCannotSpellAreHiddenHoweverTheyAreAskedFor) {
  test::FakeCatalog catalog;
  auto& spelled = catalog.add_topic("ok");
  auto& hidden = catalog.add_topic("no way");
  EXPECT_EQ(find_topic(catalog, false, {}, "ok"), catalog.topic(spelled.id));
  EXPECT_EQ(find_topic(catalog, true, uuid_of(spelled.id), ""), catalog.topic(spelled.id));
  EXPECT_FALSE(find_topic(catalog, false, {}, "no way"));
  EXPECT_FALSE(find_topic(catalog, true, uuid_of(hidden.id), ""));
}

TEST(Names, PartitionsAreChecked) {
  test::FakeCatalog catalog;
  auto& topic = catalog.add_topic("t", 2);
  EXPECT_TRUE(partition_of(&topic, 1));
  EXPECT_FALSE(partition_of(&topic, 2));
  EXPECT_FALSE(partition_of(&topic, -1));
  EXPECT_FALSE(partition_of(nullptr, 0));
}

}  // namespace
}  // namespace godwit::protocol::kafka
