#include "protocol/kafka/topic_config.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/limits.h"

namespace godwit::protocol::kafka {
namespace {

constexpr std::string_view kForEver = "9223372036854775807";
constexpr std::array<std::string_view, 2> kPolicies = {"compact", "delete"};
constexpr std::array<std::string_view, 2> kTimestampTypes = {"CreateTime", "LogAppendTime"};
constexpr std::array<std::string_view, 6> kCodecs = {"producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"};

using enum ConfigType;
constexpr auto kKeys = std::to_array<ConfigKey>({
    {"cleanup.policy", kList, "delete", 0, kPolicies,
     "delete: by age and size; compact: every record stays, nothing is compacted yet"},
    {"compression.gzip.level", kInt, "-1", -1, {}, "accepted; batches stay as their producer compressed them"},
    {"compression.lz4.level", kInt, "9", 1, {}, "accepted; batches stay as their producer compressed them"},
    {"compression.type", kString, "producer", 0, kCodecs, "accepted; batches stay as their producer compressed them"},
    {"compression.zstd.level", kInt, "3", -131'072, {}, "accepted; batches stay as their producer compressed them"},
    {"delete.retention.ms", kLong, "86400000", 0, {}, "accepted, without effect: nothing is compacted yet"},
    {"file.delete.delay.ms", kLong, "60000", 0, {}, "accepted, without effect"},
    {"flush.messages", kLong, kForEver, 1, {}, "accepted, without effect: every append is synced before its answer"},
    {"flush.ms", kLong, kForEver, 0, {}, "accepted, without effect: every append is synced before its answer"},
    {"follower.replication.throttled.replicas", kList, "", 0, {}, "accepted, without effect: there is one replica"},
    {"index.interval.bytes", kInt, "4096", 0, {}, "accepted, without effect"},
    {"leader.replication.throttled.replicas", kList, "", 0, {}, "accepted, without effect: there is one replica"},
    {"max.compaction.lag.ms", kLong, kForEver, 1, {}, "accepted, without effect"},
    {"max.message.bytes", kInt, "1048588", 0, {}, "the largest batch, as its producer compressed it"},
    {"message.timestamp.after.max.ms", kLong, kForEver, 0, {}, "accepted, without effect"},
    {"message.timestamp.before.max.ms", kLong, kForEver, 0, {}, "accepted, without effect"},
    {"message.timestamp.type", kString, "CreateTime", 0, kTimestampTypes, "whose clock a record's timestamp shows"},
    {"min.cleanable.dirty.ratio", kDouble, "0.5", 0, {}, "accepted, without effect"},
    {"min.compaction.lag.ms", kLong, "0", 0, {}, "accepted, without effect"},
    {"min.insync.replicas", kInt, "1", 1, {}, "accepted, without effect: there is one replica"},
    {"preallocate", kBoolean, "false", 0, {}, "accepted, without effect"},
    {"retention.bytes", kLong, "-1", -1, {}, "how much a partition keeps; -1 is no limit"},
    {"retention.ms", kLong, "604800000", -1, {}, "how long a partition keeps records; -1 is for ever"},
    {"retention.settled.ms",
     kLong,
     "0",
     0,
     {},
     "how long a topic of queues keeps what they have settled; Godwit's own"},
    {"segment.bytes", kInt, "1073741824", 14, {}, "accepted, without effect"},
    {"segment.index.bytes", kInt, "10485760", 4, {}, "accepted, without effect"},
    {"segment.jitter.ms", kLong, "0", 0, {}, "accepted, without effect"},
    {"segment.ms", kLong, "604800000", 1, {}, "accepted, without effect"},
    {"unclean.leader.election.enable", kBoolean, "false", 0, {}, "accepted, without effect: there is one replica"},
});

const ConfigKey* find_key(std::string_view name) {
  auto it = std::ranges::find(kKeys, name, &ConfigKey::name);
  return it == kKeys.end() ? nullptr : &*it;
}

template <class T>
std::optional<T> number(std::string_view text) {
  T v{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return v;
}

/// The items of a comma-separated list, without the spaces around them.
std::vector<std::string_view> items(std::string_view list) {
  std::vector<std::string_view> out;
  while (!list.empty()) {
    std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) out.push_back(item);
  }
  return out;
}

bool is_choice(const ConfigKey& key, std::string_view text) {
  return key.choices.empty() || std::ranges::find(key.choices, text) != key.choices.end();
}

/// Whatever the case of its letters, as Kafka takes booleans.
bool is_either(std::string_view text, std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(text, a, {}, lower) || std::ranges::equal(text, b, {}, lower);
}

bool fits(const ConfigKey& key, std::string_view value) {
  switch (key.type) {
    case kBoolean: return is_either(value, "true", "false");
    case kString: return is_choice(key, value);
    case kList: return std::ranges::all_of(items(value), [&](std::string_view item) { return is_choice(key, item); });
    case kDouble: {
      std::optional<double> v = number<double>(value);
      return v && *v >= 0 && *v <= 1;
    }
    case kInt: {
      std::optional<int32_t> v = number<int32_t>(value);
      return v && *v >= key.minimum;
    }
    case kLong: {
      std::optional<int64_t> v = number<int64_t>(value);
      return v && *v >= key.minimum;
    }
  }
  return false;
}

std::string value_of(const model::TopicSettings& topic, std::string_view name, std::string_view fallback) {
  auto it = topic.config.find(std::string(name));
  return it == topic.config.end() ? std::string(fallback) : it->second;
}

/// Retention from cleanup.policy, retention.ms and retention.bytes together; `name` is the one that was changed. A
/// topic that is kept until its queues have settled it stays so until a client names a policy.
void apply_retention(model::TopicSettings& topic, std::string_view name, const Settings& defaults) {
  bool named = topic.config.contains("cleanup.policy");
  if (!named && topic.retention == model::Retention::kSettled) return;
  std::string policy_text = value_of(topic, "cleanup.policy", "delete");
  std::vector<std::string_view> policy = items(policy_text);
  bool deletes = std::ranges::find(policy, "delete") != policy.end();
  bool compacts = std::ranges::find(policy, "compact") != policy.end();
  topic.retention = compacts ? model::Retention::kCompact : model::Retention::kTime;
  int64_t ms = number<int64_t>(value_of(topic, "retention.ms", "")).value_or(defaults.retention_ms);
  topic.retention_ms = deletes ? ms : -1;
  if (!deletes)
    topic.retention_bytes = -1;
  else if (name == "retention.bytes" || topic.config.contains("retention.bytes"))
    topic.retention_bytes = number<int64_t>(value_of(topic, "retention.bytes", "")).value_or(-1);
}

void apply(model::TopicSettings& topic, std::string_view name, const Settings& defaults) {
  std::string value = value_of(topic, name, "");
  if (name == "cleanup.policy" || name == "retention.ms" || name == "retention.bytes")
    apply_retention(topic, name, defaults);
  else if (name == "retention.settled.ms")
    topic.settled_ms = number<int64_t>(value).value_or(0);
  else if (name == "max.message.bytes")
    topic.message_bytes_max = number<uint64_t>(value).value_or(defaults.message_bytes_max);
  else if (name == "message.timestamp.type")
    topic.stamp_append_time = value == "LogAppendTime";
}

/// What a topic shows that no client of Kafka has set: the model's fields tell.
std::string derived(const model::TopicSettings& topic, const ConfigKey& key) {
  bool settled = topic.retention == model::Retention::kSettled;
  if (key.name == "cleanup.policy" && topic.retention == model::Retention::kCompact) return "compact";
  if (key.name == "retention.ms") return std::to_string(settled ? -1 : topic.retention_ms);
  if (key.name == "retention.bytes") return std::to_string(topic.retention_bytes);
  if (key.name == "retention.settled.ms") return std::to_string(topic.settled_ms);
  if (key.name == "max.message.bytes") return std::to_string(topic.message_bytes_max);
  if (key.name == "message.timestamp.type" && topic.stamp_append_time) return "LogAppendTime";
  return std::string(key.default_value);
}

}  // namespace

std::span<const ConfigKey> topic_config_keys() { return kKeys; }

model::TopicSettings default_topic_settings(const Settings& defaults) {
  model::TopicSettings topic;
  topic.retention = model::Retention::kTime;
  topic.retention_ms = defaults.retention_ms;
  topic.message_bytes_max = defaults.message_bytes_max;
  return topic;
}

Result<void> set_topic_config(model::TopicSettings& topic, std::string_view name,
                              const std::optional<std::string>& value, const Settings& defaults) {
  const ConfigKey* key = find_key(name);
  if (!key) return fail(ErrorCode::kInvalidArgument, "unknown topic setting " + std::string(name));
  bool too_large = name == "max.message.bytes" && value && number<uint64_t>(*value).value_or(0) > kBatchBytesMax;
  if (value && (!fits(*key, *value) || too_large))
    return fail(ErrorCode::kInvalidArgument, "invalid value " + *value + " for " + std::string(name));
  if (value)
    topic.config[std::string(name)] = *value;
  else
    topic.config.erase(std::string(name));
  apply(topic, name, defaults);
  return {};
}

Result<void> check_topic_config(const model::TopicSettings& topic) {
  if (topic.retention != model::Retention::kSettled) return {};
  for (const char* name : {"retention.ms", "retention.bytes"})
    if (topic.config.contains(name))
      return fail(ErrorCode::kInvalidArgument,
                  std::string(name) +
                      " has no effect on a topic that keeps what its queues have not settled: name a "
                      "cleanup.policy as well, or set retention.settled.ms");
  return {};
}

ConfigValue topic_config_value(const model::TopicSettings& topic, const ConfigKey& key, const Settings& defaults) {
  auto it = topic.config.find(std::string(key.name));
  if (it != topic.config.end()) return {it->second, ConfigSource::kTopic};
  std::string value = derived(topic, key);
  std::string standard = derived(default_topic_settings(defaults), key);
  return {value, value == standard ? ConfigSource::kDefault : ConfigSource::kTopic};
}

std::vector<BrokerConfig> broker_configs(const Settings& s) {
  auto flag = [](bool b) { return std::string(b ? "true" : "false"); };
  std::string listener = "PLAINTEXT://" + s.advertised_host + ":" + std::to_string(s.advertised_port);
  return {
      {"advertised.listeners", kString, listener, "where clients are told to connect"},
      {"auto.create.topics.enable", kBoolean, flag(s.auto_create_topics), "asking for a topic creates it"},
      {"broker.id", kInt, std::to_string(s.node_id), "this node"},
      {"default.replication.factor", kInt, "1", "there is one node"},
      {"delete.topic.enable", kBoolean, "true", "topics can be deleted"},
      {"fetch.max.bytes", kInt, std::to_string(s.fetch_bytes_max), "the largest answer to a fetch"},
      {"group.initial.rebalance.delay.ms", kInt, "0", "there is nothing to wait for on one node"},
      {"log.retention.ms", kLong, std::to_string(s.retention_ms), "retention.ms of new topics"},
      {"message.max.bytes", kInt, std::to_string(s.message_bytes_max), "max.message.bytes of new topics"},
      {"min.insync.replicas", kInt, "1", "there is one node"},
      {"node.id", kInt, std::to_string(s.node_id), "this node"},
      {"num.partitions", kInt, std::to_string(s.default_partitions), "partitions of new topics"},
      {"offsets.retention.minutes", kInt, "10080", "how long a group without members keeps its positions"},
      {"socket.request.max.bytes", kInt, std::to_string(s.frame_bytes_max()), "the largest request"},
  };
}

}  // namespace godwit::protocol::kafka
