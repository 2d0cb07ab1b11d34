#include "broker/partitions.h"

#include <gmock/gmock.h>

#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using At = model::FindOffset::At;
using testing::ElementsAre;
using testing::SizeIs;

class PartitionsTest : public Scenario {
 protected:
  PartitionsTest() { create_topic("t"); }

  Result<model::Appended> append(const std::vector<std::string>& bodies, int64_t timestamp_ms = 0,
                                 std::optional<model::Append::Producer> producer = {}) {
    return client.ask(model::Append{
        .partition = partition("t"), .batch = batch_of(texts(bodies), timestamp_ms), .producer = producer});
  }
  std::optional<int64_t> find(At at, int64_t timestamp_ms = 0) {
    auto found = client.ask(model::FindOffset{.partition = partition("t"), .at = at, .timestamp_ms = timestamp_ms});
    EXPECT_TRUE(found);
    return found->offset ? std::optional(found->offset->value) : std::nullopt;
  }
  ErrorCode fetch_code(int64_t from) {
    auto fetched = client.ask(model::Fetch{.partition = partition("t"), .from = Offset(from)});
    return fetched ? ErrorCode::kAlreadyExists : fetched.error().code;
  }
  Result<model::RecordsDeleted> delete_before(int64_t offset) {
    return client.ask(model::DeleteRecords{partition("t"), Offset(offset)});
  }
  void await(int64_t beyond, int64_t ms, std::optional<Result<model::DataAwaited>>& into) {
    client.call(
        model::AwaitData{
            .partition = partition("t"), .beyond = Offset(beyond), .deadline_boot_ms = world.now().boot_ms + ms},
        [&into](Result<model::DataAwaited> awaited) { into = std::move(awaited); });
  }
};

