#pragma once

#include <map>
#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "sim/sim_world.h"

namespace godwit::sim {

/// All that a restart must know, shard by shard: sequence number, facts of partitions and ledgers, groups, catalog.
/// Hidden messages whose time has come are ready in it: that happens by the clock and leaves no record.
using Replica = std::map<ShardId, ByteVec>;

Replica replica_of(World& world);
/// What the two differ in, in words; empty when they are equal. Shards without any fact do not count.
std::string difference(const Replica& was, const Replica& is);

}  // namespace godwit::sim
