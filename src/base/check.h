#pragma once

#include <string_view>

#include <fmt/format.h>

namespace godwit {

/// Prints where and why, then aborts. A broken invariant is a bug: the process must not go on with a state nobody
/// meant.
[[noreturn]] void check_failed(const char* file, int line, const char* condition, std::string_view detail);

}  // namespace godwit

/// Crashes with the state when `condition` is false, in every build. Further arguments are a fmt format and its values.
#define CHECK(condition, ...)                                                                           \
  do {                                                                                                  \
    if (!(condition)) [[unlikely]]                                                                      \
      ::godwit::check_failed(__FILE__, __LINE__, #condition, fmt::format("" __VA_ARGS__)); /* NOLINT */ \
  } while (false)
