#include "load/json_line.h"

#include <cstdio>

#include <fmt/format.h>

namespace godwit::bench {

void JsonLine::key(std::string_view name) { members_ += fmt::format("{}\"{}\":", members_.empty() ? "" : ",", name); }

JsonLine& JsonLine::text(std::string_view name, std::string_view value) {
  return raw(name, fmt::format("\"{}\"", value));
}

JsonLine& JsonLine::count(std::string_view name, uint64_t value) { return raw(name, fmt::format("{}", value)); }

JsonLine& JsonLine::number(std::string_view name, double value) { return raw(name, fmt::format("{:.6g}", value)); }

JsonLine& JsonLine::raw(std::string_view name, std::string_view json) {
  key(name);
  members_ += json;
  return *this;
}

void JsonLine::print() const {
  fmt::print("{{{}}}\n", members_);
  std::fflush(stdout);
}

}  // namespace godwit::bench
