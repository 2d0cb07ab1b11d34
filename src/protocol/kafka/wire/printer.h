#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "protocol/kafka/wire/types.h"

namespace godwit::protocol::kafka::wire {

/// Prints a message by its fields(), for logs and failing tests: {acks: -1, topics: [{name: "a", …}]}. Bytes and
/// records appear as their size: a message's body never reaches a log.
class Printer {
 public:
  Printer(std::string& out, int16_t version) : out_(out), version_(version) {}

  template <class T>
  void operator()(std::string_view name, const T& v, Versions when = {}) {
    if (!when.has(version_)) return;
    if (out_.back() != '{') out_ += ", ";
    out_ += name;
    out_ += ": ";
    put(v);
  }
  template <class T>
  void message(const T& v) {
    out_ += '{';
    const_cast<T&>(v).fields(*this);
    out_ += '}';
  }

 private:
  void put(bool v) { out_ += v ? "true" : "false"; }
  template <std::integral T>
    requires(!std::is_same_v<T, bool>)
  void put(T v) {
    out_ += std::to_string(v);
  }
  void put(const Uuid& v) {
    for (uint8_t b : v.bytes) out_ += fmt::format("{:02x}", b);
  }
  void put(const std::string& v) { out_ += fmt::format("\"{}\"", v); }
  void put(const ByteVec& v) { out_ += fmt::format("<{} bytes>", v.size()); }
  void put(const ByteView& v) { out_ += fmt::format("<{} bytes>", v.size()); }
  void put(const Records& v) { out_ += fmt::format("<{} bytes>", v.bytes); }
  template <class T>
  void put(const std::optional<T>& v) {
    if (v)
      put(*v);
    else
      out_ += "null";
  }
  template <class T>
  void put(const std::vector<T>& v) {
    out_ += '[';
    for (const T& e : v) {
      if (out_.back() != '[') out_ += ", ";
      put(e);
    }
    out_ += ']';
  }
  template <class T>
    requires(requires(T& t, Printer& f) { t.fields(f); })
  void put(const T& v) {
    message(v);
  }

  std::string& out_;
  int16_t version_;
};

template <class T>
std::string print(const T& message, int16_t version) {
  std::string out;
  Printer(out, version).message(message);
  return out;
}

}  // namespace godwit::protocol::kafka::wire
