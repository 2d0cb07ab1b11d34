#pragma once

#include <expected>
#include <string_view>

#include "base/error.h"

namespace godwit::storage {

/// The error of a file without which a start cannot go on. `file` is its path in the data directory. Where it is damage
/// there is nothing older or earlier to go on from either, and the message says what is left to do.
std::unexpected<Error> unreadable(std::string_view file, const Error& error);

}  // namespace godwit::storage
