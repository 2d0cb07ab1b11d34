#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace godwit {

/// Spec: RFC 4648, 4, with padding.
std::string to_base64(ByteView bytes);
/// Nothing unless `text` is base64 to its last character.
std::optional<ByteVec> from_base64(std::string_view text);

}  // namespace godwit
