#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "server/settings.h"

/// Values of settings as text, both ways.
namespace godwit::server {
namespace {

struct Unit {
  std::string_view name;
  uint64_t bytes;
};
constexpr std::array<Unit, 4> kUnits{Unit{"GiB", 1_GiB}, Unit{"MiB", 1_MiB}, Unit{"KiB", 1_KiB}, Unit{"B", 1}};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool read_number(std::string_view text, uint64_t& into) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool read_size(std::string_view text, uint64_t& into) {
  uint64_t scale = 1;
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.name)) continue;
    scale = unit.bytes;
    text = trimmed(text.substr(0, text.size() - unit.name.size()));
    break;
  }
  return read_number(text, into) && !__builtin_mul_overflow(into, scale, &into);
}

std::string size_text(uint64_t bytes) {
  for (const Unit& unit : kUnits)
    if (bytes >= unit.bytes && bytes % unit.bytes == 0 && unit.bytes > 1)
      return fmt::format("{}{}", bytes / unit.bytes, unit.name);
  return std::to_string(bytes);
}

/// Reads a text into one kind of value; false when it is none.
struct Reading {
  const Setting& setting;
  std::string_view text;

  bool in_range(uint64_t value) const { return value >= setting.min && value <= setting.max; }

  bool into(Port& port) const {
    if (text == "off") return port.number.reset(), true;
    uint64_t number = 0;
    if (setting.reserved || !read_number(text, number) || number > 65'535) return false;
    port.number = static_cast<uint16_t>(number);
    return true;
  }
  bool into(ByteSize& size) const {
    uint64_t bytes = 0;
    if (!read_size(text, bytes) || !in_range(bytes)) return false;
    size.bytes = bytes;
    return true;
  }
  bool into(uint64_t& number) const {
    uint64_t value = 0;
    if (!read_number(text, value) || !in_range(value)) return false;
    number = value;
    return true;
  }
  bool into(bool& flag) const {
    if (text != "true" && text != "false") return false;
    flag = text == "true";
    return true;
  }
  bool into(std::string& value) const {
    if (!setting.choices.empty() && std::ranges::find(setting.choices, text) == setting.choices.end()) return false;
    if (text.size() < setting.min) return false;
    value = text;
    return true;
  }
  bool into(std::vector<std::string>& list) const {
    std::vector<std::string> read;
    for (std::string_view rest = text; !rest.empty();) {
      size_t comma = rest.find(',');
      std::string_view item = trimmed(rest.substr(0, comma));
      if (item.empty()) return false;
      read.emplace_back(item);
      if (!setting.is_item(read.back())) return false;
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    if (read.empty()) return false;
    list = std::move(read);
    return true;
  }
};

std::string text_of(const Port& port) { return port.number ? std::to_string(*port.number) : "off"; }
std::string text_of(const ByteSize& size) { return size_text(size.bytes); }
std::string text_of(uint64_t number) { return std::to_string(number); }
std::string text_of(bool flag) { return flag ? "true" : "false"; }
std::string text_of(const std::string& text) { return text; }
std::string text_of(const std::vector<std::string>& list) { return fmt::format("{}", fmt::join(list, ",")); }

std::string range_text(const Setting& s, std::string_view kind, std::string (*write)(uint64_t)) {
  return fmt::format("{} from {} to {}", kind, write(s.min), write(s.max));
}

}  // namespace

std::pair<std::string, std::string> read_vhost(const std::string& text) {
  size_t equals = text.find('=');
  std::string vhost = text.substr(0, equals);
  if (equals != std::string::npos) return {vhost, text.substr(equals + 1)};
  return {vhost, vhost == "/" ? "default" : vhost};
}

Result<void> assign(Config& config, const Setting& setting, std::string_view text) {
  Reading reading{setting, trimmed(text)};
  if (std::visit([&](auto member) { return reading.into(config.*member); }, setting.member)) return {};
  return fail(ErrorCode::kInvalidArgument, fmt::format("{} = {}: expected {}", setting.name, text, kind_text(setting)));
}

std::string value_text(const Config& config, const Setting& setting) {
  return std::visit([&](auto member) { return text_of(config.*member); }, setting.member);
}

std::string kind_text(const Setting& s) {
  if (s.reserved) return "off (this port's protocol is not there yet)";
  if (!s.choices.empty()) return fmt::format("{}", fmt::join(s.choices, " or "));
  if (std::holds_alternative<Port Config::*>(s.member)) return "a port, 0 for a free one, or off";
  if (std::holds_alternative<ByteSize Config::*>(s.member)) return range_text(s, "a size", size_text);
  if (std::holds_alternative<uint64_t Config::*>(s.member))
    return range_text(s, "a number", [](uint64_t n) { return std::to_string(n); });
  if (std::holds_alternative<bool Config::*>(s.member)) return "true or false";
  if (std::holds_alternative<std::vector<std::string> Config::*>(s.member))
    return fmt::format("{}, separated by commas", s.items);
  return s.min > 0 ? "a text that is not empty" : "a text";
}

}  // namespace godwit::server
