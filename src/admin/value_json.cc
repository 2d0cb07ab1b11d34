#include <charconv>
#include <cmath>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "admin/message_json.h"
#include "base/base64.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "model/value_text.h"

namespace godwit::admin {
namespace {

namespace json = boost::json;

json::object typed(std::string_view type, json::value value) { return {{type, std::move(value)}}; }

struct ToJson {
  json::value operator()(std::monostate) const { return nullptr; }
  json::value operator()(bool v) const { return v; }
  template <class T>
    requires(std::is_arithmetic_v<T>)
  json::value operator()(T v) const {
    if constexpr (std::is_floating_point_v<T>)
      if (!std::isfinite(v)) return typed("double", json::string(fmt::format("{}", v)));
    return json::value(v);
  }
  json::value operator()(const std::string& v) const {
    return is_utf8(v) ? json::value(json::string(v)) : typed("base64", json::string(to_base64(as_bytes(v))));
  }
  json::value operator()(const model::Symbol& v) const { return typed("symbol", json::string(v.text)); }
  json::value operator()(const model::TimestampMs& v) const { return typed("timestamp_ms", v.ms); }
  json::value operator()(const model::Uuid& v) const {
    return typed("uuid", json::string(model::value_text(model::Value(v)).value_or("")));
  }
  json::value operator()(const model::Decimal& v) const {
    return typed("decimal", json::string(model::value_text(model::Value(v)).value_or("")));
  }
  json::value operator()(const ByteVec& v) const { return typed("base64", json::string(to_base64(v))); }
  json::value operator()(const model::ValueList& v) const {
    json::array list;
    for (const model::Value& item : v) list.push_back(value_to_json(item));
    return list;
  }
  json::value operator()(const model::ValueMap& v) const {
    json::object map;
    for (const auto& [name, item] : v) map[name] = value_to_json(item);
    return map;
  }
};

std::optional<Result<model::Value>> typed_from_json(const json::object& object) {
  if (object.size() != 1) return std::nullopt;
  const auto& [type, value] = *object.begin();
  if (type == "base64" && value.is_string()) {
    std::optional<ByteVec> bytes = from_base64(value.as_string());
    if (!bytes) return fail(ErrorCode::kInvalidArgument, "a header's base64 is malformed");
    return model::Value(std::move(*bytes));
  }
  if (type == "timestamp_ms" && value.is_int64()) return model::Value(model::TimestampMs{value.as_int64()});
  return std::nullopt;
}

Result<model::Value> from_json(const json::value& value, int depth) {
  if (depth > kValueDepthMax) return fail(ErrorCode::kInvalidArgument, "a header is nested too deeply");
  switch (value.kind()) {
    case json::kind::null: return model::Value();
    case json::kind::bool_: return model::Value(value.as_bool());
    case json::kind::int64: return model::Value(int64_t{value.as_int64()});
    case json::kind::uint64: return model::Value(uint64_t{value.as_uint64()});
    case json::kind::double_: return model::Value(value.as_double());
    case json::kind::string: return model::Value(std::string(value.as_string()));
    case json::kind::array: {
      model::ValueList list;
      for (const json::value& item : value.as_array()) {
        auto read = from_json(item, depth + 1);
        if (!read) return read;
        list.push_back(std::move(*read));
      }
      return model::Value(std::move(list));
    }
    case json::kind::object: break;
  }
  if (auto special = typed_from_json(value.as_object())) return std::move(*special);
  model::ValueMap map;
  for (const auto& [name, item] : value.as_object()) {
    auto read = from_json(item, depth + 1);
    if (!read) return read;
    map.emplace_back(std::string(name), std::move(*read));
  }
  return model::Value(std::move(map));
}

}  // namespace

json::value value_to_json(const model::Value& value) { return std::visit(ToJson{}, value.v); }

Result<model::Value> value_from_json(const json::value& value) { return from_json(value, 0); }

}  // namespace godwit::admin
