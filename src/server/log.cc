#include "server/log.h"

#include <algorithm>
#include <memory>

#include <boost/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/utf8.h"

namespace godwit::server::log {
namespace {

struct State {
  std::shared_ptr<spdlog::logger> logger;
  Format format = Format::kText;
};

State& state() {
  static State state{std::make_shared<spdlog::logger>("godwit", std::make_shared<spdlog::sinks::stderr_sink_mt>()),
                     Format::kText};
  return state;
}

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarn: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string quoted(std::string_view text) { return boost::json::serialize(boost::json::string_view(text)); }

/// What a peer says of itself may be anything, and long.
std::string bounded(std::string_view text) {
  constexpr size_t kBytesMax = 1024;
  if (text.size() <= kBytesMax && is_utf8(text)) return std::string(text);
  return to_utf8(text.substr(0, kBytesMax)) + (text.size() > kBytesMax ? "..." : "");
}

bool plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte > ' ' && byte != '"' && byte != '=' && byte != 0x7f;
  });
}

}  // namespace

void start(std::string_view level, std::string_view format) {
  State& s = state();
  s.format = format == "json" ? Format::kJson : Format::kText;
  s.logger->set_level(spdlog::level::from_str(std::string(level)));
  // spdlog's own name of a warning is "warning"; %^ and colours are not used.
  s.logger->set_pattern(
      s.format == Format::kJson ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %L %v",
      spdlog::pattern_time_type::utc);
  s.logger->flush_on(spdlog::level::debug);
}

bool enabled(Level level) { return state().logger->should_log(level_of(level)); }

void event(Level level, std::string_view what, Fields fields) {
  if (!enabled(level)) return;
  std::string text = line(state().format, what, fields);
  // The pattern's braces hold the object together.
  std::string_view body = text;
  if (state().format == Format::kJson) body = body.substr(1, body.size() - 2);
  state().logger->log(level_of(level), spdlog::string_view_t(body.data(), body.size()));
}

std::string line(Format format, std::string_view what, Fields fields) {
  if (format == Format::kText) {
    std::string text(what);
    for (const Field& f : fields) {
      text += ' ';
      text += f.name;
      text += '=';
      std::string value = bounded(f.value);
      text += plain(value) ? value : quoted(value);
    }
    return text;
  }
  std::string text = "{\"event\":" + quoted(what);
  for (const Field& f : fields) text += ',' + quoted(f.name) + ':' + quoted(bounded(f.value));
  return text + '}';
}

}  // namespace godwit::server::log
