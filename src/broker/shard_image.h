#pragma once

#include <map>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "broker/stage.h"
#include "storage/segment.h"

namespace godwit::broker {

class Worker;

struct ShardSegments {
  PartitionId partition;
  std::vector<storage::SegmentRef> segments;
  template <class F>
  void fields(F& f) {
    f(partition)(segments);
  }
};
/// Where the messages of the dirty shards' partitions are. `written`: segments that a checkpoint adds to those the
/// partitions have. Goes through all partitions: once for all shards.
std::unordered_map<ShardId, std::vector<ShardSegments>> segments_of_dirty(
    Worker& worker, const std::map<PartitionId, std::vector<storage::SegmentRef>>& written);

/// A shard's snapshot as it is stored: the engine's facts, the consumer groups, the catalog (shard 0), and its
/// segments. Format: docs/formats/snapshot.md.
ByteVec encode_shard_image(Worker& worker, const Stage::OwnedShard& owner, const std::vector<ShardSegments>& segments);

/// A record of another part than the engine, as it stands in the journal.
struct StoredRecord {
  uint8_t type = 0;
  uint8_t version = 0;
  ByteVec body;
  template <class F>
  void fields(F& f) {
    f(type)(version)(body);
  }
};
/// An image taken apart. `facts` is a part of its bytes.
struct ShardImage {
  ByteView facts;
  std::vector<StoredRecord> records;
  std::vector<ShardSegments> segments;
};
/// Errors: kCorrupt, kUnsupported.
Result<ShardImage> decode_shard_image(ByteView image);

/// Into a worker that has nothing of the shard. Errors: kCorrupt, kUnsupported.
Result<std::vector<ShardSegments>> restore_shard_image(Worker& worker, ShardId shard, ByteView image, uint64_t seq);

}  // namespace godwit::broker