TEST_F(PartitionsTest, NothingIsShownBeforeItIsDurable) {
  ASSERT_TRUE(append({"a"}));
  world.hold_journal(1'000);
  std::optional<Result<model::Appended>> answered;
  client.call(model::Append{.partition = partition("t"), .batch = batch_of(texts({"b"}))},
              [&](Result<model::Appended> appended) { answered = std::move(appended); });
  world.advance(500);
  EXPECT_FALSE(answered);
  EXPECT_EQ(find(At::kEnd), 1);
  EXPECT_THAT(fetch("t", 0), ElementsAre("a"));
  EXPECT_EQ(fetch_code(2), ErrorCode::kOffsetOutOfRange);
  world.advance(1'000);
  ASSERT_TRUE(answered && *answered);
  EXPECT_THAT(fetch("t", 0), ElementsAre("a", "b"));
}

TEST_F(PartitionsTest, AFetchBeginsWithinTheLog) {
  ASSERT_TRUE(append({"a", "b", "c"}));
  EXPECT_THAT(fetch("t", 2), ElementsAre("c"));
  EXPECT_THAT(fetch("t", 3), ElementsAre()) << "the end is within";
  EXPECT_EQ(fetch_code(4), ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(fetch_code(-1), ErrorCode::kOffsetOutOfRange);
  ASSERT_TRUE(delete_before(1));
  EXPECT_EQ(fetch_code(0), ErrorCode::kOffsetOutOfRange);
}

TEST_F(PartitionsTest, AFetchWhoseRecordsGoWhileItReadsIsOutOfRange) {
  ASSERT_TRUE(append({"a", "b", "c"}));
  restart(How::kStop);
  std::optional<Result<model::Fetched>> fetched;
  client.call(model::Fetch{.partition = partition("t"), .from = Offset(1)},
              [&](Result<model::Fetched> reply) { fetched = std::move(reply); });
  ASSERT_TRUE(delete_before(2));
  world.advance(50);
  ASSERT_TRUE(fetched);
  ASSERT_FALSE(*fetched);
  EXPECT_EQ(fetched->error().code, ErrorCode::kOffsetOutOfRange);
}

TEST_F(PartitionsTest, ATinyFetchHasOneBatchAllTheSame) {
  ASSERT_TRUE(append({"a", "b"}));
  ASSERT_TRUE(append({"c"}));
  auto fetched = client.ask(model::Fetch{.partition = partition("t"), .from = Offset(0), .bytes_max = 0});
  ASSERT_TRUE(fetched);
  ASSERT_THAT(fetched->batches, SizeIs(1));
  EXPECT_EQ(fetched->batches[0].header.count, 2u);
  EXPECT_EQ(fetched->end, Offset(3));
}

TEST_F(PartitionsTest, WhoeverWaitsIsToldOfNewDataOrTheEndOfTime) {
  std::optional<Result<model::DataAwaited>> first;
  await(0, 10'000, first);
  world.advance(1'000);
  EXPECT_FALSE(first);
  ASSERT_TRUE(append({"a"}));
  world.advance(50);
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->end, Offset(1));

  std::optional<Result<model::DataAwaited>> late;
  await(1, 2'000, late);
  world.advance(2'100);
  ASSERT_TRUE(late && *late);
  EXPECT_EQ((*late)->end, Offset(1));

  std::optional<Result<model::DataAwaited>> at_once;
  await(0, 10'000, at_once);
  world.advance(50);
  EXPECT_TRUE(at_once && *at_once) << "there is something beyond 0 already";
}

TEST_F(PartitionsTest, ALaterWaitOfTheSessionEndsTheEarlier) {
  std::optional<Result<model::DataAwaited>> first;
  std::optional<Result<model::DataAwaited>> second;
  await(0, 10'000, first);
  world.advance(10);
  await(0, 20'000, second);
  world.advance(10);
  EXPECT_TRUE(first && *first);
  EXPECT_FALSE(second);
  world.advance(11'000);
  EXPECT_FALSE(second) << "the first one's timer is not its own";
  ASSERT_TRUE(append({"a"}));
  world.advance(50);
  EXPECT_TRUE(second && *second);
}

TEST_F(PartitionsTest, ADeletedTopicTellsWhoWaits) {
  std::optional<Result<model::DataAwaited>> waiting;
  await(0, 10'000, waiting);
  PartitionId gone = partition("t");
  ASSERT_TRUE(client.ask(model::DeleteTopic{.name = {.text = "t"}}));
  world.advance(50);
  ASSERT_TRUE(waiting);
  ASSERT_FALSE(*waiting);
  EXPECT_EQ(waiting->error().code, ErrorCode::kNotFound);
  auto append_to_gone = client.ask(model::Append{.partition = gone, .batch = batch_of(texts({"a"}))});
  ASSERT_FALSE(append_to_gone);
  EXPECT_EQ(append_to_gone.error().code, ErrorCode::kNotFound);
}

TEST_F(PartitionsTest, ARepeatedBatchIsAnsweredWithWhereItIsAlsoAfterARestart) {
  auto first = append({"a", "b"}, 0, model::Append::Producer{7, 0, 0});
  ASSERT_TRUE(first);
  ASSERT_TRUE(append({"c"}, 0, model::Append::Producer{7, 0, 2}));
  for (How how : {How::kCrash, How::kStop}) {
    restart(how);
    auto again = append({"a", "b"}, 0, model::Append::Producer{7, 0, 0});
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->duplicate);
    EXPECT_EQ(again->base_offset, Offset(0));
    EXPECT_EQ(again->append_ms, first->append_ms);
    EXPECT_EQ(append({"x"}, 0, model::Append::Producer{7, 0, 9}).error().code, ErrorCode::kOutOfOrder);
  }
  EXPECT_THAT(fetch("t", 0), ElementsAre("a", "b", "c"));
}

TEST_F(PartitionsTest, AppendTimesNeverGoBack) {
  int64_t last = 0;
  for (int i = 0; i < 5; ++i) {
    auto appended = append({"a"}, 1'000'000 - i);
    ASSERT_TRUE(appended);
    EXPECT_GE(appended->append_ms, last);
    last = appended->append_ms;
    world.advance(3);
  }
}

TEST_F(PartitionsTest, ATimeIsLookedForAmongWhatIsThere) {
  ASSERT_TRUE(append({"a"}, 1'000));
  ASSERT_TRUE(append({"b"}, 3'000));
  ASSERT_TRUE(append({"c"}, 2'000));
  EXPECT_EQ(find(At::kTimestamp, 0), 0);
  EXPECT_EQ(find(At::kTimestamp, 1'001), 1);
  EXPECT_EQ(find(At::kTimestamp, 3'000), 1);
  EXPECT_EQ(find(At::kTimestamp, 3'001), std::nullopt);
  EXPECT_EQ(find(At::kMaxTimestamp), 1);
  ASSERT_TRUE(delete_before(2));
  EXPECT_EQ(find(At::kTimestamp, 0), 2);
  EXPECT_EQ(find(At::kMaxTimestamp), 2);
  EXPECT_EQ(find(At::kStart), 2);
}

/// A batch is the smallest thing that is kept: its first messages may be deleted while it is there.
TEST_F(PartitionsTest, NothingBeforeTheLogsStartIsFound) {
  for (bool in_segment : {false, true}) {
    std::string topic = in_segment ? "stored" : "fresh";
    create_topic(topic);
    PartitionId id = partition(topic);
    for (int64_t i = 0; i < 4; ++i)
      ASSERT_TRUE(client.ask(model::Append{.partition = id, .batch = batch_of(texts({"x", "y"}), 1'000 * (i + 1))}));
    if (in_segment) restart(How::kStop);
    ASSERT_TRUE(client.ask(model::DeleteRecords{id, Offset(3)}));
    for (int64_t timestamp : {0, 1'000, 2'000}) {
      auto found = client.ask(model::FindOffset{.partition = id, .at = At::kTimestamp, .timestamp_ms = timestamp});
      ASSERT_TRUE(found && found->offset) << topic << " " << timestamp;
      EXPECT_EQ(*found->offset, Offset(3)) << topic << " " << timestamp;
    }
  }
}

TEST_F(PartitionsTest, RecordsAreDeletedUpToTheEndAndNoFurther) {
  ASSERT_TRUE(append({"a", "b", "c"}));
  EXPECT_EQ(delete_before(4).error().code, ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(delete_before(-2).error().code, ErrorCode::kOffsetOutOfRange);
  ASSERT_TRUE(delete_before(2));
  auto less = delete_before(1);
  ASSERT_TRUE(less) << "they are gone already";
  EXPECT_EQ(less->log_start, Offset(2));
  restart();
  EXPECT_EQ(find(At::kStart), 2);
  auto all = delete_before(-1);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->log_start, Offset(3));
  EXPECT_EQ(append({"d"})->base_offset, Offset(3));
}

TEST_F(PartitionsTest, ABatchTheJournalCannotTakeIsRefusedAndNothingIsAppended) {
  auto refused = append({std::string(8 << 20, 'x')});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(find(At::kEnd), 0);
}

TEST_F(PartitionsTest, VolatileMessagesAreThereAtOnceAndGoneAfterARestart) {
  ASSERT_TRUE(client.ask(model::CreateTopic{.name = {.text = "v"},
                                            .settings = {.retention = model::Retention::kTime, .is_volatile = true}}));
  world.hold_journal(60'000);
  ASSERT_TRUE(client.ask(model::Append{.partition = partition("v"), .batch = batch_of(texts({"a"}))}));
  EXPECT_THAT(fetch("v", 0), ElementsAre("a"));
}

TEST_F(PartitionsTest, ThatVolatileMessagesAreRefusedIsReportedOnceAMinute) {
  ASSERT_TRUE(client.ask(model::CreateTopic{.name = {.text = "v"},
                                            .settings = {.retention = model::Retention::kTime, .is_volatile = true}}));
  auto publish = [&] {
    return client.ask(
        model::Append{.partition = partition("v"), .batch = batch_of(texts({std::string(256_KiB, 'x')}))});
  };
  while (publish()) EXPECT_THAT(world.reports(), testing::IsEmpty());
  ASSERT_THAT(world.reports(), SizeIs(1));
  EXPECT_EQ(world.reports()[0].code, ErrorCode::kBusy);
  EXPECT_FALSE(publish());
  EXPECT_THAT(world.reports(), SizeIs(1));
  world.advance(60'000);
  EXPECT_FALSE(publish());
  EXPECT_THAT(world.reports(), SizeIs(2));
}

}  // namespace
}  // namespace godwit::scenario
