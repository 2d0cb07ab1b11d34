#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "server/config.h"

namespace godwit::server {

/// One setting: its name, where its value lies, and what it means.
struct Setting {
  using Member = std::variant<Port Config::*, ByteSize Config::*, uint64_t Config::*, bool Config::*,
                              std::string Config::*, std::vector<std::string> Config::*>;
  std::string_view name;  ///< section.key
  Member member;
  std::string_view doc;
  uint64_t min = 0;  ///< of numbers and sizes; of texts, their length
  uint64_t max = std::numeric_limits<uint64_t>::max();
  std::vector<std::string_view> choices{};  ///< of texts; empty: any
  bool reserved = false;                    ///< a port of a protocol that is not there yet: accepted as `off` only
  std::string_view items{};                 ///< of lists: what they are of
  bool (*is_item)(const std::string&) = nullptr;
};

/// Every setting, in the order of the reference page.
std::span<const Setting> settings();
const Setting* find_setting(std::string_view name);

/// Reads `text` into the setting's place. Errors: kInvalidArgument with the setting, the text, and what would do.
Result<void> assign(Config& config, const Setting& setting, std::string_view text);
/// As assign(), by name. An unknown name is kInvalidArgument with the nearest known one.
Result<void> assign(Config& config, std::string_view name, std::string_view text);

/// Of `vhost` or `vhost=namespace`: the vhost and its namespace.
std::pair<std::string, std::string> read_vhost(const std::string& text);

/// The value as a file or --set would spell it.
std::string value_text(const Config& config, const Setting& setting);
/// "number", "size", ...: what values look like.
std::string kind_text(const Setting& setting);
/// GODWIT_SECTION_KEY
std::string environment_name(std::string_view setting);
/// How a message that refuses `name` ends: with the nearest setting there is, as `spell` writes names.
std::string suggestion(std::string_view name, std::string (*spell)(std::string_view));

/// docs/guide/configuration.md.
std::string settings_markdown();

}  // namespace godwit::server
