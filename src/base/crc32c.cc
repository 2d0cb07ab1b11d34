#include "base/crc32c.h"

#include <isa-l/crc.h>

namespace godwit {

uint32_t crc32c(ByteView bytes, uint32_t seed) {
  if (bytes.empty()) return seed;
  // ISA-L takes a non-const pointer it never writes through, an int length, and neither pre- nor post-inverts.
  uint32_t crc = ~seed;
  while (!bytes.empty()) {
    size_t part = std::min<size_t>(bytes.size(), 1U << 30);
    crc = crc32_iscsi(const_cast<unsigned char*>(bytes.data()), static_cast<int>(part), crc);
    bytes = bytes.subspan(part);
  }
  return ~crc;
}

}  // namespace godwit
