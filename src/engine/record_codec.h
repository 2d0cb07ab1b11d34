#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/fields.h"

namespace godwit::engine {

/// The stored type number of a record: its alternative's kType.
template <class... Record>
uint8_t record_type(const std::variant<Record...>& record) {
  return std::visit([]<class T>(const T&) { return T::kType; }, record);
}

/// Appends the record's fields; type and version travel beside them.
template <class... Record>
void encode_record(const std::variant<Record...>& record, ByteVec& out) {
  std::visit([&](const auto& r) { encode_fields(r, out); }, record);
}

/// Errors: kCorrupt: an unknown type, or bytes that are not exactly its fields.
template <class Variant>
Result<Variant> decode_record(uint8_t type, int version, ByteView body) {
  Reader in(body);
  Variant record;
  bool known = false;
  auto read = [&]<size_t I>(std::integral_constant<size_t, I>) {
    using Record = std::variant_alternative_t<I, Variant>;
    if (known || Record::kType != type) return;
    known = true;
    if (!decode_fields(in, version, record.template emplace<I>())) in.fail();
  };
  [&]<size_t... I>(std::index_sequence<I...>) {
    (read(std::integral_constant<size_t, I>()), ...);
  }(std::make_index_sequence<std::variant_size_v<Variant>>());
  if (!known) return fail(ErrorCode::kCorrupt, fmt::format("record type {} is unknown", type));
  if (!in.ok() || in.remaining() != 0)
    return fail(ErrorCode::kCorrupt, fmt::format("a record of type {} does not fill its {} bytes", type, body.size()));
  return record;
}

}  // namespace godwit::engine
