#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.h"

namespace godwit {

/// Writes integers and byte strings at the end of a ByteVec. `be` is network order, `le` the order of our own formats.
class Writer {
 public:
  explicit Writer(ByteVec& out) : out_(out) {}

  ByteVec& out() { return out_; }
  size_t size() const { return out_.size(); }

  void u8(uint8_t v) { out_.push_back(v); }
  template <std::integral T>
  void be(T v) {
    put(std::endian::native == std::endian::little ? std::byteswap(v) : v);
  }
  template <std::integral T>
  void le(T v) {
    put(std::endian::native == std::endian::little ? v : std::byteswap(v));
  }
  void bytes(ByteView b) { out_.insert(out_.end(), b.begin(), b.end()); }
  void bytes(std::string_view s) { bytes(as_bytes(s)); }
  /// Unsigned LEB128: seven bits a byte, lowest first, 1 to 10 bytes.
  void varint(uint64_t v) {
    while (v >= 0x80) {
      out_.push_back(static_cast<uint8_t>(v | 0x80));
      v >>= 7;
    }
    out_.push_back(static_cast<uint8_t>(v));
  }
  /// Signed, zigzag: small magnitudes stay short.
  void zigzag(int64_t v) { varint((static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63)); }
  /// A length as varint, then the bytes.
  void sized(ByteView b) {
    varint(b.size());
    bytes(b);
  }

  /// Overwrites an integer written earlier at `pos`; for lengths known only afterwards.
  template <std::integral T>
  void patch_be(size_t pos, T v) {
    T raw = std::endian::native == std::endian::little ? std::byteswap(v) : v;
    std::memcpy(out_.data() + pos, &raw, sizeof raw);
  }
  template <std::integral T>
  void patch_le(size_t pos, T v) {
    T raw = std::endian::native == std::endian::little ? v : std::byteswap(v);
    std::memcpy(out_.data() + pos, &raw, sizeof raw);
  }

 private:
  template <std::integral T>
  void put(T raw) {
    size_t at = out_.size();
    out_.resize(at + sizeof raw);
    std::memcpy(out_.data() + at, &raw, sizeof raw);
  }

  ByteVec& out_;
};

/// Reads what Writer writes, within bounds. The first read past the end fails the reader for good: later reads return
/// zero or empty, so a decoder may read a whole structure and look at `ok()` once.
class Reader {
 public:
  explicit Reader(ByteView in) : begin_(in.data()), at_(in.data()), end_(in.data() + in.size()) {}

  bool ok() const { return ok_; }
  void fail() { ok_ = false, at_ = end_; }
  size_t remaining() const { return static_cast<size_t>(end_ - at_); }
  /// Bytes consumed so far.
  size_t position() const { return static_cast<size_t>(at_ - begin_); }
  ByteView rest() const { return {at_, remaining()}; }

  uint8_t u8() { return get<uint8_t>(); }
  template <std::integral T>
  T be() {
    T v = get<T>();
    return std::endian::native == std::endian::little ? std::byteswap(v) : v;
  }
  template <std::integral T>
  T le() {
    T v = get<T>();
    return std::endian::native == std::endian::little ? v : std::byteswap(v);
  }
  ByteView bytes(size_t n) {
    if (n > remaining()) return fail(), ByteView{};
    ByteView b(at_, n);
    at_ += n;
    return b;
  }
  std::string_view string(size_t n) { return as_string(bytes(n)); }
  uint64_t varint() {
    uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      uint8_t b = u8();
      v |= static_cast<uint64_t>(b & 0x7f) << shift;
      if (!(b & 0x80)) return v;
    }
    return fail(), 0;
  }
  int64_t zigzag() {
    uint64_t v = varint();
    return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
  }
  ByteView sized() {
    uint64_t n = varint();
    if (n > remaining()) return fail(), ByteView{};
    return bytes(n);
  }

 private:
  template <std::integral T>
  T get() {
    if (sizeof(T) > remaining()) return fail(), T{};
    T raw;
    std::memcpy(&raw, at_, sizeof raw);
    at_ += sizeof raw;
    return raw;
  }

  const uint8_t* begin_;
  const uint8_t* at_;
  const uint8_t* end_;
  bool ok_ = true;
};

}  // namespace godwit
