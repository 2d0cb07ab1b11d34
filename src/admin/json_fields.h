#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/error.h"
#include "base/limits.h"

namespace godwit::admin {

/// Reads the members of a request's object. Remembers the first that will not do, and names that nobody asked for, so
/// that a misspelt one is refused instead of ignored.
class JsonFields {
 public:
  explicit JsonFields(const boost::json::object& from) : from_(from) {}

  bool has(std::string_view name) const { return from_.contains(name); }
  void text(std::string_view name, std::string& into) {
    if (const auto* v = take(name)) v->is_string() ? void(into = std::string(v->as_string())) : wrong(name, "a text");
  }
  void text(std::string_view name, std::optional<std::string>& into) {
    std::string absent;
    text(name, has(name) ? into.emplace() : absent);
  }
  void flag(std::string_view name, bool& into) {
    if (const auto* v = take(name)) v->is_bool() ? void(into = v->as_bool()) : wrong(name, "true or false");
  }
  template <class T>
  void number(std::string_view name, T& into, int64_t min, int64_t max) {
    const auto* v = take(name);
    if (v == nullptr) return;
    if (!v->is_int64() || v->as_int64() < min || v->as_int64() > max)
      return wrong(name, fmt::format("a whole number from {} to {}", min, max));
    into = static_cast<T>(v->as_int64());
  }
  template <class T>
  void number(std::string_view name, std::optional<T>& into, int64_t min, int64_t max) {
    T absent{};
    number(name, has(name) ? into.emplace() : absent, min, max);
  }
  template <class T>
  struct Choice {
    std::string_view text;
    T value;
  };
  template <class T>
  void choice(std::string_view name, T& into, std::initializer_list<Choice<T>> choices) {
    const auto* v = take(name);
    if (v == nullptr) return;
    std::string known;
    for (const Choice<T>& c : choices) {
      if (v->is_string() && v->as_string() == c.text) return void(into = c.value);
      known += fmt::format("{}{}", known.empty() ? "" : ", ", c.text);
    }
    wrong(name, "one of " + known);
  }
  const boost::json::value* take(std::string_view name) {
    const boost::json::value* v = from_.if_contains(name);
    taken_ += v != nullptr;
    asked_ += fmt::format("{}{}", asked_.empty() ? "" : ", ", name);
    return v;
  }
  void wrong(std::string_view name, std::string_view expected) {
    if (!error_) error_ = {ErrorCode::kInvalidArgument, fmt::format("{}: expected {}", name, expected)};
  }
  /// After the last member was read. Errors: kInvalidArgument.
  Result<void> done() const {
    if (error_) return std::unexpected(*error_);
    if (taken_ < from_.size())
      return fail(ErrorCode::kInvalidArgument, fmt::format("it has unknown members; known are: {}", asked_));
    return {};
  }

 private:
  const boost::json::object& from_;
  size_t taken_ = 0;
  std::string asked_;
  std::optional<Error> error_;
};

}  // namespace godwit::admin
