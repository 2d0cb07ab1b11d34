#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "base/codec.h"
#include "base/limits.h"
#include "protocol/kafka/wire/types.h"

namespace godwit::protocol::kafka::wire {

/// Steps over a section of tagged fields: none of those that clients send changes an answer of ours.
inline void skip_tags(Reader& in) {
  uint64_t n = in.varint();
  for (uint64_t i = 0; i < n && in.ok(); ++i) {
    in.varint();
    in.sized();
  }
}

/// Reads a message by its fields(). A count is held against the bytes that remain and against kKafkaElementsMax before
/// anything is allocated for it; whatever does not fit fails the reader.
class Decoder {
 public:
  Decoder(Reader& in, int16_t version, bool flexible) : in_(in), version_(version), flexible_(flexible) {}

  template <class T>
  void operator()(std::string_view, T& v, Versions when = {}) {
    if (when.has(version_)) get(v);
  }
  template <class T>
  void message(T& v) {
    v.fields(*this);
    if (flexible_) skip_tags(in_);
  }

 private:
  void get(bool& v) { v = in_.u8() != 0; }
  template <std::integral T>
    requires(!std::is_same_v<T, bool>)
  void get(T& v) {
    v = in_.be<T>();
  }
  void get(Uuid& v) {
    ByteView b = in_.bytes(v.bytes.size());
    if (!b.empty()) std::copy(b.begin(), b.end(), v.bytes.begin());
  }
  void get(std::string& v) {
    int64_t n = string_length();
    if (n < 0) return in_.fail();
    v = in_.string(static_cast<size_t>(n));
  }
  void get(std::optional<std::string>& v) {
    int64_t n = string_length();
    if (n < 0)
      v.reset();
    else
      v = in_.string(static_cast<size_t>(n));
  }
  void get(ByteVec& v) {
    int64_t n = length();
    if (n < 0) return in_.fail();
    ByteView b = in_.bytes(static_cast<size_t>(n));
    v.assign(b.begin(), b.end());
  }
  void get(RecordsView& v) {
    int64_t n = length();
    if (n < 0)
      v.reset();
    else
      v = in_.bytes(static_cast<size_t>(n));
  }
  /// Only tests and tools read responses; they see the records as one part without a head.
  void get(Records& v) {
    RecordsView view;
    get(view);
    v = {};
    if (view && !view->empty()) v.add({.head = {}, .rest = Slice::copy(*view)});
  }
  template <class T>
  void get(std::vector<T>& v) {
    int64_t n = count();
    if (n < 0) return in_.fail();
    elements(v, n);
  }
  template <class T>
  void get(std::optional<std::vector<T>>& v) {
    int64_t n = count();
    if (n < 0)
      v.reset();
    else
      elements(v.emplace(), n);
  }
  template <class T>
    requires(requires(T& t, Decoder& f) { t.fields(f); })
  void get(T& v) {
    message(v);
  }

  /// Grows as elements are really there: reserving first would trust the count.
  template <class T>
  void elements(std::vector<T>& v, int64_t n) {
    v.clear();
    for (int64_t i = 0; i < n && in_.ok(); ++i) get(v.emplace_back());
  }
  int64_t string_length() {
    int64_t n = flexible_ ? compact_length() : in_.be<int16_t>();
    return checked(n);
  }
  int64_t length() {
    int64_t n = flexible_ ? compact_length() : in_.be<int32_t>();
    return checked(n);
  }
  int64_t count() {
    int64_t n = length();
    if (n <= 0) return n;
    if (static_cast<uint64_t>(n) > elements_left_) return in_.fail(), 0;
    elements_left_ -= static_cast<size_t>(n);
    return n;
  }
  int64_t compact_length() {
    uint64_t n = in_.varint();
    if (n > std::numeric_limits<int32_t>::max()) return in_.fail(), 0;
    return static_cast<int64_t>(n) - 1;
  }
  int64_t checked(int64_t n) {
    if (!in_.ok() || n < -1 || (n > 0 && static_cast<uint64_t>(n) > in_.remaining())) return in_.fail(), 0;
    return n;
  }

  Reader& in_;
  int16_t version_;
  bool flexible_;
  size_t elements_left_ = kKafkaElementsMax;
};

/// False when the bytes do not follow the message's description at that version.
template <class T>
[[nodiscard]] bool decode(Reader& in, int16_t version, bool flexible, T& into) {
  Decoder decoder(in, version, flexible);
  decoder.message(into);
  return in.ok();
}

}  // namespace godwit::protocol::kafka::wire
