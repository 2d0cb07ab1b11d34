#include "model/value_text.h"

#include <cmath>
#include <type_traits>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/utf8.h"

namespace godwit::model {
namespace {

std::string uuid_text(const Uuid& uuid) {
  std::string out;
  for (size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += fmt::format("{:02x}", uuid.bytes[i]);
  }
  return out;
}

std::string decimal_text(const Decimal& d) {
  std::string digits = fmt::format("{}", std::abs(static_cast<int64_t>(d.unscaled)));
  if (d.scale > 0) {
    if (digits.size() <= d.scale) digits.insert(0, d.scale + 1 - digits.size(), '0');
    digits.insert(digits.size() - d.scale, 1, '.');
  }
  return d.unscaled < 0 ? "-" + digits : digits;
}

void json_string(std::string_view text, std::string& out) {
  out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

/// Bytes have no place in JSON: text where they are UTF-8, hexadecimal otherwise.
void json_bytes(ByteView bytes, std::string& out) {
  if (is_utf8(as_string(bytes))) return json_string(as_string(bytes), out);
  out += '"';
  for (uint8_t b : bytes) out += fmt::format("{:02x}", b);
  out += '"';
}

void json(const Value& value, std::string& out, int depth);

void json_map(const ValueMap& map, std::string& out, int depth) {
  out += '{';
  for (const auto& [name, value] : map) {
    if (out.back() != '{') out += ',';
    json_string(name, out);
    out += ':';
    json(value, out, depth + 1);
  }
  out += '}';
}

void json_list(const ValueList& list, std::string& out, int depth) {
  out += '[';
  for (const Value& value : list) {
    if (out.back() != '[') out += ',';
    json(value, out, depth + 1);
  }
  out += ']';
}

void json(const Value& value, std::string& out, int depth) {
  if (depth > kValueDepthMax) {
    out += "null";
    return;
  }
  std::visit(
      [&](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, ValueMap>) {
          json_map(v, out, depth);
        } else if constexpr (std::is_same_v<T, ValueList>) {
          json_list(v, out, depth);
        } else if constexpr (std::is_same_v<T, ByteVec>) {
          json_bytes(v, out);
        } else if constexpr (std::is_same_v<T, std::string>) {
          json_string(v, out);
        } else if constexpr (std::is_same_v<T, Symbol>) {
          json_string(v.text, out);
        } else if constexpr (std::is_same_v<T, Uuid>) {
          json_string(uuid_text(v), out);
        } else if constexpr (std::is_floating_point_v<T>) {
          out += std::isfinite(v) ? fmt::format("{}", v) : "null";
        } else {
          out += value_text(value).value_or("null");
        }
      },
      value.v);
}

}  // namespace

std::optional<std::string> value_text(const Value& value) {
  return std::visit(
      [&](const auto& v) -> std::optional<std::string> {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          return std::nullopt;
        } else if constexpr (std::is_same_v<T, bool>) {
          return v ? "true" : "false";
        } else if constexpr (std::is_integral_v<T>) {
          return std::to_string(v);
        } else if constexpr (std::is_floating_point_v<T>) {
          return fmt::format("{}", v);
        } else if constexpr (std::is_same_v<T, Decimal>) {
          return decimal_text(v);
        } else if constexpr (std::is_same_v<T, TimestampMs>) {
          return std::to_string(v.ms);
        } else if constexpr (std::is_same_v<T, Uuid>) {
          return uuid_text(v);
        } else if constexpr (std::is_same_v<T, ByteVec>) {
          return std::string(as_string(v));
        } else if constexpr (std::is_same_v<T, std::string>) {
          return v;
        } else if constexpr (std::is_same_v<T, Symbol>) {
          return v.text;
        } else {
          std::string out;
          json(value, out, 0);
          return out;
        }
      },
      value.v);
}

}  // namespace godwit::model
