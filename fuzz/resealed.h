#pragma once

#include "base/bytes.h"
#include "base/codec.h"
#include "base/crc32c.h"

namespace godwit::fuzz {

/// `bytes` with a right CRC-32C over [0, at) at `at`, so that mutations reach behind the check.
inline ByteVec resealed(ByteView bytes, size_t at, uint32_t seed = 0) {
  ByteVec copy(bytes.begin(), bytes.end());
  if (copy.size() < at + 4) return copy;
  Writer(copy).patch_le(at, crc32c(ByteView(copy).first(at), seed));
  return copy;
}

/// The same for formats whose check is their last four bytes.
inline ByteVec resealed_at_end(ByteView bytes) {
  return bytes.size() < 4 ? ByteVec() : resealed(bytes, bytes.size() - 4);
}

}  // namespace godwit::fuzz
