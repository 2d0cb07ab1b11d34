#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "base/fields.h"
#include "broker/shard_image.h"
#include "engine/record_codec.h"
#include "engine/shard.h"
#include "golden.h"
#include "sim/sim_world.h"

namespace godwit {
namespace {

const PartitionId kPartition{TopicId(1), 2};
const LedgerId kLedger{QueueId(3), kPartition};

struct NoJournal final : engine::RecordSink {
  void record(ShardId, engine::RecordType, uint8_t, uint64_t, ByteView, Slice) override {}
};

/// The facts of docs/formats/snapshot.md, written by hand as `version` has them. A field that came after version
/// `known` is empty: what a release reads of bytes in which it is not there yet.
ByteVec facts(uint8_t version, uint8_t known) {
  ByteVec bytes;
  Writer out(bytes);
  FieldWriter f(out);
  out.u8(version);
  f(1u)(kPartition)(Offset(38))(Offset(52));
  // A producer's epoch, and its batches: first and last sequence number, base offset, append time.
  f(1u)(int64_t{7})(int16_t{1})(1u)(int32_t{9})(int32_t{11})(Offset(40))(int64_t{1'700'000'000'000});
  f(1u)(5u)(uint64_t{6});                     // transferred: of a source shard
  f(1u)(std::string("billing"))(Offset(40));  // readers
  auto since = [&](uint8_t first, auto&& write) {
    if (version < first) return;
    if (known < first) return void(f(0u));
    f(1u);
    write();
  };
  since(2, [&] { f(Offset(41))(std::string("id"))(int64_t{1'700'000'060'000}); });
  since(3, [&] { f(Offset(40))(int64_t{1'700'000'000'000}); });
  since(4, [&] { f(int32_t{3})(Offset(40)); });

  f(1u)(kLedger)(true);
  f(2u)(1u)(Offset(41))(Offset(45))(1u)(Offset(50))(Offset(52));  // unsettled: two lanes of runs
  f(1u)(Offset(42))(1u)(2u);                                      // marks: failed, acquired
  f(1u)(Offset(42))(Offset(43));                                  // returned
  f(Offset(45));                                                  // delivered up to
  f(1u)(Offset(43))(int64_t{30'000})(4u);                         // leases: until, attempt
  f(5u);                                                          // next attempt
  f(1u)(Offset(44))(Offset(45));                                  // deferred
  f(1u)(Offset(42))(int64_t{900});                                // hidden
  f(1u)(std::string("basket"))(int64_t{30'000})(ByteVec{1, 2});   // sessions
  f(1u)(Offset(41))(0u)(1u)(std::string("basket"));               // group of a message; the groups' names

  f(1u)(uint64_t{2})(std::string("default"))(std::string("dead"))(std::string("orders"))(ByteVec{0xb7});  // outbox
  f(uint64_t{3});
  f(1u)(uint64_t{1})(kPartition)(int64_t{1'700'000'030'000})(ByteVec{0xb7});  // schedule
  f(uint64_t{2});
  return bytes;
}

class GoldenFacts : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(EveryVersion, GoldenFacts, testing::Values(1, 2, 3, 4), testing::PrintToStringParamName());

TEST_P(GoldenFacts, AreReadAndWrittenAsTheNewestVersion) {
  ByteVec bytes = golden("facts_v" + std::to_string(GetParam()), facts(static_cast<uint8_t>(GetParam()), 4));
  NoJournal none;
  engine::Shard shard(ShardId(565), none);
  auto restored = shard.restore(bytes, 17);
  ASSERT_TRUE(restored) << restored.error().message;
  ByteVec again;
  shard.snapshot(again);
  EXPECT_EQ(again, facts(4, static_cast<uint8_t>(GetParam())));
  EXPECT_EQ(shard.partition(kPartition)->end, Offset(52));
  EXPECT_EQ(shard.partition(kPartition)->last_epoch(), GetParam() < 4 ? 0 : 3);
  EXPECT_EQ(shard.ledger(kLedger)->unsettled_count(), 6u);
  EXPECT_EQ(shard.ledger(kLedger)->leases().at(Offset(43)).attempt, 4u);
}

/// The worked example of docs/formats/snapshot.md: version 1 of the image, around version 4 of the facts.
TEST(Golden, ShardImage) {
  constexpr ShardId kShard(565);
  engine::GroupRecord group = engine::OffsetsStored{
      .group = "billing", .offsets = {{.topic = "orders", .offset = Offset(40), .metadata = "m", .commit_ms = 5}}};
  storage::SegmentRef segment{.blob = "segment/102-0",
                              .base_offset = Offset(38),
                              .end_offset = Offset(50),
                              .position = 4'096,
                              .bytes = 900,
                              .messages = 12,
                              .max_timestamp_ms = 1'700'000'000'000,
                              .last_append_ms = 1'700'000'000'005,
                              .index_position = 8'192,
                              .index_bytes = 40};
  ByteVec body;
  engine::encode_record(group, body);
  auto image = [&](auto&& segments) {
    ByteVec bytes;
    Writer out(bytes);
    FieldWriter f(out);
    out.u8(1);
    out.sized(facts(4, 4));
    f(1u)(41u)(2u)(body);
    segments(f);
    out.le(crc32c(bytes));
    return bytes;
  };
  ByteVec bytes = golden("shard_image_v1", image([&](FieldWriter& f) { f(1u)(kPartition)(1u)(segment); }));

  sim::World world({.seed = 1});
  ASSERT_TRUE(world.start());
  broker::Worker& worker = world.broker().worker(WorkerId(0));
  auto read = broker::restore_shard_image(worker, kShard, bytes, 17);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(read->front().partition, kPartition);
  ByteVec once, twice;
  encode_fields(read->front().segments, once);
  encode_fields(std::vector{segment}, twice);
  EXPECT_EQ(once, twice);
  EXPECT_EQ(worker.groups().snapshot(kShard), std::vector{group});
  // Only partitions that were opened have segments to write.
  EXPECT_EQ(broker::encode_shard_image(worker, *worker.stage().find(kShard), {}), image([](FieldWriter& f) { f(0u); }));
}

}  // namespace
}  // namespace godwit
