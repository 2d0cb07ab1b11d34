#include <cstddef>
#include <cstdint>
#include <tuple>

#include "base/check.h"
#include "broker/shard_image.h"
#include "engine/catalog_records.h"
#include "engine/group_records.h"
#include "engine/record_codec.h"
#include "engine/records.h"
#include "engine/shard.h"
#include "resealed.h"
#include "storage/superblock.h"

using namespace godwit;

namespace {

struct NoJournal final : engine::RecordSink {
  void record(ShardId, engine::RecordType, uint8_t, uint64_t, ByteView, Slice) override {}
};

void superblock(ByteView bytes) {
  (void)storage::decode_superblock(bytes);
  ByteVec sealed = fuzz::resealed(bytes, storage::Superblock::kBytes - 4);
  if (auto read = storage::decode_superblock(sealed))
    CHECK(storage::decode_superblock(storage::encode_superblock(*read)).value() == *read);
}

/// What is restored is written as bytes that restore to the same.
void facts(ByteView bytes) {
  NoJournal none;
  engine::Shard once(ShardId(0), none), again(ShardId(0), none);
  if (!once.restore(bytes, 1)) return;
  once.restart();
  ByteVec written;
  once.snapshot(written);
  CHECK(again.restore(written, 1).has_value());
  CHECK(again.same_facts(once));
}

template <class Variant>
void record(uint8_t type, uint8_t version, ByteView body, uint8_t newest) {
  Result<Variant> read = engine::decode_record<Variant>(type, version, body);
  if (!read) return;
  ByteVec once, twice;
  engine::encode_record(*read, once);
  Result<Variant> again = engine::decode_record<Variant>(type, newest, once);
  CHECK(again.has_value());
  engine::encode_record(*again, twice);
  CHECK(once == twice);
}

template <class Record>
void shard_record(uint8_t type, uint8_t version, ByteView body) {
  Record read, again;
  Reader in(body);
  if (type != static_cast<uint8_t>(Record::kType) || !decode_fields(in, version, read)) return;
  ByteVec once, twice;
  encode_fields(read, once);
  Reader back(once);
  CHECK(decode_fields(back, Record::kVersion, again));
  encode_fields(again, twice);
  CHECK(once == twice);
}

template <class... Record>
void shard_records(std::tuple<Record...>*, uint8_t type, uint8_t version, ByteView body) {
  (shard_record<Record>(type, version, body), ...);
}
using ShardRecords =
    std::tuple<engine::BatchAppended, engine::PartitionOpened, engine::PartitionClosed, engine::LogStartMoved,
               engine::EpochStarted, engine::LedgerOpened, engine::LedgerClosed, engine::Settled, engine::Returned,
               engine::Delivered, engine::Leased, engine::Deferred, engine::SessionChanged, engine::OutboxAdded,
               engine::OutboxCleared, engine::Scheduled, engine::ScheduleEnded, engine::ReaderMoved, engine::Passed>;

void any_record(uint8_t type, uint8_t version, ByteView body) {
  shard_records(static_cast<ShardRecords*>(nullptr), type, version, body);
  record<engine::GroupRecord>(type, version, body, engine::kGroupRecordVersion);
  record<engine::CatalogRecord>(type, version, body, engine::kCatalogRecordVersion);
}

/// One after another, each as type, version, and its fields behind their length: as tests/golden has them.
void records(ByteView bytes) {
  Reader in(bytes);
  while (in.ok() && in.remaining() > 0) {
    uint8_t type = in.u8();
    uint8_t version = in.u8();
    any_record(type, version, in.sized());
  }
}

void image(ByteView bytes) {
  (void)broker::decode_shard_image(bytes);
  ByteVec sealed = fuzz::resealed_at_end(bytes);
  Result<broker::ShardImage> read = broker::decode_shard_image(sealed);
  if (!read) return;
  facts(read->facts);
  for (const broker::StoredRecord& stored : read->records) any_record(stored.type, stored.version, stored.body);
}

}  // namespace

/// What a start reads from the disk and has no target of its own. The first byte of an input chooses the decoder.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  ByteView bytes(data + 1, size - 1);
  switch (data[0] % 4) {
    case 0: superblock(bytes); break;
    case 1: image(bytes); break;
    case 2: facts(bytes); break;
    case 3: records(bytes); break;
  }
  return 0;
}
