#include "engine/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/native_message.h"

namespace godwit::engine {
namespace {

using testing::ElementsAre;

/// A journal in memory.
struct Journal final : RecordSink {
  struct Entry {
    RecordType type;
    uint8_t version;
    uint64_t seq;
    ByteVec body;
  };
  std::vector<Entry> entries;
  void record(ShardId, RecordType type, uint8_t version, uint64_t seq, ByteView head, Slice payload) override {
    ByteVec body(head.begin(), head.end());
    body.insert(body.end(), payload.view().begin(), payload.view().end());
    entries.push_back({type, version, seq, std::move(body)});
  }
};

const PartitionId kPartition{TopicId(1), 0};
const LedgerId kLedger{QueueId(1), kPartition};

class ShardTest : public testing::Test {
 protected:
  ShardTest() { shard_.emit(PartitionOpened{kPartition}); }

  static model::Batch batch(int64_t base, std::vector<model::NativeMessage> messages, int64_t append_ms = 0) {
    model::NativeBatchBuilder builder;
    for (const model::NativeMessage& m : messages) builder.add(m);
    model::Batch sealed = builder.seal(append_ms);
    sealed.header.base_offset = Offset(base);
    sealed.header.append_ms = append_ms;
    return sealed;
  }
  static model::Batch bodies(int64_t base, uint32_t count) {
    return batch(base, std::vector<model::NativeMessage>(count, {.body = as_bytes("x")}));
  }
  /// Appends without a payload: only the header counts where nothing looks into the batch.
  void append_header(uint32_t count) {
    model::Batch many;
    many.header.base_offset = shard_.partition(kPartition)->end;
    many.header.count = count;
    shard_.emit(BatchAppended{.partition = kPartition}, many);
  }
  void open_ledger(int64_t start = 0, uint8_t lanes = 1, bool grouped = false) {
    shard_.emit(LedgerOpened{kLedger, Offset(start), lanes, grouped});
  }
  Ledger& ledger() { return *shard_.ledger(kLedger); }

