#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/codec.h"
#include "protocol/kafka/wire/types.h"

namespace godwit::protocol::kafka::wire {

/// Encoded bytes with large shared ones laid in between: `bytes` with each slice inserted where it says.
struct Encoded {
  struct Insert {
    size_t at = 0;  ///< position in `bytes`
    Slice slice;
  };
  ByteVec bytes;
  std::vector<Insert> inserts;
  size_t inserted_bytes = 0;

  size_t size() const { return bytes.size() + inserted_bytes; }
};

/// Writes a message by its fields().
class Encoder {
 public:
  Encoder(Encoded& out, int16_t version, bool flexible)
      : encoded_(out), out_(out.bytes), version_(version), flexible_(flexible) {}

  template <class T>
  void operator()(std::string_view, const T& v, Versions when = {}) {
    if (when.has(version_)) put(v);
  }
  template <class T>
  void message(const T& v) {
    const_cast<T&>(v).fields(*this);  // fields() only hands out references; an encoder never assigns through them
    if (flexible_) out_.u8(0);        // no tagged fields
  }

 private:
  void put(bool v) { out_.u8(v); }
  template <std::integral T>
    requires(!std::is_same_v<T, bool>)
  void put(T v) {
    out_.be(v);
  }
  void put(const Uuid& v) { out_.bytes(ByteView(v.bytes)); }
  void put(const std::string& v) {
    string_length(static_cast<int64_t>(v.size()));
    out_.bytes(v);
  }
  void put(const std::optional<std::string>& v) {
    if (v)
      put(*v);
    else
      string_length(-1);
  }
  void put(const ByteVec& v) {
    length(static_cast<int64_t>(v.size()));
    out_.bytes(v);
  }
  void put(const RecordsView& v) {
    length(v ? static_cast<int64_t>(v->size()) : -1);
    if (v) out_.bytes(*v);
  }
  void put(const Records& v) {
    length(static_cast<int64_t>(v.bytes));
    for (const Records::Part& part : v.parts) {
      out_.bytes(ByteView(part.head).first(part.head_bytes));
      encoded_.inserts.push_back({out_.size(), part.rest});
      encoded_.inserted_bytes += part.rest.size();
    }
  }
  template <class T>
  void put(const std::vector<T>& v) {
    length(static_cast<int64_t>(v.size()));
    for (const T& e : v) put(e);
  }
  template <class T>
  void put(const std::optional<std::vector<T>>& v) {
    if (v)
      put(*v);
    else
      length(-1);
  }
  template <class T>
    requires(requires(T& t, Encoder& f) { t.fields(f); })
  void put(const T& v) {
    message(v);
  }

  void string_length(int64_t n) {
    if (flexible_)
      out_.varint(static_cast<uint64_t>(n + 1));
    else
      out_.be(static_cast<int16_t>(n));
  }
  void length(int64_t n) {
    if (flexible_)
      out_.varint(static_cast<uint64_t>(n + 1));
    else
      out_.be(static_cast<int32_t>(n));
  }

  Encoded& encoded_;
  Writer out_;
  int16_t version_;
  bool flexible_;
};

}  // namespace godwit::protocol::kafka::wire
