#include "storage/damage.h"

#include <fmt/format.h>

namespace godwit::storage {

std::unexpected<Error> unreadable(std::string_view file, const Error& error) {
  if (error.code != ErrorCode::kCorrupt) return fail(error.code, fmt::format("{}: {}", file, error.message));
  return fail(error.code, fmt::format("{}: {}. Restore the data directory from a copy: --repair cannot mend this.",
                                      file, error.message));
}

}  // namespace godwit::storage
