#pragma once

#include <random>

#include "base/bytes.h"

namespace godwit::bench {

/// `size` bytes, the same on every run.
inline ByteVec random_bytes(size_t size) {
  std::mt19937_64 random(1);
  ByteVec bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

}  // namespace godwit::bench
