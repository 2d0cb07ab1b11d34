#include "broker/shard_image.h"

#include <algorithm>

#include "base/crc32c.h"
#include "base/fields.h"
#include "broker/worker.h"
#include "engine/record_codec.h"

namespace godwit::broker {
namespace {

constexpr uint8_t kVersion = 1;

template <class Record>
void add_records(const std::vector<Record>& records, uint8_t version, std::vector<StoredRecord>& out) {
  for (const Record& record : records) {
    StoredRecord stored{engine::record_type(record), version, {}};
    engine::encode_record(record, stored.body);
    out.push_back(std::move(stored));
  }
}

}  // namespace

std::unordered_map<ShardId, std::vector<ShardSegments>> segments_of_dirty(
    Worker& worker, const std::map<PartitionId, std::vector<storage::SegmentRef>>& written) {
  std::unordered_map<ShardId, std::vector<ShardSegments>> shards;
  for (auto& [id, p] : worker.partitions().all()) {
    if (p->is_volatile() || !p->owner->dirty) continue;
    ShardSegments mine{id, p->log.segments()};
    if (auto more = written.find(id); more != written.end())
      mine.segments.insert(mine.segments.end(), more->second.begin(), more->second.end());
    if (!mine.segments.empty()) shards[p->owner->shard.id()].push_back(std::move(mine));
  }
  for (auto& [shard, all] : shards)
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.partition < b.partition; });
  return shards;
}

ByteVec encode_shard_image(Worker& worker, const Stage::OwnedShard& owner, const std::vector<ShardSegments>& segments) {
  ByteVec image;
  Writer out(image);
  out.u8(kVersion);
  ByteVec facts;
  owner.shard.snapshot(facts);
  out.sized(facts);
  std::vector<StoredRecord> records;
  add_records(worker.groups().snapshot(owner.shard.id()), engine::kGroupRecordVersion, records);
  if (owner.shard.id().value == kCatalogShard)
    add_records(worker.catalog().snapshot(), engine::kCatalogRecordVersion, records);
  encode_fields(records, image);
  encode_fields(segments, image);
  out.le(crc32c(image));
  return image;
}

Result<ShardImage> decode_shard_image(ByteView bytes) {
  constexpr size_t kCrcBytes = 4;
  if (bytes.size() < kCrcBytes) return fail(ErrorCode::kCorrupt, "the snapshot is cut short");
  Reader check(bytes.last(kCrcBytes));
  bytes = bytes.first(bytes.size() - kCrcBytes);
  if (check.le<uint32_t>() != crc32c(bytes)) return fail(ErrorCode::kCorrupt, "the snapshot fails its check");
  Reader in(bytes);
  if (in.u8() != kVersion) return fail(ErrorCode::kUnsupported, "the snapshot was written by a newer release");
  ShardImage image;
  image.facts = in.sized();
  if (!decode_fields(in, kVersion, image.records) || !decode_fields(in, kVersion, image.segments))
    return fail(ErrorCode::kCorrupt, "the snapshot is cut short");
  return image;
}

Result<std::vector<ShardSegments>> restore_shard_image(Worker& worker, ShardId shard, ByteView bytes, uint64_t seq) {
  Result<ShardImage> image = decode_shard_image(bytes);
  if (!image) return std::unexpected(image.error());
  if (auto restored = worker.stage().shard(shard).shard.restore(image->facts, seq); !restored)
    return std::unexpected(restored.error());
  for (const StoredRecord& record : image->records) {
    bool catalog = record.type >= static_cast<uint8_t>(engine::RecordType::kFirstCatalog);
    auto replayed = catalog ? worker.catalog().replay(record.type, record.version, record.body)
                            : worker.groups().replay(shard, record.type, record.version, record.body);
    if (!replayed) return std::unexpected(replayed.error());
  }
  return std::move(image->segments);
}

}  // namespace godwit::broker
