#include "broker/snapshot_blobs.h"

#include <string_view>
#include <unordered_map>

namespace godwit::broker {

void SnapshotBlobs::add(const storage::ShardSnapshotRef& ref, uint64_t blob_bytes) {
  places_[ref.shard] = {ref.blob, ref.bytes, blob_bytes};
}

std::vector<ShardId> SnapshotBlobs::to_move(const std::function<bool(ShardId)>& anew) const {
  std::unordered_map<std::string_view, uint64_t> needed;
  for (const auto& [shard, place] : places_)
    if (!anew(shard)) needed[place.blob] += place.bytes;
  std::vector<ShardId> shards;
  for (const auto& [shard, place] : places_)
    if (!anew(shard) && needed[place.blob] < place.blob_bytes / 2) shards.push_back(shard);
  return shards;
}

}  // namespace godwit::broker
