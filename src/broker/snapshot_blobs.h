#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "storage/manifest.h"

namespace godwit::broker {

/// Where the newest snapshots of a worker's shards lie. A blob stays while one shard's does, so a shard that nothing
/// happens to would keep what others have long written anew.
class SnapshotBlobs {
 public:
  /// The shard's newest, in a blob of `blob_bytes`.
  void add(const storage::ShardSnapshotRef& ref, uint64_t blob_bytes);
  /// Shards to be written together with those for which `anew` holds: of blobs of which then less than half is needed.
  std::vector<ShardId> to_move(const std::function<bool(ShardId)>& anew) const;

 private:
  struct Place {
    std::string blob;
    uint64_t bytes = 0;
    uint64_t blob_bytes = 0;
  };
  std::map<ShardId, Place> places_;
};

}  // namespace godwit::broker
