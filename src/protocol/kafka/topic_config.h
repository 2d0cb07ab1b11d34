#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/settings.h"
#include "protocol/kafka/settings.h"

/// Topics' settings by Kafka's names. What a client set is kept verbatim in TopicSettings::config; those that mean
/// something here also set the field of the model that does it.
namespace godwit::protocol::kafka {

/// The types and sources of a setting, by their numbers on the wire.
enum class ConfigType : int8_t { kBoolean = 1, kString = 2, kInt = 3, kLong = 5, kDouble = 6, kList = 7 };
enum class ConfigSource : int8_t { kTopic = 1, kBrokerFile = 4, kDefault = 5 };

struct ConfigKey {
  std::string_view name;
  ConfigType type = ConfigType::kString;
  std::string_view default_value;
  int64_t minimum = 0;                          ///< of numbers
  std::span<const std::string_view> choices{};  ///< of strings and lists; empty is any
  std::string_view documentation;
};

/// All settings a topic has, by name.
std::span<const ConfigKey> topic_config_keys();

/// A topic created by a Kafka client that says nothing: kept by time.
model::TopicSettings default_topic_settings(const Settings& defaults);

/// Sets one; nothing for `value` goes back to the default. Errors: kInvalidArgument: unknown name, or a value outside
/// its range; nothing was changed.
Result<void> set_topic_config(model::TopicSettings& topic, std::string_view name,
                              const std::optional<std::string>& value, const Settings& defaults);
/// Whether what was set goes together. Errors: kInvalidArgument.
Result<void> check_topic_config(const model::TopicSettings& topic);

struct ConfigValue {
  std::string value;
  ConfigSource source = ConfigSource::kDefault;
};
ConfigValue topic_config_value(const model::TopicSettings& topic, const ConfigKey& key, const Settings& defaults);

/// The broker's own settings: shown, never changed by clients.
struct BrokerConfig {
  std::string_view name;
  ConfigType type = ConfigType::kString;
  std::string value;
  std::string_view documentation;
};
std::vector<BrokerConfig> broker_configs(const Settings& settings);

}  // namespace godwit::protocol::kafka
