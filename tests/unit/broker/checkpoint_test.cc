#include "broker/checkpoint.h"

#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "broker/broker.h"
#include "model/placement.h"
#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class CheckpointTest : public Scenario {
 protected:
  CheckpointTest() { create_topic("t"); }

  std::vector<std::string> blobs(const std::string& folder) {
    return world.disk().list("blobs/" + folder).value_or(std::vector<std::string>());
  }
  /// The journal has nothing to write, so what fails next is a blob.
  void checkpoint_without_first_blob() {
    world.advance(100);
    world.disk().fail_next_write();
    world.broker().worker(WorkerId(0)).checkpoint().run_now([this] { ended_ = true; });
  }
  void fail_checkpoint() {
    checkpoint_without_first_blob();
    ASSERT_TRUE(world.run_until([this] { return ended_; }));
    world.advance(10);
    ASSERT_FALSE(world.failure());
    ASSERT_THAT(world.reports(), testing::Not(IsEmpty()));
  }

 private:
  bool ended_ = false;
};

TEST_F(CheckpointTest, ARoundThatFailsLeavesNothingBehind) {
  send("t", {"a"});
  fail_checkpoint();
  EXPECT_THAT(blobs("segment"), IsEmpty());
  EXPECT_THAT(blobs("snapshot"), IsEmpty());
  world.advance(2'000);
  EXPECT_THAT(blobs("segment"), SizeIs(1)) << "the next one has stored it";
  EXPECT_THAT(blobs("snapshot"), SizeIs(1));
  restart();
  EXPECT_THAT(fetch("t", 0), ElementsAre("a"));
}

TEST_F(CheckpointTest, WhatItWasToRemoveIsLeftToTheNext) {
  send("t", {"a"});
  restart(How::kStop);
  std::vector<std::string> old = blobs("segment");
  ASSERT_THAT(old, SizeIs(1));
  ASSERT_TRUE(client.ask(model::DeleteRecords{partition("t"), Offset(1)}));
  send("t", {"b"});
  fail_checkpoint();
  EXPECT_EQ(blobs("segment"), old);
  world.advance(2'000);
  ASSERT_THAT(blobs("segment"), SizeIs(1));
  EXPECT_NE(blobs("segment"), old);
}

/// What one worker has written is of several workers when there are more of them.
TEST_F(CheckpointTest, ASegmentsBlobGoesWithItsLastUserAlsoAfterAStartWithMoreWorkers) {
  const std::vector<std::string> topics = {"a", "b", "c", "d", "e"};
  for (const std::string& topic : topics) {
    create_topic(topic);
    send(topic, {topic});
  }
  restart(How::kStop);
  ASSERT_THAT(blobs("segment"), SizeIs(1));
  world.set_workers(3);
  restart(How::kStop);
  for (const std::string& topic : topics) {
    restart(How::kStop);
    EXPECT_THAT(fetch(topic, 0), ElementsAre(topic));
    ASSERT_TRUE(client.ask(model::DeleteRecords{partition(topic), Offset(1)}));
  }
  restart(How::kStop);
  EXPECT_THAT(blobs("segment"), IsEmpty());
}

TEST_F(CheckpointTest, WhatOneTopicKeepsDoesNotKeepMuchOfAnother) {
  create_topic("much");
  for (int round = 0; round < 3; ++round) {
    send("t", {"little"});
    send("much", {std::string(4'000, 'x')});
    restart(How::kStop);
  }
  EXPECT_THAT(blobs("segment"), SizeIs(6));
  ASSERT_TRUE(client.ask(model::DeleteRecords{partition("much"), Offset(3)}));
  restart(How::kStop);
  restart(How::kStop);
  EXPECT_THAT(blobs("segment"), SizeIs(3));
}

TEST_F(CheckpointTest, SegmentsOfATopicThatWasDeletedBeforeACrashGo) {
  send("t", {"a"});
  restart(How::kStop);
  ASSERT_THAT(blobs("segment"), SizeIs(1));
  ASSERT_TRUE(client.ask(model::DeleteTopic{{.text = "t"}}));
  restart(How::kCrash);
  EXPECT_THAT(blobs("segment"), SizeIs(1)) << "the manifest still names it";
  restart(How::kStop);
  EXPECT_THAT(blobs("segment"), IsEmpty());
}

TEST_F(CheckpointTest, PublishersAreToldWhenBlobsCannotBeStored) {
  send("t", {"a"});
  world.disk().fail_writes_in("blobs");
  std::optional<Error> refused;
  for (int i = 0; i < 1'000 && !refused; ++i)
    if (auto sent = try_publish("t", {{.body = std::string(8'000, '.')}}); !sent) refused = sent.error();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, ErrorCode::kFull);
  EXPECT_THAT(refused->message, testing::HasSubstr("blobs/"));
  EXPECT_TRUE(world.broker().worker(WorkerId(0)).blocked());
  EXPECT_THAT(fetch("t", 0), testing::Not(IsEmpty())) << "readers go on";
  world.disk().work_again();
  world.advance(2'000);
  EXPECT_FALSE(world.broker().worker(WorkerId(0)).blocked());
  send("t", {"b"});
}

TEST_F(CheckpointTest, BlobsDoNotPileUpForWantOfAManifest) {
  send("t", {"a"});
  restart(How::kStop);
  send("t", {"b"});
  world.advance(100);
  world.disk().fail_writes_in("blobs/manifest");
  world.broker().worker(WorkerId(0)).checkpoint().run_now([] {});
  world.advance(20'000);
  EXPECT_GT(world.reports().size(), 10U) << "it is tried again and again";
  EXPECT_THAT(blobs("snapshot"), SizeIs(2));
  world.disk().work_again();
  world.advance(2'000);
  EXPECT_THAT(blobs("snapshot"), SizeIs(1));
  restart();
  EXPECT_THAT(fetch("t", 0), ElementsAre("a"));
  EXPECT_THAT(fetch("t", 1), ElementsAre("b"));
}

class TwoWorkersTest : public Scenario {
 protected:
  TwoWorkersTest() : Scenario(sim::World::Setup{.workers = 2, .broker = with_memory()}) {}

  /// What is full first is the journal.
  static broker::Options with_memory() {
    broker::Options options = sim::World::small();
    options.memory_messages_bytes = 64ULL << 20;
    options.memory_limit = 256ULL << 20;
    return options;
  }
  /// A topic that this worker owns.
  std::string topic_of(uint16_t worker) {
    for (int i = 0; i < 100; ++i) {
      std::string name = fmt::format("{}-{}", worker, i);
      model::TopicInfo topic = create_topic(name);
      if (world.broker().owner_of(model::shard_of({topic.id, 0})) == WorkerId(worker)) return name;
    }
    return "";
  }
  std::optional<Error> publish_until_refused(const std::string& topic) {
    for (int i = 0; i < 1'000; ++i)
      if (auto sent = try_publish(topic, {{.body = std::string(8'000, '.')}}); !sent) return sent.error();
    return std::nullopt;
  }
};

/// The journal is everybody's: a worker whose own blobs are not in its way would wait for room that does not come.
TEST_F(TwoWorkersTest, NobodyWaitsForAWorkerThatCannotStoreItsBlobs) {
  const std::string stuck = topic_of(0), other = topic_of(1);
  send(stuck, {"a"});
  world.broker().worker(WorkerId(1)).checkpoint().run_now([] {});
  world.advance(100);
  world.disk().fail_writes_in("blobs");
  std::optional<Error> refused = publish_until_refused(stuck);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, ErrorCode::kFull);
  refused = publish_until_refused(other);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, ErrorCode::kFull);
  world.disk().work_again();
  world.advance(2'000);
  send(stuck, {"b"});
  send(other, {"c"});
}

/// A hot shard next to cold ones, of which each round touches another.
TEST_F(CheckpointTest, DeadSnapshotsAreNoMoreThanLiveOnesAndARound) {
  declare("cold", {}, 40);
  for (int i = 0; i < 200; ++i) declare("queue-" + std::to_string(i));
  restart(How::kStop);
  auto bytes = [this] {
    uint64_t all = 0;
    for (const std::string& blob : blobs("snapshot")) all += world.disk().size_of("blobs/snapshot/" + blob);
    return all;
  };
  uint64_t live = bytes();
  for (uint32_t i = 0; i < 40; ++i) {
    ASSERT_TRUE(client.ask(model::Append{.partition = partition("cold", i), .batch = batch_of({{.body = "m"}})}));
    declare("another-" + std::to_string(i));
    bool ended = false;
    world.broker().worker(WorkerId(0)).checkpoint().run_now([&] { ended = true; });
    ASSERT_TRUE(world.run_until([&] { return ended; }));
    world.advance(10);
    if (i == 20) restart();
  }
  EXPECT_LT(bytes(), 4 * live);
  restart(How::kStop);
  EXPECT_THAT(fetch("cold", 0, 7), ElementsAre("m"));
}

TEST_F(CheckpointTest, AStartReadsEachSnapshotBlobOnce) {
  world.set_workers(3);
  restart(How::kStop);
  declare("q", {}, 100);
  restart(How::kStop);
  std::vector<std::string> all = blobs("snapshot");
  ASSERT_GE(all.size(), 3u);
  auto opened = [&] {
    uint64_t times = 0;
    for (const std::string& blob : all) times += world.disk().opened_to_read("blobs/snapshot/" + blob);
    return times;
  };
  uint64_t before = opened();
  restart(How::kCrash);
  EXPECT_EQ(opened() - before, all.size());
}

/// With so many messages: where the disk fills up, and whether the journal does too meanwhile, is another place each
/// time.
class FullDiskTest : public CheckpointTest, public testing::WithParamInterface<size_t> {};
INSTANTIATE_TEST_SUITE_P(Messages, FullDiskTest, testing::Range(size_t{300}, size_t{460}, size_t{20}));

TEST_P(FullDiskTest, IsLeftByWhatNobodyNeeds) {
  declare("q");
  for (size_t i = 0; i < GetParam(); ++i) send("q", {std::to_string(i) + std::string(8'000, '.')});
  world.advance(1'000);
  ASSERT_GT(blobs("segment").size(), 2u);
  world.disk().set_capacity(world.disk().used_bytes());
  world.advance(2'000);
  consume(client, "q", 1, 1'000);
  std::vector<Got> got = deliveries();
  for (int i = 0; i < 100 && got.size() < GetParam(); ++i)
    for (const Got& more : deliveries()) got.push_back(more);
  ASSERT_THAT(got, SizeIs(GetParam()));
  for (const Got& message : got) settle(client, message);
  world.advance(10'000);
  restart();
  EXPECT_EQ(describe("q").ready, 0u);
  send("q", {"there is room again"});
}

TEST_F(CheckpointTest, AWorkerWithNothingToDoIsNotInTheWay) {
  sim::World::Setup setup;
  setup.workers = 3;
  sim::World wide(setup);
  ASSERT_TRUE(wide.start());
  sim::SimClient producer(wide);
  std::vector<PartitionId> partitions;
  for (int i = 0; i < 6; ++i) {
    auto made = producer.ask(model::CreateTopic{.name = {.text = std::to_string(i)}});
    ASSERT_TRUE(made);
    partitions.push_back({made->topic.id, 0});
    ASSERT_TRUE(producer.ask(model::Append{.partition = partitions.back(), .batch = batch_of({{.body = "first"}})}));
  }
  int64_t began = wide.now().boot_ms;
  for (int i = 0; i < 500; ++i)
    ASSERT_TRUE(producer.ask(
        model::Append{.partition = partitions[0], .batch = batch_of({{.body = std::string(20'000, '.')}})}));
  EXPECT_LT(wide.now().boot_ms - began, 900) << "the poll of the disk wakes them once a second";
}

TEST_F(CheckpointTest, ACrashBeforeTheyAreRemovedDoesNoHarm) {
  for (uint64_t cut = 0; cut < 12; ++cut) {
    send("t", {std::to_string(cut)});
    checkpoint_without_first_blob();
    world.run_some(cut);
    restart(cut % 2 == 0 ? How::kCrash : How::kKill);
    ASSERT_THAT(fetch("t", static_cast<int64_t>(cut)), ElementsAre(std::to_string(cut)));
    ASSERT_LE(blobs("segment").size(), 1u) << cut;
    ASSERT_LE(blobs("snapshot").size(), 1u) << cut;
  }
}

}  // namespace
}  // namespace godwit::scenario
