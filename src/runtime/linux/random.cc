#include "runtime/linux/random.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace godwit::runtime {

void fill_random(std::span<uint8_t> into) {
  while (!into.empty()) {
    ssize_t n = ::getrandom(into.data(), into.size(), 0);
    CHECK(n > 0 || errno == EINTR, "getrandom: {}", errno);
    if (n > 0) into = into.subspan(static_cast<size_t>(n));
  }
}

uint64_t random_u64() {
  std::array<uint8_t, 8> bytes;
  fill_random(bytes);
  uint64_t value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace godwit::runtime
