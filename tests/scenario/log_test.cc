// The log: idempotent producers, fetching, finding offsets, and consumer groups, as Kafka's clients use them.

#include <gmock/gmock.h>

#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class LogScenario : public Scenario {
 protected:
  LogScenario() : Scenario({.workers = 2}) { create_topic("log", 2); }

  Result<model::Appended> produce(int64_t producer, int16_t epoch, int32_t sequence,
                                  const std::vector<std::string>& all) {
    return client.ask(model::Append{.partition = partition("log"),
                                    .batch = batch_of(texts(all), world.now().wall_ms),
                                    .producer = model::Append::Producer{producer, epoch, sequence}});
  }
};

TEST_F(LogScenario, ARepeatedBatchIsAnsweredWithWhereItIsAlsoAfterACrash) {
  auto producer = client.ask(model::AllocateProducer{});
  ASSERT_TRUE(producer);
  ASSERT_TRUE(produce(producer->producer_id, 0, 0, {"a", "b"}));
  restart();
  auto again = produce(producer->producer_id, 0, 0, {"a", "b"});
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->base_offset, Offset(0));
  EXPECT_EQ(produce(producer->producer_id, 0, 3, {"gap"}).error().code, ErrorCode::kOutOfOrder);
  ASSERT_TRUE(produce(producer->producer_id, 1, 0, {"c"}));
  EXPECT_EQ(produce(producer->producer_id, 0, 2, {"zombie"}).error().code, ErrorCode::kFenced);
  EXPECT_THAT(fetch("log", 0), ElementsAre("a", "b", "c"));
  auto other = client.ask(model::AllocateProducer{});
  ASSERT_TRUE(other);
  EXPECT_NE(other->producer_id, producer->producer_id);
}

TEST_F(LogScenario, EachBootThatAppendsBeginsALeaderEpoch) {
  using At = model::FindOffset::At;
  auto epoch_end = [&](int32_t epoch) {
    auto found = client.ask(model::FindOffset{partition("log"), At::kEpochEnd, 0, epoch});
    EXPECT_TRUE(found);
    return found && found->offset ? std::pair(found->leader_epoch, found->offset->value) : std::pair(-1, int64_t{-1});
  };
  auto epoch_of_fetch = [&](int64_t from) {
    auto fetched = client.ask(model::Fetch{.partition = partition("log"), .from = Offset(from), .one_epoch = true});
    EXPECT_TRUE(fetched);
    return std::pair(fetched->leader_epoch, fetched->batches.empty() ? -1 : fetched->batches.back().end_offset().value);
  };
  send("log", {"a", "b"});
  EXPECT_EQ(epoch_of_fetch(0), std::pair(0, int64_t{2}));
  restart();
  restart(How::kStop);  // a boot without an append
  EXPECT_EQ(epoch_end(0), std::pair(0, int64_t{2}));
  EXPECT_EQ(epoch_end(2), std::pair(2, int64_t{2}));
  EXPECT_EQ(epoch_end(3).first, -1);
  send("log", {"c"});
  EXPECT_EQ(epoch_of_fetch(0), std::pair(0, int64_t{2}));
  EXPECT_EQ(epoch_of_fetch(2), std::pair(2, int64_t{3}));
  for (How how : {How::kCrash, How::kStop}) {
    restart(how);
    EXPECT_EQ(epoch_end(0), std::pair(0, int64_t{2}));
    EXPECT_EQ(epoch_end(1), std::pair(0, int64_t{2}));
    EXPECT_EQ(epoch_end(2), std::pair(2, int64_t{3}));
    EXPECT_EQ(epoch_of_fetch(0), std::pair(0, int64_t{2}));
  }
}

/// What power loss takes from a log that was not synced is told apart from what is written in its place.
TEST(UnsyncedLog, AReaderLearnsWhatThePowerTookFromItsLog) {
  int lost_in = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    broker::Options options = sim::World::small();
    options.durability = storage::Durability::kOs;
    sim::World world({.seed = seed, .broker = options});
    ASSERT_TRUE(world.start());
    sim::SimClient client(world);
    client.connect();
    auto topic = client.ask(model::CreateTopic{.name = {.text = "log"}});
    ASSERT_TRUE(topic);
    PartitionId partition{topic->topic.id, 0};
    auto append = [&](const std::string& text) {
      auto appended = client.ask(model::Append{.partition = partition, .batch = batch_of(texts({text}))});
      ASSERT_TRUE(appended) << appended.error().message;
    };
    for (int i = 0; i < 20; ++i) append("first life");
    world.kill();
    ASSERT_TRUE(world.start());
    client.connect();
    auto end = client.ask(model::FindOffset{.partition = partition, .at = model::FindOffset::At::kEnd});
    ASSERT_TRUE(end);
    ASSERT_EQ(end->offset, Offset(20)) << "a kill loses nothing";
    for (int i = 0; i < 20; ++i) append("second life");
    world.crash();
    ASSERT_TRUE(world.start());
    client.connect();
    // A reader of everything up to 40 in epoch 1 asks whether that is still so.
    auto epoch = client.ask(model::FindOffset{partition, model::FindOffset::At::kEpochEnd, 0, 1});
    ASSERT_TRUE(epoch && epoch->offset);
    EXPECT_GE(*epoch->offset, Offset(20));
    lost_in += *epoch->offset < Offset(40);
    for (int i = 0; i < 30; ++i) append("third life");
    auto again = client.ask(model::FindOffset{partition, model::FindOffset::At::kEpochEnd, 0, 1});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->offset, epoch->offset);
  }
  EXPECT_GT(lost_in, 0);
}

