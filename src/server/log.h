#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <fmt/format.h>

/// The server's log: one event a line on standard error, a short sentence and named fields. From any thread. Never a
/// message's body or a secret.
namespace godwit::server::log {

enum class Level { kDebug, kInfo, kWarn, kError };
enum class Format { kText, kJson };

struct Field {
  std::string_view name;
  std::string value;

  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  template <class T>
    requires(std::is_arithmetic_v<T>)
  Field(std::string_view n, T v) : name(n), value(fmt::format("{}", v)) {}
};
using Fields = std::initializer_list<Field>;

/// Once, before the first event. Names as the settings log.level and log.format have them.
void start(std::string_view level, std::string_view format);
bool enabled(Level level);

void event(Level level, std::string_view what, Fields fields);
inline void debug(std::string_view what, Fields fields = {}) { event(Level::kDebug, what, fields); }
inline void info(std::string_view what, Fields fields = {}) { event(Level::kInfo, what, fields); }
inline void warn(std::string_view what, Fields fields = {}) { event(Level::kWarn, what, fields); }
inline void error(std::string_view what, Fields fields = {}) { event(Level::kError, what, fields); }

/// A line without time and level: `ready port=5672`, or {"event":"ready","port":"5672"}. Values with spaces, quotes or
/// control characters are quoted, so that a line stays a line; what is no UTF-8 is replaced, and what is long is cut.
std::string line(Format format, std::string_view what, Fields fields);

}  // namespace godwit::server::log
