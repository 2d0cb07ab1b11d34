#include "runtime/linux/posix_error.h"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace godwit::runtime {
namespace {

ErrorCode code_of(int number) {
  switch (number) {
    case ENOENT: return ErrorCode::kNotFound;
    case EEXIST: return ErrorCode::kAlreadyExists;
    case ENOSPC:
    case EDQUOT: return ErrorCode::kFull;
    default: return ErrorCode::kIo;
  }
}

}  // namespace

std::unexpected<Error> posix_error(std::string_view call, std::string_view path) {
  int number = errno;
  return fail(code_of(number), fmt::format("{}: {}: {}", path, call, std::generic_category().message(number)));
}

}  // namespace godwit::runtime