  /// Replays the journal's entries behind `from` and compares.
  void expect_replay(Shard& again, size_t from = 0) {
    for (size_t i = from; i < journal_.entries.size(); ++i) {
      const Journal::Entry& e = journal_.entries[i];
      std::optional<std::pair<PartitionId, model::Batch>> appended;
      auto replayed = again.replay(e.type, e.version, e.seq, Slice::take(ByteVec(e.body)), appended);
      ASSERT_TRUE(replayed) << i << ": " << replayed.error().message;
      EXPECT_EQ(appended.has_value(), e.type == RecordType::kBatchAppended);
    }
    EXPECT_TRUE(again.same_facts(shard_));
    EXPECT_EQ(again.outbox_bytes(), shard_.outbox_bytes());
  }
  /// A history with something of everything.
  void live() {
    open_ledger(0, 3, true);
    shard_.emit(BatchAppended{.partition = kPartition,
                              .producer = ProducerClaim{5, 0, 0},
                              .transfer = TransferSource{ShardId(9), 4},
                              .dedup_until_ms = 1'000},
                batch(0, {{.priority = 2, .body = as_bytes("a")},
                          {.group = as_bytes("g"), .dedup_id = as_bytes("d"), .body = as_bytes("b")},
                          {.group = as_bytes("g"), .body = as_bytes("c")},
                          {.body = as_bytes("d")}}));
    shard_.emit(Leased{kLedger, {{Offset(1), 1}}, 5'000, 1});
    shard_.emit(Settled{kLedger, SettledAs::kAccepted, {{Offset(0), 1}}});
    shard_.emit(Returned{kLedger, {{Offset(1), 1}}, true, 900});
    shard_.emit(Deferred{kLedger, {{Offset(3), 1}}});
    shard_.emit(SessionChanged{kLedger, "g", 7'000, ByteVec{1}});
    shard_.emit(Delivered{kLedger, Offset(2)});
    shard_.emit(OutboxAdded{1, "s", "e", "k"}, bodies(0, 1));
    shard_.emit(OutboxAdded{2, "s", "e", "k"}, bodies(0, 1));
    shard_.emit(OutboxCleared{1});
    shard_.emit(Scheduled{1, kPartition, 77}, bodies(0, 1));
    shard_.emit(Scheduled{2, kPartition, 78}, bodies(0, 1));
    shard_.emit(ScheduleEnded{1});
    shard_.emit(ReaderMoved{kPartition, "group", Offset(2)});
    shard_.emit(EpochStarted{kPartition, 3, Offset(4)});
    shard_.emit(Passed{kPartition, Offset(1), 50});
  }

  Journal journal_;
  Journal unused_;
  Shard shard_{ShardId(3), journal_};
};

TEST_F(ShardTest, ReplayComesToTheSame) {
  live();
  EXPECT_EQ(shard_.outbox_bytes(), shard_.outbox().at(2).batch.size());
  Shard again(ShardId(3), unused_);
  expect_replay(again);
  EXPECT_TRUE(unused_.entries.empty()) << "a replay records nothing";
}

TEST_F(ShardTest, ASnapshotStandsForWhatCameBeforeIt) {
  live();
  ByteVec image;
  shard_.snapshot(image);
  size_t taken = journal_.entries.size();
  uint64_t seq = shard_.seq();
  shard_.emit(BatchAppended{.partition = kPartition}, bodies(4, 3));
  shard_.emit(Settled{kLedger, SettledAs::kAccepted, {{Offset(2), 3}}});
  Shard again(ShardId(3), unused_);
  ASSERT_TRUE(again.restore(image, seq));
  expect_replay(again, taken);
}

TEST_F(ShardTest, EqualStatesGiveEqualBytes) {
  for (uint32_t i = 20; i > 0; --i) shard_.emit(PartitionOpened{PartitionId{TopicId(i), i}});
  Shard other(ShardId(3), unused_);
  for (uint32_t i = 1; i <= 20; ++i) other.emit(PartitionOpened{PartitionId{TopicId(i), i}});
  other.emit(PartitionOpened{kPartition});
  EXPECT_TRUE(shard_.same_facts(other));
  other.emit(LogStartMoved{kPartition, Offset(1)});
  EXPECT_FALSE(shard_.same_facts(other));
}

TEST_F(ShardTest, FactsThatCannotBeAreRefused) {
  auto code = [&](auto&& write_ledger, uint32_t ledgers = 1) {
    ByteVec image;
    Writer out(image);
    FieldWriter f(out);
    out.u8(4);
    f(0u)(ledgers);
    for (uint32_t i = 0; i < ledgers; ++i) write_ledger(f(kLedger)(true));
    f(0u)(uint64_t{1})(0u)(uint64_t{1});
    auto restored = Shard(ShardId(3), unused_).restore(image, 1);
    return restored ? ErrorCode::kAlreadyExists : restored.error().code;
  };
  auto rest = [](FieldWriter& f, uint32_t number) {
    f(0u)(0u)(Offset(0))(0u)(1u)(0u)(0u)(0u);              // marks to hidden
    f(1u)(Offset(1))(number)(1u)(std::string("a group"));  // sessions are done, a message's group, names
  };
  auto lane = [](FieldWriter& f, int64_t a, int64_t b, int64_t c, int64_t d) {
    f(1u)(2u)(Offset(a))(Offset(b))(Offset(c))(Offset(d));
  };
  EXPECT_EQ(code([&](FieldWriter& f) { lane(f, 0, 2, 4, 6), rest(f, 0); }), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code([&](FieldWriter& f) { lane(f, 0, 2, 4, 6), rest(f, 0); }, 2), ErrorCode::kCorrupt) << "twice";
  EXPECT_EQ(code([&](FieldWriter& f) { lane(f, 0, 2, 4, 6), rest(f, 1); }), ErrorCode::kCorrupt) << "no such name";
  EXPECT_EQ(code([&](FieldWriter& f) { lane(f, 4, 6, 0, 2), rest(f, 0); }), ErrorCode::kCorrupt) << "out of order";
  EXPECT_EQ(code([&](FieldWriter& f) { lane(f, 0, 0, 4, 6), rest(f, 0); }), ErrorCode::kCorrupt) << "an empty run";
  EXPECT_EQ(code([&](FieldWriter& f) { f(0u), rest(f, 0); }), ErrorCode::kCorrupt) << "no lane";
}

TEST_F(ShardTest, ASnapshotThatIsCutIsRefusedWherever) {
  live();
  ByteVec image;
  shard_.snapshot(image);
  for (size_t cut = 0; cut < image.size(); ++cut)
    EXPECT_FALSE(Shard(ShardId(3), unused_).restore(ByteView(image).first(cut), 1)) << cut;
  image[0] = 0xff;
  auto newer = Shard(ShardId(3), unused_).restore(image, 1);
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, ErrorCode::kUnsupported);
}

TEST_F(ShardTest, EntriesThatAreNoneAreRefused) {
  live();
  std::optional<std::pair<PartitionId, model::Batch>> appended;
  auto replay = [&](RecordType type, uint8_t version, uint64_t seq, ByteVec body) {
    Shard fresh(ShardId(3), unused_);
    auto replayed = fresh.replay(type, version, seq, Slice::take(std::move(body)), appended);
    return replayed ? ErrorCode::kAlreadyExists : replayed.error().code;
  };
  const ByteVec& opened = journal_.entries[0].body;
  EXPECT_EQ(replay(RecordType::kPartitionOpened, 1, 2, opened), ErrorCode::kCorrupt) << "entry 1 is missing";
  EXPECT_EQ(replay(RecordType::kPartitionOpened, 9, 1, opened), ErrorCode::kUnsupported);
  EXPECT_EQ(replay(RecordType::kBatchAppended, 9, 1, opened), ErrorCode::kUnsupported);
  EXPECT_EQ(replay(static_cast<RecordType>(39), 1, 1, opened), ErrorCode::kUnsupported);
  for (const Journal::Entry& e : journal_.entries) {
    if (e.type == RecordType::kOutboxAdded || e.type == RecordType::kScheduled) continue;  // they end in any bytes
    for (size_t cut = 0; cut < e.body.size(); ++cut)
      EXPECT_EQ(replay(e.type, e.version, 1, ByteVec(e.body.begin(), e.body.begin() + static_cast<ptrdiff_t>(cut))),
                ErrorCode::kCorrupt)
          << static_cast<int>(e.type) << " cut at " << cut;
  }
}

TEST_F(ShardTest, ForeignRecordsAreTheCallers) {
  shard_.emit_foreign(RecordType::kFirstForeign, 1, as_bytes("x"));
  EXPECT_EQ(shard_.seq(), 2u);
  Shard fresh(ShardId(3), unused_);
  std::optional<std::pair<PartitionId, model::Batch>> appended;
  auto replayed = fresh.replay(RecordType::kFirstCatalog, 1, 1, Slice::take(ByteVec{1}), appended);
  ASSERT_TRUE(replayed);
  EXPECT_FALSE(*replayed);
  EXPECT_EQ(fresh.seq(), 1u) << "it counts all the same";
}

TEST_F(ShardTest, AQueueOverALongLogHasAllOfIt) {
  for (int i = 0; i < 3; ++i) append_header(3'000'000'000);
  open_ledger(5);
  EXPECT_EQ(ledger().unsettled_count(), 8'999'999'995u);
  EXPECT_EQ(ledger().ready(), 8'999'999'995u);
}

TEST_F(ShardTest, AClosedPartitionTakesItsQueuesAndItsScheduleAlong) {
  live();
  PartitionId other{TopicId(2), 0};
  shard_.emit(PartitionOpened{other});
  shard_.emit(Scheduled{3, other, 1}, bodies(0, 1));
  shard_.emit(PartitionClosed{kPartition});
  EXPECT_EQ(shard_.partition(kPartition), nullptr);
  EXPECT_EQ(shard_.ledger(kLedger), nullptr);
  EXPECT_TRUE(shard_.ledgers_of(kPartition).empty());
  EXPECT_EQ(shard_.schedule().size(), 1u);
  EXPECT_EQ(shard_.outbox().size(), 1u) << "what is on its way to others goes on";
  // Records of what is gone pass by.
  shard_.emit(Settled{kLedger, SettledAs::kAccepted, {{Offset(0), 1}}});
  shard_.emit(BatchAppended{.partition = kPartition}, bodies(0, 1));
  shard_.emit(LogStartMoved{kPartition, Offset(3)});
  Shard again(ShardId(3), unused_);
  expect_replay(again);
}

TEST_F(ShardTest, ControlBatchesAreNoQueuesMessages) {
  open_ledger();
  model::Batch control = bodies(0, 1);
  control.header.flags |= model::kControl;
  shard_.emit(BatchAppended{.partition = kPartition}, control);
  shard_.emit(BatchAppended{.partition = kPartition}, bodies(1, 1));
  EXPECT_EQ(ledger().ready(), 1u);
  EXPECT_EQ(shard_.partition(kPartition)->end, Offset(2));
}

TEST_F(ShardTest, TheLogsStartOnlyMovesForward) {
  open_ledger();
  shard_.emit(BatchAppended{.partition = kPartition}, bodies(0, 10));
  shard_.emit(LogStartMoved{kPartition, Offset(6)});
  shard_.emit(LogStartMoved{kPartition, Offset(2)});
  EXPECT_EQ(shard_.partition(kPartition)->log_start, Offset(6));
  EXPECT_EQ(ledger().ready(), 4u);
}

TEST_F(ShardTest, IdleProducersAreForgottenWhenThereAreMany) {
  constexpr int64_t kDay = 24LL * 3600 * 1000;
  int64_t base = 0;
  auto append = [&](int64_t producer, int32_t sequence, int64_t at) {
    shard_.emit(BatchAppended{.partition = kPartition, .producer = ProducerClaim{producer, 0, sequence}},
                batch(base++, {{.body = as_bytes("x")}}, at));
  };
  for (int64_t i = 0; i < 1'023; ++i) append(i, 0, i);
  EXPECT_EQ(shard_.partition(kPartition)->producers.size(), 1'023u);
  append(0, 1, kDay + 500);
  append(1'023, 0, kDay + 500);
  EXPECT_EQ(shard_.partition(kPartition)->producers.size(), 525u) << "500 to 1022, the one that came back, the new one";
}

TEST_F(ShardTest, ARestartCountsWhatWasDeliveredAsRedelivered) {
  open_ledger();
  shard_.emit(BatchAppended{.partition = kPartition}, bodies(0, 3));
  shard_.emit(Delivered{kLedger, Offset(2)});
  EXPECT_FALSE(ledger().history(Offset(0), Offset(3)).redelivered);
  shard_.restart();
  EXPECT_TRUE(ledger().history(Offset(1), Offset(3)).redelivered);
  EXPECT_EQ(ledger().history(Offset(0), Offset(3)).same_until, Offset(2));
  EXPECT_FALSE(ledger().history(Offset(2), Offset(3)).redelivered);
}

TEST_F(ShardTest, AnAppendThatDoesNotFollowEndsTheProcess) {
  EXPECT_DEATH(shard_.emit(BatchAppended{.partition = kPartition}, bodies(1, 1)), "batch at 1 follows 0");
}

}  // namespace
}  // namespace godwit::engine
