#pragma once

#include <string>

#include "base/bytes.h"

namespace godwit {

/// The bytes of tests/golden/<name>.hex, which are kept for ever: what one release wrote, every later one reads.
/// With GODWIT_WRITE_GOLDEN set in the environment a missing file is written from `written`; an existing one never is.
ByteVec golden(const std::string& name, ByteView written);

/// The bytes of a version that is read for ever, and that nobody writes any more.
ByteVec golden(const std::string& name);

}  // namespace godwit
