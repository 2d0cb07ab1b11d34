#include "protocol/kafka/topic_config.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace godwit::protocol::kafka {
namespace {

ConfigValue value(const model::TopicSettings& topic, std::string_view name) {
  auto key = std::ranges::find(topic_config_keys(), name, &ConfigKey::name);
  return topic_config_value(topic, *key, {});
}

TEST(TopicConfig, DefaultsAreKafkas) {
  model::TopicSettings topic = default_topic_settings({});
  EXPECT_EQ(topic.retention, model::Retention::kTime);
  EXPECT_EQ(value(topic, "retention.ms").value, "604800000");
  EXPECT_EQ(value(topic, "cleanup.policy").value, "delete");
  for (const ConfigKey& key : topic_config_keys())
    EXPECT_EQ(topic_config_value(topic, key, {}).source, ConfigSource::kDefault) << key.name;
}

TEST(TopicConfig, WhatMeansSomethingReachesTheModel) {
  model::TopicSettings topic = default_topic_settings({});
  ASSERT_TRUE(set_topic_config(topic, "cleanup.policy", "compact", {}));
  EXPECT_EQ(topic.retention, model::Retention::kCompact);
  EXPECT_EQ(topic.retention_ms, -1);
  ASSERT_TRUE(set_topic_config(topic, "retention.ms", "1000", {}));
  ASSERT_TRUE(set_topic_config(topic, "cleanup.policy", "compact, delete", {}));
  EXPECT_EQ(topic.retention_ms, 1000);
  ASSERT_TRUE(set_topic_config(topic, "cleanup.policy", "", {}));
  EXPECT_EQ(topic.retention, model::Retention::kTime);
  EXPECT_EQ(topic.retention_ms, -1);  // no policy: kept for ever
  ASSERT_TRUE(set_topic_config(topic, "cleanup.policy", std::nullopt, {}));
  EXPECT_EQ(topic.retention_ms, 1000);
  ASSERT_TRUE(set_topic_config(topic, "max.message.bytes", "77", {}));
  EXPECT_EQ(topic.message_bytes_max, 77u);
  EXPECT_EQ(value(topic, "max.message.bytes").source, ConfigSource::kTopic);
  ASSERT_TRUE(set_topic_config(topic, "message.timestamp.type", "LogAppendTime", {}));
  EXPECT_TRUE(topic.stamp_append_time);
  ASSERT_TRUE(set_topic_config(topic, "retention.bytes", "5", {}));
  EXPECT_EQ(topic.retention_bytes, 5);
  ASSERT_TRUE(set_topic_config(topic, "cleanup.policy", "compact", {}));
  EXPECT_EQ(topic.retention_bytes, -1) << "compaction alone deletes nothing";
  EXPECT_EQ(value(topic, "retention.bytes").value, "5");
  ASSERT_TRUE(set_topic_config(topic, "cleanup.policy", "compact,delete", {}));
  EXPECT_EQ(topic.retention_bytes, 5);
}

TEST(TopicConfig, SettledMessagesCanBeKept) {
  model::TopicSettings topic;
  ASSERT_TRUE(set_topic_config(topic, "retention.settled.ms", "60000", {}));
  EXPECT_EQ(topic.settled_ms, 60'000);
  EXPECT_EQ(topic.retention, model::Retention::kSettled);
  ASSERT_TRUE(set_topic_config(topic, "retention.settled.ms", std::nullopt, {}));
  EXPECT_EQ(topic.settled_ms, 0);
}

TEST(TopicConfig, AQueuesTopicStaysSettledUntilAPolicyIsNamed) {
  model::TopicSettings topic;
  ASSERT_TRUE(set_topic_config(topic, "retention.ms", "1000", {}));
  EXPECT_EQ(topic.retention, model::Retention::kSettled);
  EXPECT_FALSE(check_topic_config(topic)) << "it would have no effect";
  ASSERT_TRUE(set_topic_config(topic, "cleanup.policy", "delete", {}));
  EXPECT_TRUE(check_topic_config(topic));
  EXPECT_EQ(topic.retention, model::Retention::kTime);
  EXPECT_EQ(topic.retention_ms, 1000);
}

TEST(TopicConfig, WhatMeansNothingHereIsKeptAndShown) {
  model::TopicSettings topic = default_topic_settings({});
  for (auto [name, text] : {std::pair("preallocate", "True"),
                            {"compression.zstd.level", "-5"},
                            {"leader.replication.throttled.replicas", "0:1,1:1"}}) {
    ASSERT_TRUE(set_topic_config(topic, name, text, {})) << name;
    EXPECT_EQ(value(topic, name).value, text);
  }
}

TEST(TopicConfig, InvalidValuesChangeNothing) {
  model::TopicSettings before = default_topic_settings({});
  for (auto [name, bad] : {std::pair("retention.ms", "x"),
                           {"retention.ms", "-2"},
                           {"cleanup.policy", "shred"},
                           {"preallocate", "maybe"},
                           {"min.cleanable.dirty.ratio", "1.5"},
                           {"no.such", "1"},
                           {"max.message.bytes", "999999999"},
                           {"compression.type", "rar"}}) {
    model::TopicSettings topic = before;
    EXPECT_FALSE(set_topic_config(topic, name, bad, {})) << name;
    EXPECT_EQ(topic, before) << name;
  }
}

}  // namespace
}  // namespace godwit::protocol::kafka