TEST_F(LogScenario, AReaderWaitsForData) {
  std::optional<Offset> end;
  client.call(
      model::AwaitData{
          .partition = partition("log"), .beyond = Offset(0), .deadline_boot_ms = world.now().boot_ms + 10'000},
      [&](const Result<model::DataAwaited>& reply) { end = reply->end; });
  world.advance(1000);
  EXPECT_FALSE(end);
  send("log", {"a"});
  world.advance(10);
  EXPECT_EQ(end, Offset(1));
  end.reset();
  client.call(
      model::AwaitData{
          .partition = partition("log"), .beyond = Offset(1), .deadline_boot_ms = world.now().boot_ms + 100},
      [&](const Result<model::DataAwaited>& reply) { end = reply->end; });
  world.advance(200);
  EXPECT_EQ(end, Offset(1)) << "at the deadline";
}

TEST_F(LogScenario, OffsetsAreFoundAndRecordsDeleted) {
  for (int i = 0; i < 5; ++i) {
    send("log", {std::to_string(i)});
    world.advance(1000);
  }
  using At = model::FindOffset::At;
  int64_t third = 0;
  auto all = client.ask(model::Fetch{.partition = partition("log")});
  ASSERT_TRUE(all);
  ASSERT_THAT(all->batches, SizeIs(5));
  third = all->batches[2].header.max_timestamp_ms;
  auto found = client.ask(model::FindOffset{.partition = partition("log"), .timestamp_ms = third});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->offset, Offset(2));
  EXPECT_EQ(client.ask(model::FindOffset{.partition = partition("log"), .at = At::kMaxTimestamp})->offset, Offset(4));
  ASSERT_TRUE(client.ask(model::DeleteRecords{.partition = partition("log"), .before = Offset(3)}));
  restart();
  EXPECT_EQ(client.ask(model::FindOffset{.partition = partition("log"), .at = At::kStart})->offset, Offset(3));
  EXPECT_EQ(client.ask(model::FindOffset{.partition = partition("log"), .at = At::kEnd})->offset, Offset(5));
  auto gone = client.ask(model::Fetch{.partition = partition("log"), .from = Offset(1)});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kOffsetOutOfRange);
  EXPECT_THAT(fetch("log", 3), ElementsAre("3", "4"));
}

TEST_F(LogScenario, AGroupJoinsSyncsCommitsAndKeepsItsPositions) {
  model::JoinGroup join{.group = "readers",
                        .client_id = "c",
                        .protocol_type = "consumer",
                        .protocols = {{.name = "range", .metadata = {1}}},
                        .session_timeout_ms = 10'000,
                        .rebalance_timeout_ms = 10'000};
  auto joined = client.ask(join);
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->leader, joined->member_id);
  auto synced = client.ask(model::SyncGroup{.group = "readers",
                                            .member_id = joined->member_id,
                                            .generation = joined->generation,
                                            .assignments = {{joined->member_id, {7}}}});
  ASSERT_TRUE(synced);
  EXPECT_EQ(synced->assignment, ByteVec{7});
  model::CommitOffsets commit{.group = "readers",
                              .member_id = joined->member_id,
                              .generation = joined->generation,
                              .offsets = {{.topic = "log", .partition = 1, .offset = Offset(42)}}};
  ASSERT_TRUE(client.ask(commit));
  commit.generation += 1;
  EXPECT_EQ(client.ask(commit).error().code, ErrorCode::kIllegalGeneration);
  restart();
  auto committed = client.ask(model::FetchOffsets{.group = "readers"});
  ASSERT_TRUE(committed);
  ASSERT_THAT(committed->offsets, SizeIs(1));
  EXPECT_EQ(committed->offsets[0].offset, Offset(42));
  EXPECT_EQ(committed->offsets[0].partition, 1u);
}

TEST_F(LogScenario, ATopicIsAQueueToItsSubscribers) {
  send("log", {"before"});
  ASSERT_TRUE(client.ask(model::DeclareQueue{.name = {.text = "sub"}, .topic = "log", .start = model::Start::kEnd}));
  send("log", {"after"});
  consume(client, "sub", 1, 10);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(bodies(got), ElementsAre("after"));
  accept(got[0]);
  EXPECT_THAT(fetch("log", 0), ElementsAre("before", "after"))
      << "a time-retained topic keeps what queues have settled";
}

TEST_F(LogScenario, ABatchThatTheJournalCannotTakeAtOnceIsRefused) {
  create_topic("t");
  auto refused = try_publish("t", texts({std::string(240'000, 'x')}));
  ASSERT_FALSE(refused) << "a quarter of a journal of 1 MiB is less";
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(try_publish("t", texts({std::string(200'000, 'x')})));
}

TEST_F(LogScenario, ATurnMayRecordMoreThanTheJournalTakesAtOnce) {
  create_topic("t");
  int answered = 0;
  for (int i = 0; i < 6; ++i)
    client.call(model::Append{.partition = partition("t"), .batch = batch_of(texts({std::string(100'000, 'x')}))},
                [&](const Result<model::Appended>& reply) { answered += reply ? 1 : 0; });
  EXPECT_TRUE(world.run_until([&] { return answered == 6; }, 5'000)) << answered;
}

}  // namespace
}  // namespace godwit::scenario
