#include "base/utf8.h"

#include <cstdint>

namespace godwit {
namespace {

/// Bytes of the sequence at the front of `text`, 0 when it is malformed.
size_t sequence_length(std::string_view text) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
  auto continues = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  uint8_t b0 = byte(0);
  if (b0 < 0x80) return 1;
  if (b0 >= 0xc2 && b0 <= 0xdf) return continues(1) ? 2 : 0;
  uint8_t b1 = byte(1);
  if (b0 >= 0xe0 && b0 <= 0xef) {
    bool in_range = b0 == 0xe0 ? b1 >= 0xa0 : b0 == 0xed ? b1 < 0xa0 : true;
    return continues(1) && continues(2) && in_range ? 3 : 0;
  }
  if (b0 >= 0xf0 && b0 <= 0xf4) {
    bool in_range = b0 == 0xf0 ? b1 >= 0x90 : b0 == 0xf4 ? b1 < 0x90 : true;
    return continues(1) && continues(2) && continues(3) && in_range ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    size_t n = sequence_length(text);
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return true;
}

std::string to_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    size_t n = sequence_length(text);
    out += n == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, n);
    text.remove_prefix(n == 0 ? 1 : n);
  }
  return out;
}

}  // namespace godwit
