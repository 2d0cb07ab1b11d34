#include "broker/session_port.h"

#include "broker/broker.h"
#include "broker/worker.h"
#include "model/placement.h"
#include "scenario/scenario.h"

namespace godwit::broker {
namespace {

/// Counts what reaches it.
class Probe final : public Session {
 public:
  explicit Probe(SessionHost& session_host) : host(session_host) {}
  size_t on_bytes(ByteView in) override { return ++reads, in.size(); }
  size_t bytes_wanted() const override { return 0; }
  void on_reply(RequestId, Reply reply) override { last = std::move(reply); }
  void on_notice(Notice) override { ++notices; }
  void on_timer() override { ++timers; }
  void on_writable() override {}
  bool paused() const override { return false; }
  void on_closed() override {}
  std::string describe() const override { return "probe"; }
  size_t held_bytes() const override { return held; }

  SessionHost& host;
  size_t held = 0;
  int reads = 0;
  int timers = 0;
  int notices = 0;
  std::optional<Reply> last;
};

class SessionPortTest : public scenario::Scenario, private Connection {
 protected:
  SessionPortTest() {
    port_ = &world.broker()
                 .worker(WorkerId(0))
                 .open_session(
                     [this](SessionHost& host) {
                       auto probe = std::make_unique<Probe>(host);
                       probe_ = probe.get();
                       return probe;
                     },
                     *this);
  }
  int64_t in(int64_t ms) { return world.now().boot_ms + ms; }
  void session_changed() override { ++changes_; }
  size_t unsent_bytes() const override { return 11; }

  SessionPort* port_ = nullptr;
  Probe* probe_ = nullptr;
  int changes_ = 0;
};

TEST_F(SessionPortTest, TheLastTimerSetIsTheOneThatFires) {
  port_->set_timer(in(100));
  port_->set_timer(in(500));
  world.advance(400);
  EXPECT_EQ(probe_->timers, 0);
  world.advance(200);
  EXPECT_EQ(probe_->timers, 1);
  port_->set_timer(in(500));
  port_->set_timer(in(100));
  world.advance(200);
  EXPECT_EQ(probe_->timers, 2);
  world.advance(1'000);
  EXPECT_EQ(probe_->timers, 2);  // once each
}

TEST_F(SessionPortTest, ATimerThatIsPutOffAgainAndAgainIsOneTimer) {
  world.advance(1'000);
  size_t before = world.scheduler().pending();
  for (int i = 0; i < 1'000; ++i) port_->set_timer(in(60'000 + i));
  EXPECT_LE(world.scheduler().pending(), before + 1);
  world.advance(60'500);
  EXPECT_EQ(probe_->timers, 0);
  world.advance(1'000);
  EXPECT_EQ(probe_->timers, 1);
}

TEST_F(SessionPortTest, NothingReachesASessionThatHasClosed) {
  port_->set_timer(in(100));
  port_->close();
  EXPECT_EQ(port_->on_bytes(as_bytes(std::string_view("abc"))), 3u);  // taken and dropped
  world.advance(200);
  EXPECT_EQ(probe_->reads + probe_->timers, 0);
  EXPECT_TRUE(port_->paused());
  EXPECT_GT(changes_, 0);
}

TEST_F(SessionPortTest, ATimerMayOutliveItsSession) {
  port_->set_timer(in(100));
  world.broker().worker(WorkerId(0)).close_session(port_->id());
  world.advance(200);
}

TEST_F(SessionPortTest, BeforeItAuthenticatesASessionMayDoNothing) {
  port_->submit(1, model::DescribeLedger{});
  world.advance(50);
  ASSERT_TRUE(probe_->last && !*probe_->last);
  EXPECT_EQ(probe_->last->error().code, ErrorCode::kAccessDenied);
  probe_->last.reset();
  port_->set_principal({"guest", false});
  port_->submit(2, model::DescribeLedger{});
  world.advance(50);
  ASSERT_TRUE(probe_->last && !*probe_->last);
  EXPECT_EQ(probe_->last->error().code, ErrorCode::kNotFound);
}

TEST_F(SessionPortTest, WhatASessionHoldsCountsAtOnceWhenItAsks) {
  EXPECT_FALSE(probe_->host.memory_exhausted());
  probe_->held = world.broker().worker(WorkerId(0)).memory().buffers_max();
  EXPECT_TRUE(probe_->host.memory_exhausted());
  probe_->held = 0;
  EXPECT_FALSE(probe_->host.memory_exhausted());
}

TEST_F(SessionPortTest, UnsentIsWhatLiesHereAndAtTheConnection) {
  port_->output().buffer().resize(5);
  EXPECT_EQ(port_->unsent_bytes(), 16u);
}

TEST_F(SessionPortTest, ALostConnectionLeavesNoConsumerBehind) {
  declare("q", {}, 2);
  port_->set_principal({"guest", false});
  port_->submit(1, model::Attach{.ledger = ledger("q", 1), .tag = ConsumerTag(1), .credit = 1});
  world.advance(50);
  EXPECT_EQ(describe("q", 1).consumers, 1u);
  world.broker().worker(WorkerId(0)).close_session(port_->id());
  world.advance(50);
  EXPECT_EQ(describe("q", 1).consumers, 0u);
}

TEST_F(SessionPortTest, ALostConnectionWaitsForNothing) {
  create_topic("t", 4);
  port_->set_principal({"guest", false});
  auto waiting = [&] {
    size_t n = 0;
    for (uint32_t i = 0; i < 4; ++i) {
      PartitionId id = partition("t", i);
      n += world.broker().worker(world.broker().owner_of(model::shard_of(id))).partitions().find(id)->waiters.size();
    }
    return n;
  };
  for (uint32_t i = 0; i < 4; ++i)
    port_->submit(i + 1, model::AwaitData{.partition = partition("t", i), .deadline_boot_ms = in(60'000)});
  world.advance(50);
  EXPECT_EQ(waiting(), 4u);
  world.broker().worker(WorkerId(0)).close_session(port_->id());
  world.advance(50);
  EXPECT_EQ(waiting(), 0u);
}

TEST_F(SessionPortTest, AWaitThatIsOverIsForgotten) {
  create_topic("t");
  port_->set_principal({"guest", false});
  for (broker::RequestId id = 1; id < 100; ++id)
    port_->submit(id, model::AwaitData{.partition = partition("t"), .deadline_boot_ms = in(60'000)});
  world.advance(50);
  EXPECT_EQ(port_->waits().size(), 1u) << "a later one answers the one before";
  world.advance(60'000);
  EXPECT_TRUE(port_->waits().empty());
}

TEST_F(SessionPortTest, QueuesThatAreGoneAreForgotten) {
  port_->set_principal({"guest", false});
  declare("kept");
  port_->submit(1, model::Attach{.ledger = ledger("kept"), .tag = ConsumerTag(1), .credit = 1});
  for (uint32_t i = 0; i < 200; ++i) {
    std::string name = "q" + std::to_string(i);
    declare(name);
    port_->submit(i + 2, model::Attach{.ledger = ledger(name), .tag = ConsumerTag(i + 2), .credit = 1});
    world.advance(5);
    ASSERT_TRUE(client.ask(model::DeleteQueue{.name = {.text = name}}));
  }
  EXPECT_LE(port_->ledgers().size(), 32u);
  EXPECT_TRUE(port_->ledgers().contains(ledger("kept")));
}

}  // namespace
}  // namespace godwit::broker
