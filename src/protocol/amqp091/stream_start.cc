#include "protocol/amqp091/stream_start.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace godwit::protocol::amqp091 {
namespace {

/// Older than any message, and far from the ends of an int64_t.
constexpr int64_t kOldestMs = int64_t{1} << 53;

/// "7D", "1h30m": numbers with a unit each, Y M D h m s. At most kOldestMs.
std::optional<int64_t> age_ms(std::string_view text) {
  int64_t total = 0;
  while (!text.empty()) {
    uint32_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data() + text.size()) return std::nullopt;
    int64_t unit = 0;
    switch (*end) {
      case 'Y': unit = 365LL * 86'400; break;
      case 'M': unit = 30LL * 86'400; break;
      case 'D': unit = 86'400; break;
      case 'h': unit = 3'600; break;
      case 'm': unit = 60; break;
      case 's': unit = 1; break;
      default: return std::nullopt;
    }
    int64_t unit_ms = unit * 1'000;
    total = std::min(total + std::min<int64_t>(number, kOldestMs / unit_ms) * unit_ms, kOldestMs);
    text.remove_prefix(static_cast<size_t>(end - text.data()) + 1);
  }
  return total;
}

struct StartReader {
  int64_t now_ms;

  using Start = std::optional<StreamStart>;
  Start operator()(const std::string& text) const {
    if (text == "first") return StreamStart{StreamStart::At::kFirst};
    if (text == "last") return StreamStart{StreamStart::At::kLast};
    if (text == "next") return StreamStart{StreamStart::At::kNext};
    std::optional<int64_t> age = text.empty() ? std::nullopt : age_ms(text);
    if (!age) return std::nullopt;
    return StreamStart{StreamStart::At::kTimestamp, now_ms - *age};
  }
  Start operator()(const model::TimestampMs& time) const { return StreamStart{StreamStart::At::kTimestamp, time.ms}; }
  Start operator()(bool) const { return std::nullopt; }
  template <std::integral T>
  Start operator()(T offset) const {
    if (!std::in_range<int64_t>(offset) || offset < 0) return std::nullopt;
    return StreamStart{StreamStart::At::kOffset, static_cast<int64_t>(offset)};
  }
  template <class T>
    requires(!std::is_integral_v<T>)
  Start operator()(const T&) const {
    return std::nullopt;
  }
};

}  // namespace

std::optional<StreamStart> read_stream_start(const model::Value& value, int64_t now_ms) {
  return std::visit(StartReader{now_ms}, value.v);
}

}  // namespace godwit::protocol::amqp091
