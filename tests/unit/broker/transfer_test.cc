#include "broker/transfer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "model/kafka_message.h"
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

TEST_F(TransferTest, WhatASegmentDoesNotHaveIsPassedOverAtOnce) {
  declare("q");
  for (int i = 0; i < 40; ++i) send("q", {std::to_string(i)});
  for (const Got& got : receive("q", 100))
    if (got.offset.value % 20 != 15) settle_lease(got);
  restart(How::kStop);
  declare("dead");
  ASSERT_TRUE(client.ask(
      model::DeclareQueue{.name = {.text = "newest"},
                          .topic = "q",
                          .settings = {.length_max = 1, .dead_letter = model::DeadLetter{.routing_key = "dead"}}}));
  for (const char* body : {"new", "newer", "newest"}) send("q", {body});
  world.advance(1'000);
  EXPECT_THAT(bodies(dead()), ElementsAre("15", "35", "new", "newer"));
  EXPECT_EQ(describe("newest").ready, 1u);
  EXPECT_LT(world.broker().worker(WorkerId(0)).counters().cold_reads, 6u);
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

/// Messages with the header "k".
model::Batch with_headers(const std::vector<std::string>& values) {
  model::KafkaBatchBuilder builder;
  for (const std::string& value : values) {
    model::KafkaHeaders headers;
    headers.add("k", as_bytes(value));
    builder.add({.value = as_bytes(value), .header_count = headers.count(), .headers = headers.bytes()});
  }
  auto bytes = builder.finish(model::Compression::kNone);
  EXPECT_TRUE(bytes);
  return model::seal_batch(model::Encoding::kKafka, 0, static_cast<uint32_t>(values.size()), 1,
                           Slice::take(std::move(*bytes)));
}

class HeadersTransferTest : public TransferTest {
 protected:
  HeadersTransferTest() {
    exchange({.name = {.text = "by-k"}, .type = "headers"});
    for (std::string k : {"a", "b"}) {
      declare(k);
      EXPECT_TRUE(client.ask(
          model::Bind{{.source = {.text = "by-k"},
                       .target = k,
                       .arguments = {{"x-match", model::Value(std::string("all"))}, {"k", model::Value(k)}}}}));
    }
  }
  void exchange(model::ExchangeInfo info) {
    EXPECT_TRUE(client.ask(model::DeclareExchange{.exchange = std::move(info)}));
  }
  void expect_each_gets_its_own() {
    ASSERT_TRUE(client.ask(
        model::Append{.partition = partition("orders"), .batch = with_headers({"a", "b", "b", "a", "b", "a"})}));
    world.advance(50);
    model::Settle settle{.ledger = ledger("orders"), .consumer = ConsumerTag(1), .verb = model::Verb::kReject};
    settle.runs = {{Offset(0), 6}};
    ASSERT_TRUE(client.ask(std::move(settle)));
    client.notices.clear();
    for (const std::string k : {"a", "b"}) {
      consume(client, k, 2, 100);
      EXPECT_THAT(bodies(deliveries()), ElementsAre(k, k, k));
    }
  }
};

TEST_F(HeadersTransferTest, EachIsRoutedByItsOwnBehindAnotherExchange) {
  exchange({.name = {.text = "all"}, .type = "fanout"});
  ASSERT_TRUE(client.ask(
      model::Bind{{.source = {.text = "all"}, .target_kind = model::BindingTarget::kExchange, .target = "by-k"}}));
  orders({.exchange = "all"});
  expect_each_gets_its_own();
}

TEST_F(HeadersTransferTest, EachIsRoutedByItsOwnThroughAnAlternate) {
  exchange({.name = {.text = "none"}, .type = "direct", .alternate = "by-k"});
  orders({.exchange = "none"});
  expect_each_gets_its_own();
}

class CycleTest : public TransferTest {
 protected:
  broker::Counters counters() { return world.broker().worker(WorkerId(0)).counters(); }
};

TEST_F(CycleTest, WhatComesBackByItselfIsDropped) {
  declare("loop", {.length_max = 1, .dead_letter = model::DeadLetter{.routing_key = "loop"}});
  send("loop", {"a", "b", "c"});
  world.advance(1'000);
  EXPECT_EQ(counters().dead_letters, 2u);
  EXPECT_EQ(counters().dead_letters_dropped, 2u);
  EXPECT_EQ(describe("loop").ready, 1u);
}

TEST_F(CycleTest, ALongerWayEndsWhereItBegan) {
  declare("one", {.message_ttl_ms = 100, .dead_letter = model::DeadLetter{.routing_key = "two"}});
  declare("two", {.message_ttl_ms = 100, .dead_letter = model::DeadLetter{.routing_key = "one"}});
  send("one", {"a"});
  world.advance(5'000);
  EXPECT_EQ(counters().dead_letters, 2u);
  EXPECT_EQ(counters().dead_letters_dropped, 1u);
  EXPECT_EQ(describe("one").ready + describe("two").ready, 0u);
}

TEST_F(CycleTest, ARejectionOnTheWayIsAReasonToComeBack) {
  declare("wait", {.message_ttl_ms = 100, .dead_letter = model::DeadLetter{.routing_key = "orders"}});
  orders({.routing_key = "wait"});
  send("orders", {"a"});
  for (uint64_t turn = 0; turn < 4; ++turn) {
    std::vector<Got> got = deliveries();
    ASSERT_THAT(bodies(got), ElementsAre("a")) << turn;
    ASSERT_EQ(got[0].patch ? got[0].patch->deaths.size() : 0, turn == 0 ? 0u : 2u);
    settle(client, got[0], model::Verb::kReject);
    world.advance(300);
  }
  EXPECT_EQ(counters().dead_letters_dropped, 0u);
}

/// Each stop is added to the message; what the journal takes at once is an end to that.
TEST_F(CycleTest, AWayThatIsTooLongForgetsItsOldestStops) {
  const size_t bytes_max = world.broker().worker(WorkerId(0)).stage().record_bytes_max();
  constexpr int kStops = 120;
  auto name = [](int i) { return fmt::format("{:03}", i) + std::string(240, 'q'); };
  declare(name(kStops));
  for (int i = kStops - 1; i >= 0; --i)
    declare(name(i), {.message_ttl_ms = 1, .dead_letter = model::DeadLetter{.routing_key = name(i + 1)}});
  send(name(0), {std::string(bytes_max - 500, 'z')});
  world.advance(20'000);
  consume(client, name(kStops), 1, 1);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(got, SizeIs(1));
  EXPECT_EQ(got[0].body.size(), bytes_max - 500);
  ASSERT_TRUE(got[0].patch);
  EXPECT_EQ(got[0].patch->deaths.front().queue, name(kStops - 1));
  EXPECT_LT(got[0].patch->deaths.size(), size_t{kStops});
  EXPECT_EQ(got[0].patch->source_topic, name(0));
}

TEST_F(CycleTest, OnlyTheQueueThatItLeftIsLeftOut) {
  declare("dead");
  ASSERT_TRUE(client.ask(model::DeclareExchange{.exchange = {.name = {.text = "both"}, .type = "fanout"}}));
  declare("one", {.message_ttl_ms = 100, .dead_letter = model::DeadLetter{.exchange = "both"}});
  bind("both", "one", "");
  bind("both", "dead", "");
  send("one", {"a"});
  world.advance(1'000);
  EXPECT_EQ(counters().dead_letters_dropped, 1u);
  EXPECT_THAT(bodies(dead()), ElementsAre("a"));
}

TEST_F(CycleTest, WhoIsNewIsNotDroppedWithWhoComesBack) {
  declare("wait", {.dead_letter = model::DeadLetter{.routing_key = "work"}, .delivery_limit = 0});
  declare("work", {.message_ttl_ms = 100, .dead_letter = model::DeadLetter{.routing_key = "wait"}});
  send("work", {"old"});
  world.advance(300);
  send("wait", {"new"});
  consume(client, "wait", 1, 10);
  ASSERT_THAT(bodies(deliveries()), ElementsAre("old", "new"));
  model::Settle settle{.ledger = ledger("wait"), .consumer = ConsumerTag(1), .verb = model::Verb::kFail};
  settle.runs = {{Offset(0), 2}};
  ASSERT_TRUE(client.ask(std::move(settle)));
  world.advance(20);
  EXPECT_EQ(counters().dead_letters_dropped, 1u);
  EXPECT_THAT(bodies(receive("work", 10)), ElementsAre("new"));
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
  /// Nothing arrives from now on, so that the outbox fills up.
  void reject_more_than_fits() {
    send_many();
    world.disk().set_capacity(0);  // whatever is removed meanwhile
    world.advance(2'000);
    reject_rest();
    world.advance(5'000);
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
  reject_more_than_fits();
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
  reject_more_than_fits();
  world.disk().set_capacity(512_MiB);
  restart();
  reject_rest();
  world.advance(10'000);
  EXPECT_THAT(arrived(), testing::ElementsAreArray(sent_));
}

TEST_F(OutboxTest, AQueueThatIsDeletedMeanwhileEndsIt) {
  reject_more_than_fits();
  size_t copied = shard().outbox().size();
  ASSERT_TRUE(client.ask(model::DeleteQueue{.name = {.text = "orders"}}));
  world.disk().set_capacity(512_MiB);
  world.advance(10'000);
  EXPECT_THAT(arrived(), SizeIs(copied));
}

}  // namespace
}  // namespace godwit::scenario
