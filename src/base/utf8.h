#pragma once

#include <string>
#include <string_view>

namespace godwit {

/// Well-formed UTF-8: no overlong forms, surrogates or code points above U+10FFFF (Unicode 15, table 3-7).
bool is_utf8(std::string_view text);

/// `text` with U+FFFD in place of each byte that is not part of well-formed UTF-8.
std::string to_utf8(std::string_view text);

}  // namespace godwit
