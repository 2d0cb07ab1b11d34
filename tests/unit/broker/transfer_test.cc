#include "broker/transfer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "model/native_message.h"
#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class TransferTest : public Scenario {
 protected:
  using Scenario::Scenario;
  /// "orders", whose dead letters go to `target`, and one consumer of it.
  void orders(model::DeadLetter target) {
    declare("orders", {.dead_letter = std::move(target)});
    consume(client, "orders", 1, 100);
  }
  void reject_all() {
    for (const Got& got : deliveries()) settle(client, got, model::Verb::kReject);
  }
  std::vector<Got> dead() {
    consume(client, "dead", 2, 100);
    return deliveries();
  }
};

TEST_F(TransferTest, AnInternalExchangeTakesDeadLetters) {
  declare("dead");
  ASSERT_TRUE(
      client.ask(model::DeclareExchange{.exchange = {.name = {.text = "inner"}, .type = "fanout", .internal = true}}));
  bind("inner", "dead", "");
  orders({.exchange = "inner"});
  send("orders", {"a"});
  reject_all();
  EXPECT_THAT(bodies(dead()), ElementsAre("a"));
}

TEST_F(TransferTest, AMessageThatCannotBeReadTakesNoOtherWithIt) {
  declare("dead");
  orders({.routing_key = "dead"});
  model::NativeBatchBuilder builder;
  builder.add({.body = as_bytes("before")});
  builder.add({.origin = model::Origin::kAmqp091, .properties = as_bytes("\xff"), .body = as_bytes("damaged")});
  builder.add({.body = as_bytes("after")});
  ASSERT_TRUE(client.ask(model::Append{.partition = partition("orders"), .batch = builder.seal(0)}));
  world.advance(50);
  model::Settle settle{.ledger = ledger("orders"), .consumer = ConsumerTag(1), .verb = model::Verb::kReject};
  settle.runs = {{Offset(0), 3}};
  ASSERT_TRUE(client.ask(std::move(settle)));
  client.notices.clear();
  EXPECT_THAT(bodies(dead()), ElementsAre("before", "after"));
  EXPECT_EQ(describe("orders").leased, 0u);
}

TEST_F(TransferTest, TheTimeToLiveThatIsTakenAwayIsTold) {
  declare("dead");
  orders({.routing_key = "dead"});
  model::NativeBatchBuilder builder;
  ByteVec properties{0, 6, 'o', 'r', 'd', 'e', 'r', 's', 0x01, 0x00, 5, '6', '0', '0', '0', '0'};
  builder.add({.origin = model::Origin::kAmqp091,
               .expires_at_ms = world.now().wall_ms + 60'000,
               .properties = properties,
               .body = as_bytes("a")});
  ASSERT_TRUE(client.ask(model::Append{.partition = partition("orders"), .batch = builder.seal(0)}));
  reject_all();
  std::vector<Got> got = dead();
  ASSERT_THAT(got, SizeIs(1));
  EXPECT_EQ(got[0].patch->deaths.at(0).original_expiration, "60000");
  settle(client, got[0], model::Verb::kAccept);
}

TEST_F(TransferTest, OrderHoldsThroughACrashHalfway) {
  declare("dead");
  orders({.routing_key = "dead"});
  std::vector<std::string> sent;
  for (int i = 0; i < 50; ++i) sent.push_back(std::to_string(i));
  send("orders", sent);
  reject_all();
  restart(How::kCrash);
  EXPECT_THAT(bodies(dead()), testing::ElementsAreArray(sent));
}

/// A broker with room for more than an outbox.
class OutboxTest : public TransferTest {
 protected:
  static constexpr size_t kMessageBytes = 200'000;
  OutboxTest() : TransferTest({.broker = options(), .disk_bytes = 512_MiB}) {
    declare("dead");
    declare("orders", {.dead_letter = model::DeadLetter{.routing_key = "dead"}});
  }
  static broker::Options options() {
    broker::Options options = sim::World::small();
    options.journal_bytes_max = 64_MiB;
    options.memory_messages_bytes = 4_MiB;
    options.memory_limit = 64_MiB;
    return options;
  }
  /// More than two outboxes; the older ones have left memory.
  void send_many() {
    for (; sent_.size() * kMessageBytes < 2 * broker::Transfer::kOutboxBytesMax;) {
      sent_.push_back(fmt::format("{:06}", sent_.size()));
      send("orders", {sent_.back() + std::string(kMessageBytes, '.')});
    }
  }
  void reject_rest() {
    consume(client, "orders", 1, 1'000);
    model::Settle settle{.ledger = ledger("orders"), .consumer = ConsumerTag(1), .verb = model::Verb::kReject};
    for (const Got& got : deliveries()) settle.runs.push_back({got.offset, 1});
    if (!settle.runs.empty()) client.call(std::move(settle), [](const Result<model::Settled>&) {});
  }
  std::vector<std::string> arrived() {
    std::vector<std::string> all;
    for (size_t before = SIZE_MAX; before != all.size();) {
      before = all.size();
      for (const Got& got : receive("dead", 10, 1'000'000)) all.push_back(got.body.substr(0, 6));
    }
    return all;
  }
  engine::Shard& shard() {
    return world.broker().worker(WorkerId(0)).partitions().find(partition("orders"))->owner->shard;
  }
  std::vector<std::string> sent_;
};

TEST_F(OutboxTest, WhatItDoesNotHoldWaitsInTheQueue) {
  send_many();
  world.disk().set_capacity(world.disk().used_bytes());
  world.advance(2'000);
  reject_rest();
  world.advance(5'000);
  EXPECT_GE(shard().outbox_bytes(), broker::Transfer::kOutboxBytesMax);
  EXPECT_LT(shard().outbox_bytes(), broker::Transfer::kOutboxBytesMax + 2 * kMessageBytes);
  EXPECT_EQ(describe("dead").ready, 0u);
  world.disk().set_capacity(512_MiB);
  uint64_t most = 0;
  world.run_until([&] {
    most = std::max(most, shard().outbox_bytes());
    return world.broker().worker(WorkerId(0)).counters().dead_letters == sent_.size() && shard().outbox().empty();
  });
  EXPECT_LT(most, broker::Transfer::kOutboxBytesMax + 2 * kMessageBytes);
  EXPECT_THAT(arrived(), testing::ElementsAreArray(sent_));
}

TEST_F(OutboxTest, ACrashWhileMessagesWaitLosesAndRepeatsNone) {
  send_many();
  world.disk().set_capacity(world.disk().used_bytes());
  world.advance(2'000);
  reject_rest();
  world.advance(5'000);
  world.disk().set_capacity(512_MiB);
  restart();
  reject_rest();
  world.advance(10'000);
  EXPECT_THAT(arrived(), testing::ElementsAreArray(sent_));
}

TEST_F(OutboxTest, AQueueThatIsDeletedMeanwhileEndsIt) {
  send_many();
  world.disk().set_capacity(world.disk().used_bytes());
  world.advance(2'000);
  reject_rest();
  world.advance(5'000);
  size_t copied = shard().outbox().size();
  ASSERT_TRUE(client.ask(model::DeleteQueue{.name = {.text = "orders"}}));
  world.disk().set_capacity(512_MiB);
  world.advance(10'000);
  EXPECT_THAT(arrived(), SizeIs(copied));
}

}  // namespace
}  // namespace godwit::scenario
