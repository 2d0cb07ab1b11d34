#include "base/limits.h"
#include "base/utf8.h"
#include "model/settings.h"

namespace godwit::model {

namespace {

/// U+0000 to U+001F and U+007F to U+009F, in well-formed UTF-8.
bool has_control_characters(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

}  // namespace

bool valid_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && is_utf8(text) && !has_control_characters(text);
}

}  // namespace godwit::model
