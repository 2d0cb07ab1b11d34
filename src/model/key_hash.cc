#include "model/key_hash.h"

#include "base/codec.h"

namespace godwit::model {

uint32_t partition_of_key(ByteView key, uint32_t partitions) {
  constexpr uint32_t kSeed = 0x9747b28c;
  constexpr uint32_t kMix = 0x5bd1e995;
  auto hash = kSeed ^ static_cast<uint32_t>(key.size());
  Reader in(key);
  while (in.remaining() >= 4) {
    uint32_t k = in.le<uint32_t>() * kMix;
    k = (k ^ k >> 24) * kMix;
    hash = hash * kMix ^ k;
  }
  ByteView tail = in.rest();
  for (size_t i = tail.size(); i-- > 0;) hash ^= static_cast<uint32_t>(tail[i]) << (8 * i);
  if (!tail.empty()) hash *= kMix;
  hash = (hash ^ hash >> 13) * kMix;
  hash ^= hash >> 15;
  return (hash & 0x7fffffff) % partitions;
}

}  // namespace godwit::model
