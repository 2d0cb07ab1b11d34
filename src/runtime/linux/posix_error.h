#pragma once

#include <expected>
#include <string_view>

#include "base/error.h"

namespace godwit::runtime {

/// The refusal that `errno` stands for, with the call, the path and the system's words: kNotFound, kAlreadyExists,
/// kFull (no space, quota), else kIo.
std::unexpected<Error> posix_error(std::string_view call, std::string_view path);

}  // namespace godwit::runtime
