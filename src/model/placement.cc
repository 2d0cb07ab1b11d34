#include "model/placement.h"

#include "base/crc32c.h"
#include "base/limits.h"

namespace godwit::model {

ShardId shard_of(PartitionId partition) {
  return ShardId(static_cast<uint16_t>(mix64(mix64(partition.topic.value) + partition.index) % kShardCount));
}

ShardId shard_of_group(std::string_view space, std::string_view group) {
  uint32_t hash = crc32c(as_bytes(group), crc32c(as_bytes(space)));
  return ShardId(static_cast<uint16_t>(mix64(hash) % kShardCount));
}

}  // namespace godwit::model
