#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/codec.h"
#include "base/ids.h"
#include "base/shared.h"

namespace godwit {

/// The one description of a stored or transported value: a type lists its members in
///
///   template <class F> void fields(F& f) { f(name)(partitions).since(2)(config); }
///
/// and FieldWriter and FieldReader follow from it. Integers are varints (zigzag when signed), strings and byte vectors
/// are a length and bytes, vectors and maps a count and elements, optionals a flag and a value, variants an index and
/// a value, a Shared its value, enums their number. A member after `.since(n)` exists from version n on: an older
/// writer never wrote it, and a reader of older bytes leaves it at its default.
class FieldWriter {
 public:
  explicit FieldWriter(Writer& out) : out_(out) {}

  FieldWriter& since(int) { return *this; }
  template <class T>
  FieldWriter& operator()(const T& v) {
    put(v);
    return *this;
  }

 private:
  void put(bool v) { out_.u8(v); }
  void put(float v) { out_.le(std::bit_cast<uint32_t>(v)); }
  void put(double v) { out_.le(std::bit_cast<uint64_t>(v)); }
  template <size_t N>
  void put(const std::array<uint8_t, N>& v) {
    out_.bytes(ByteView(v));
  }
  template <class A, class B>
  void put(const std::pair<A, B>& v) {
    (*this)(v.first)(v.second);
  }
  void put(const std::string& v) { out_.sized(as_bytes(v)); }
  void put(const ByteVec& v) { out_.sized(v); }
  void put(const Slice& v) { out_.sized(v); }
  void put(Offset v) { out_.zigzag(v.value); }
  template <class Tag, class Int>
  void put(Id<Tag, Int> v) {
    out_.varint(v.value);
  }
  template <class T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>)
  void put(T v) {
    if constexpr (std::is_enum_v<T>)
      out_.varint(static_cast<uint64_t>(v));
    else if constexpr (std::is_signed_v<T>)
      out_.zigzag(v);
    else
      out_.varint(v);
  }
  void put(const PartitionId& v) { (*this)(v.topic)(v.index); }
  void put(const LedgerId& v) { (*this)(v.queue)(v.partition); }
  template <class T>
  void put(const std::vector<T>& v) {
    out_.varint(v.size());
    for (const T& e : v) put(e);
  }
  template <class K, class V, class C>
  void put(const std::map<K, V, C>& v) {
    out_.varint(v.size());
    for (const auto& [key, value] : v) (*this)(key)(value);
  }
  template <class T>
  void put(const std::optional<T>& v) {
    put(v.has_value());
    if (v) put(*v);
  }
  template <class... T>
  void put(const std::variant<T...>& v) {
    out_.varint(v.index());
    std::visit([&](const auto& e) { put(e); }, v);
  }
  void put(const std::monostate&) {}
  template <class T>
  void put(const Shared<T>& v) {
    put(*v);
  }
  template <class T>
    requires(std::is_class_v<T> && requires(T& t, FieldWriter& f) { t.fields(f); })
  void put(const T& v) {
    const_cast<T&>(v).fields(*this);  // fields() only hands out references; a writer never assigns through them
  }

  Writer& out_;
};

class FieldReader {
 public:
  FieldReader(Reader& in, int version) : in_(in), version_(version) {}

  FieldReader& since(int version) {
    skip_ = version_ < version;
    return *this;
  }
  template <class T>
  FieldReader& operator()(T& v) {
    if (!skip_) get(v);
    return *this;
  }

 private:
  /// An element takes at least one byte, so a count above the bytes that remain is a lie: nothing is reserved for it.
  size_t count() {
    uint64_t n = in_.varint();
    if (n > in_.remaining()) return in_.fail(), 0;
    return n;
  }
  void get(bool& v) { v = in_.u8() != 0; }
  void get(float& v) { v = std::bit_cast<float>(in_.le<uint32_t>()); }
  void get(double& v) { v = std::bit_cast<double>(in_.le<uint64_t>()); }
  template <size_t N>
  void get(std::array<uint8_t, N>& v) {
    ByteView b = in_.bytes(N);
    if (b.size() == N) std::memcpy(v.data(), b.data(), N);
  }
  template <class A, class B>
  void get(std::pair<A, B>& v) {
    (*this)(v.first)(v.second);
  }
  void get(std::string& v) { v = as_string(in_.sized()); }
  void get(ByteVec& v) {
    ByteView b = in_.sized();
    v.assign(b.begin(), b.end());
  }
  void get(Slice& v) { v = Slice::copy(in_.sized()); }
  void get(Offset& v) { v.value = in_.zigzag(); }
  template <class Tag, class Int>
  void get(Id<Tag, Int>& v) {
    v.value = static_cast<Int>(in_.varint());
  }
  template <class T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>)
  void get(T& v) {
    if constexpr (std::is_enum_v<T> || std::is_unsigned_v<T>)
      v = static_cast<T>(in_.varint());
    else
      v = static_cast<T>(in_.zigzag());
  }
  void get(PartitionId& v) { (*this)(v.topic)(v.index); }
  void get(LedgerId& v) { (*this)(v.queue)(v.partition); }
  template <class T>
  void get(std::vector<T>& v) {
    v.clear();
    size_t n = count();
    for (size_t i = 0; i < n && in_.ok(); ++i) get(v.emplace_back());
  }
  template <class K, class V, class C>
  void get(std::map<K, V, C>& v) {
    v.clear();
    size_t n = count();
    for (size_t i = 0; i < n && in_.ok(); ++i) {
      K key{};
      get(key);
      get(v[std::move(key)]);
    }
  }
  template <class T>
  void get(std::optional<T>& v) {
    bool present = false;
    get(present);
    v.reset();
    if (present) get(v.emplace());
  }
  template <class... T>
  void get(std::variant<T...>& v) {
    uint64_t index = in_.varint();
    if (index >= sizeof...(T)) return in_.fail();
    get_alternative<0>(v, index);
  }
  template <size_t I, class... T>
  void get_alternative(std::variant<T...>& v, size_t index) {
    if constexpr (I < sizeof...(T)) {
      if (index == I)
        get(v.template emplace<I>());
      else
        get_alternative<I + 1>(v, index);
    }
  }
  void get(std::monostate&) {}
  template <class T>
  void get(Shared<T>& v) {
    T value;
    get(value);
    v = std::move(value);
  }
  template <class T>
    requires(std::is_class_v<T> && requires(T& t, FieldReader& f) { t.fields(f); })
  void get(T& v) {
    bool outer = std::exchange(skip_, false);
    v.fields(*this);
    skip_ = outer;
  }

  Reader& in_;
  int version_;
  bool skip_ = false;
};

template <class T>
void encode_fields(const T& value, ByteVec& out) {
  Writer writer(out);
  FieldWriter f(writer);
  f(value);
}

/// False when the bytes end early or a count lies. Bytes after the value are the caller's.
template <class T>
[[nodiscard]] bool decode_fields(Reader& in, int version, T& value) {
  FieldReader f(in, version);
  f(value);
  return in.ok();
}

}  // namespace godwit
