#include "engine/partition.h"

#include <gmock/gmock.h>

#include "base/limits.h"
#include "engine/shard.h"

namespace godwit::engine {
namespace {

struct NoSink final : RecordSink {
  void record(ShardId, RecordType, uint8_t, uint64_t, ByteView, Slice) override {}
};

using End = std::optional<std::pair<int32_t, int64_t>>;

End end_of(const Partition& partition, int32_t asked, int32_t current) {
  auto end = partition.end_of_epoch(asked, current);
  if (!end) return std::nullopt;
  return std::pair(end->epoch, end->start.value);
}

TEST(Partition, WithoutEpochsEverythingIsOfTheFirst) {
  Partition partition{.end = Offset(9)};
  EXPECT_EQ(partition.last_epoch(), 0);
  EXPECT_EQ(partition.epoch_at(Offset(3)), 0);
  EXPECT_EQ(end_of(partition, 0, 0), End({0, 9}));
  EXPECT_EQ(end_of(partition, 1, 0), std::nullopt);
  EXPECT_EQ(end_of(partition, -1, 0), std::nullopt);
}

TEST(Partition, AnEpochEndsWhereTheNextOneThatWroteBegins) {
  // Epochs 1 and 3 appended nothing; the broker is at 5.
  Partition partition{.end = Offset(30), .epochs = {{2, Offset(10)}, {4, Offset(20)}}};
  EXPECT_EQ(partition.epoch_at(Offset(9)), 0);
  EXPECT_EQ(partition.epoch_at(Offset(10)), 2);
  EXPECT_EQ(partition.epoch_at(Offset(19)), 2);
  EXPECT_EQ(partition.epoch_at(Offset(20)), 4);
  EXPECT_EQ(end_of(partition, 0, 5), End({0, 10}));
  EXPECT_EQ(end_of(partition, 1, 5), End({0, 10}));
  EXPECT_EQ(end_of(partition, 2, 5), End({2, 20}));
  EXPECT_EQ(end_of(partition, 3, 5), End({2, 20}));
  EXPECT_EQ(end_of(partition, 4, 5), End({4, 30}));
  EXPECT_EQ(end_of(partition, 5, 5), End({5, 30}));
  EXPECT_EQ(end_of(partition, 6, 5), std::nullopt);
}

TEST(Partition, RemembersABoundedNumberOfEpochsAndNoneBeforeTheLogsStart) {
  NoSink sink;
  Shard shard(ShardId(1), sink);
  const PartitionId id{TopicId(1), 0};
  shard.emit(PartitionOpened{id});
  for (int32_t epoch = 1; epoch <= static_cast<int32_t>(kLeaderEpochsKept) + 5; ++epoch)
    shard.emit(EpochStarted{id, epoch, Offset(epoch * 10)});
  const Partition& partition = *shard.partition(id);
  EXPECT_EQ(partition.epochs.size(), kLeaderEpochsKept);
  EXPECT_EQ(partition.epochs.front().epoch, 6);
  shard.emit(EpochStarted{id, 3, Offset(2000)});  // older than the newest: no epoch of this log
  EXPECT_EQ(partition.last_epoch(), static_cast<int32_t>(kLeaderEpochsKept) + 5);
  shard.emit(LogStartMoved{id, Offset(1045)});
  EXPECT_EQ(partition.epochs.front().epoch, 104);
  EXPECT_EQ(partition.epoch_at(Offset(1045)), 104);
  shard.emit(LogStartMoved{id, Offset(5000)});
  EXPECT_EQ(partition.epochs.size(), 1u);
}

}  // namespace
}  // namespace godwit::engine
