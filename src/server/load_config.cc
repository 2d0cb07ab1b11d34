#include "server/load_config.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "server/settings.h"

namespace godwit::server {
namespace {

Error at(const std::string& where, Error error) {
  error.message = fmt::format("{}: {}", where, error.message);
  return error;
}

/// A value of the file as the command line would spell it; nothing for kinds that no setting has.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  const toml::array* list = node.as_array();
  if (list == nullptr) return std::nullopt;
  std::string joined;
  for (const toml::node& item : *list) {
    std::optional<std::string> text = text_of(item);
    if (!text) return std::nullopt;
    joined += (joined.empty() ? "" : ",") + *text;
  }
  return joined;
}

Result<void> apply_table(Config& config, const toml::table& table, const std::string& prefix, const std::string& path) {
  for (const auto& [key, node] : table) {
    std::string name = prefix + std::string(key.str());
    if (const toml::table* section = node.as_table()) {
      if (auto applied = apply_table(config, *section, name + ".", path); !applied) return applied;
      continue;
    }
    std::string where = fmt::format("{}, line {}", path, node.source().begin.line);
    std::optional<std::string> text = text_of(node);
    if (!text)
      return std::unexpected(at(where, {ErrorCode::kInvalidArgument, name + " has a value of an unknown kind"}));
    if (auto assigned = assign(config, name, *text); !assigned) return std::unexpected(at(where, assigned.error()));
  }
  return {};
}

/// All of a file, which may be a pipe; nothing for what cannot be read, such as a folder.
std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  std::array<char, 4096> piece;
  while (file.read(piece.data(), piece.size()), file.gcount() > 0) text.write(piece.data(), file.gcount());
  if (!file.is_open() || file.bad()) return std::nullopt;
  return std::move(text).str();
}

Result<void> apply_file(Config& config, const std::string& path) {
  auto text = read_file(path);
  if (!text) return fail(ErrorCode::kNotFound, fmt::format("the configuration file '{}' cannot be read", path));
  try {
    return apply_table(config, toml::parse(*text, path), "", path);
  } catch (const toml::parse_error& error) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}, line {}: {}", path, error.source().begin.line, error.description()));
  }
}

/// GODWIT_AMQP_PROT is a typing error, GODWIT_URL is somebody else's: only names that begin like a section's are
/// checked.
bool begins_like_a_section(std::string_view name) {
  return std::ranges::any_of(settings(), [&](const Setting& s) {
    size_t dot = s.name.find('.');
    return dot != std::string_view::npos && name.starts_with(environment_name(s.name.substr(0, dot + 1)));
  });
}

Result<void> apply_environment(Config& config, const std::vector<std::string>& environment) {
  for (const std::string& entry : environment) {
    size_t equals = entry.find('=');
    if (!entry.starts_with("GODWIT_") || equals == std::string::npos) continue;
    std::string name = entry.substr(0, equals);
    auto setting = std::ranges::find_if(settings(), [&](const Setting& s) { return environment_name(s.name) == name; });
    if (setting == settings().end()) {
      if (!begins_like_a_section(name)) continue;
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("environment: {} is no setting's name{}", name, suggestion(name, environment_name)));
    }
    if (auto assigned = assign(config, *setting, entry.substr(equals + 1)); !assigned)
      return std::unexpected(at("environment, " + name, assigned.error()));
  }
  return {};
}

Result<void> apply_set(Config& config, const std::vector<std::string>& set) {
  for (const std::string& entry : set) {
    size_t equals = entry.find('=');
    if (equals == std::string::npos)
      return fail(ErrorCode::kInvalidArgument, fmt::format("--set {}: expected name=value", entry));
    if (auto assigned = assign(config, entry.substr(0, equals), entry.substr(equals + 1)); !assigned)
      return std::unexpected(at("--set", assigned.error()));
  }
  return {};
}

}  // namespace

Result<Config> load_config(const ConfigSources& sources) {
  Config config;
  if (sources.file)
    if (auto applied = apply_file(config, *sources.file); !applied) return std::unexpected(applied.error());
  if (auto applied = apply_environment(config, sources.environment); !applied) return std::unexpected(applied.error());
  if (auto applied = apply_set(config, sources.set); !applied) return std::unexpected(applied.error());
  return config;
}

std::vector<std::string> process_environment() {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) entries.emplace_back(*entry);
  return entries;
}

}  // namespace godwit::server
