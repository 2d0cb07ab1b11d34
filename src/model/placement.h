#pragma once

#include <string_view>

#include "base/ids.h"

namespace godwit::model {

/// Which of the kShardCount shards a partition, or a consumer group, lives on. Stable for ever: shard numbers are
/// stored.
ShardId shard_of(PartitionId partition);
ShardId shard_of_group(std::string_view space, std::string_view group);

}  // namespace godwit::model
