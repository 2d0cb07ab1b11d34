#include "base/crc32c.h"

#include <isa-l/crc.h>

namespace godwit {
namespace {

// ISA-L 2.30 leaves the upper halves of the vector registers dirty where it used AVX-512. Code compiled for SSE, as
// ours is, then stalls at its next vector instruction for 150 to 300 ns, ten times what the CRC of 1 KiB takes
// (bench/micro, read_stored_batch).
void clean_vector_registers() {
#if defined(__x86_64__)
  static const bool has_avx = __builtin_cpu_supports("avx");
  if (has_avx) asm volatile("vzeroupper");
#endif
}

}  // namespace

uint32_t crc32c(ByteView bytes, uint32_t seed) {
  if (bytes.empty()) return seed;
  // ISA-L takes a non-const pointer it never writes through, an int length, and neither pre- nor post-inverts.
  uint32_t crc = ~seed;
  while (!bytes.empty()) {
    size_t part = std::min<size_t>(bytes.size(), 1U << 30);
    crc = crc32_iscsi(const_cast<unsigned char*>(bytes.data()), static_cast<int>(part), crc);
    bytes = bytes.subspan(part);
  }
  clean_vector_registers();
  return ~crc;
}

}  // namespace godwit
