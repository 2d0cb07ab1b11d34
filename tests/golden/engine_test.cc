#include <set>

#include <gtest/gtest.h>

#include "base/fields.h"
#include "engine/catalog_records.h"
#include "engine/group_records.h"
#include "engine/record_codec.h"
#include "engine/records.h"
#include "golden.h"

namespace godwit::engine {
namespace {

/// Records one after another, each as type, version, and its fields behind their length: what an entry of the journal
/// holds, without the entry's shard and sequence number.
class RecordList {
 public:
  void add(uint8_t type, uint8_t version, ByteView body) {
    Writer out(bytes_);
    out.u8(type);
    out.u8(version);
    out.sized(body);
  }
  template <class Record>
  void add(const Record& record) {
    ByteVec body;
    encode_fields(record, body);
    add(static_cast<uint8_t>(Record::kType), Record::kVersion, body);
  }
  const ByteVec& bytes() const { return bytes_; }

 private:
  ByteVec bytes_;
};

struct StoredRecord {
  uint8_t type = 0;
  uint8_t version = 0;
  ByteView body;
};

/// The views are of `bytes`.
std::vector<StoredRecord> split(ByteView bytes) {
  std::vector<StoredRecord> records;
  Reader in(bytes);
  while (in.ok() && in.remaining() > 0) {
    StoredRecord record{in.u8(), in.u8(), {}};
    record.body = in.sized();
    records.push_back(record);
  }
  EXPECT_TRUE(in.ok());
  return records;
}

const PartitionId kPartition{TopicId(1), 2};
const LedgerId kLedger{QueueId(3), kPartition};
const std::vector<OffsetRun> kRuns{{Offset(40), 3}, {Offset(50), 1}};

template <class Record>
void expect_same(const Record& record, const StoredRecord& stored) {
  EXPECT_EQ(stored.type, static_cast<uint8_t>(Record::kType));
  Record read;
  Reader in(stored.body);
  ASSERT_TRUE(decode_fields(in, stored.version, read));
  EXPECT_EQ(in.remaining(), 0u);
  ByteVec again;
  encode_fields(read, again);
  ByteVec once;
  encode_fields(record, once);
  EXPECT_EQ(again, once) << "type " << int(stored.type);
}

/// The types 1 to 24 of docs/formats/records.md, but 5, which came later; type 1 in version 2. What follows the fields
/// of some of them is a batch (batch.md).
TEST(Golden, ShardRecords) {
  auto records = std::tuple{
      BatchAppended{kPartition, ProducerClaim{7, 1, 9}, TransferSource{ShardId(5), 6}, 8, 1'700'000'060'000},
      PartitionOpened{kPartition},
      PartitionClosed{kPartition},
      LogStartMoved{kPartition, Offset(40)},
      LedgerOpened{kLedger, Offset(40), 10, true},
      LedgerClosed{kLedger},
      Settled{kLedger, SettledAs::kRejected, kRuns},
      Returned{kLedger, kRuns, true, 30'000},
      Delivered{kLedger, Offset(51)},
      Leased{kLedger, kRuns, 30'000, 4},
      Deferred{kLedger, kRuns},
      SessionChanged{kLedger, "basket", 30'000, ByteVec{1, 2}},
      OutboxAdded{1, "default", "dead", "orders"},
      OutboxCleared{1},
      Scheduled{1, kPartition, 1'700'000'030'000},
      ScheduleEnded{1},
      ReaderMoved{kPartition, "billing", Offset(40)},
  };
  RecordList list;
  std::apply([&](const auto&... record) { (list.add(record), ...); }, records);
  ByteVec bytes = golden("records_shard_v1", list.bytes());
  std::vector<StoredRecord> stored = split(bytes);
  ASSERT_EQ(stored.size(), std::tuple_size_v<decltype(records)>);
  size_t at = 0;
  std::apply([&](const auto&... record) { (expect_same(record, stored[at++]), ...); }, records);
}

/// Version 1 of type 1, without the time until which deduplication ids are remembered, as written by hand.
TEST(Golden, BatchAppendedOfVersion1) {
  ByteVec body;
  Writer out(body);
  FieldWriter f(out);
  f(kPartition)(true)(int64_t{7})(int16_t{1})(int32_t{9})(true)(ShardId(5))(uint64_t{6})(true)(uint64_t{8});
  RecordList list;
  list.add(1, 1, body);
  ByteVec bytes = golden("records_shard_1_v1", list.bytes());
  std::vector<StoredRecord> stored = split(bytes);
  ASSERT_EQ(stored.size(), 1u);
  BatchAppended read;
  Reader in(stored[0].body);
  ASSERT_TRUE(decode_fields(in, stored[0].version, read));
  EXPECT_EQ(in.remaining(), 0u);
  ByteVec again, expected;
  encode_fields(read, again);
  encode_fields(BatchAppended{kPartition, ProducerClaim{7, 1, 9}, TransferSource{ShardId(5), 6}, 8, {}}, expected);
  EXPECT_EQ(again, expected);
}

TEST(Golden, EpochStarted) {
  EpochStarted started{kPartition, 3, Offset(40)};
  RecordList list;
  list.add(started);
  ByteVec bytes = golden("records_shard_5_v1", list.bytes());
  std::vector<StoredRecord> stored = split(bytes);
  ASSERT_EQ(stored.size(), 1u);
  expect_same(started, stored[0]);
}

/// The types from 25 on.
TEST(Golden, LaterShardRecords) {
  Passed passed{kPartition, Offset(40), 1'700'000'000'000};
  RecordList list;
  list.add(passed);
  ByteVec bytes = golden("records_shard_25_v1", list.bytes());
  std::vector<StoredRecord> stored = split(bytes);
  ASSERT_EQ(stored.size(), 1u);
  expect_same(passed, stored[0]);
}

/// Every alternative of a family's variant is in its file, and reads back as what was written.
template <class Variant>
void expect_golden(const std::string& name, const std::vector<Variant>& records, uint8_t version) {
  RecordList list;
  std::set<size_t> kinds;
  for (const Variant& record : records) {
    ByteVec body;
    encode_record(record, body);
    list.add(record_type(record), version, body);
    kinds.insert(record.index());
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<Variant>) << name << ": a kind of record is missing";
  ByteVec bytes = golden(name, list.bytes());
  std::vector<StoredRecord> stored = split(bytes);
  ASSERT_EQ(stored.size(), records.size());
  for (size_t i = 0; i < records.size(); ++i) {
    Result<Variant> read = decode_record<Variant>(stored[i].type, stored[i].version, stored[i].body);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, records[i]) << "type " << int(stored[i].type);
  }
}

/// As version 1 had them: members did not tell their topics.
std::vector<GroupRecord> first_group_records() {
  StoredMember member{.id = "member-1",
                      .instance_id = "instance",
                      .client_id = "client",
                      .client_host = "127.0.0.1",
                      .session_timeout_ms = 45'000,
                      .rebalance_timeout_ms = 300'000,
                      .protocols = {{"range", {1, 2}}},
                      .assignment = {3}};
  model::CommittedOffset offset{.topic = "orders",
                                .partition = 2,
                                .offset = Offset(40),
                                .leader_epoch = 1,
                                .metadata = "m",
                                .commit_ms = 1'700'000'000'000};
  return {GroupStored{.group = "billing",
                      .generation = 3,
                      .protocol_type = "consumer",
                      .protocol = "range",
                      .leader = "member-1",
                      .members = {member},
                      .changed_ms = 1'700'000'000'000},
          OffsetsStored{.group = "billing", .offsets = {offset}},
          OffsetsRemoved{.group = "billing", .partitions = {{"orders", 2}}}, GroupRemoved{.group = "billing"}};
}

TEST(Golden, GroupRecords) {
  std::vector<GroupRecord> records = first_group_records();
  std::get<GroupStored>(records[0]).members[0].topics = std::vector<std::string>{"orders"};
  records.emplace_back(SubscriptionChanged{
      .group = "billing", .added = {"orders"}, .dropped = {"returns"}, .changed_ms = 1'700'000'000'000});
  expect_golden<GroupRecord>("records_group_v2", records, kGroupRecordVersion);
}

TEST(Golden, GroupRecordsOfVersion1) {
  std::vector<GroupRecord> records = first_group_records();
  ByteVec bytes = golden("records_group_v1");
  std::vector<StoredRecord> stored = split(bytes);
  ASSERT_EQ(stored.size(), records.size());
  for (size_t i = 0; i < records.size(); ++i) {
    auto read = decode_record<GroupRecord>(stored[i].type, stored[i].version, stored[i].body);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, records[i]) << "type " << int(stored[i].type);
  }
}

/// No member at its default, so that a field that moves is seen.
CatalogRecords every_catalog_record() {
  using model::Name;
  model::TopicInfo topic{.id = TopicId(1), .name = {"shop", "orders"}, .partitions = 6};
  topic.settings = {.retention = model::Retention::kTime,
                    .retention_ms = 60'000,
                    .retention_bytes = 1'000'000,
                    .settled_ms = 5'000,
                    .message_bytes_max = 2'000'000,
                    .stamp_append_time = true,
                    .is_volatile = true,
                    .config = {{"cleanup.policy", "delete"}}};
  model::QueueInfo queue{.id = QueueId(3),
                         .name = {"shop", "orders"},
                         .topic = TopicId(1),
                         .own = false,
                         .start = model::Start::kEnd,
                         .exclusive_session = 9};
  queue.settings = {.durable = false,
                    .exclusive = true,
                    .auto_delete = true,
                    .ordering = model::Ordering::kSessions,
                    .message_ttl_ms = 60'000,
                    .expires_ms = 120'000,
                    .length_max = 1'000,
                    .bytes_max = 1'000'000,
                    .overflow = model::Overflow::kRejectPublish,
                    .dead_letter = model::DeadLetter{"dead", "orders.dead"},
                    .delivery_limit = 5,
                    .priorities = 9,
                    .single_active_consumer = true,
                    .lease_ms = 10'000,
                    .dedup_window_ms = 300'000,
                    .config = {{"x-queue-type", "classic"}}};
  model::ValueMap arguments{{"x-match", model::Value(std::string("all"))}};
  model::ExchangeInfo exchange{.name = {"shop", "events"},
                               .type = "headers",
                               .durable = false,
                               .auto_delete = true,
                               .internal = true,
                               .alternate = "unrouted",
                               .arguments = arguments};
  model::Binding binding{.source = {"shop", "events"},
                         .target_kind = model::BindingTarget::kExchange,
                         .target = "all",
                         .routing_key = "order.*",
                         .arguments = arguments};
  return {TopicPut{topic},          TopicRemoved{TopicId(1)}, QueuePut{queue},
          QueueRemoved{QueueId(3)}, ExchangePut{exchange},    ExchangeRemoved{Name{"shop", "events"}},
          BindingAdded{binding},    BindingRemoved{binding},  ProducerIdsReserved{1'000},
          IdsReserved{4, 1'004}};
}

TEST(Golden, CatalogRecords) {
  expect_golden<CatalogRecord>("records_catalog_v1", every_catalog_record(), kCatalogRecordVersion);
}

}  // namespace
}  // namespace godwit::engine
