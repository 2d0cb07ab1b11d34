#include "protocol/amqp091/deliveries.h"

#include <functional>

#include <gtest/gtest.h>

#include "support/fake_host.h"

namespace godwit::protocol::amqp091 {
namespace {

using model::Verb;
using Runs = std::vector<model::OffsetRun>;

/// Counts what its channel tells it.
class FakeConsumer final : public Consumer {
 public:
  explicit FakeConsumer(const std::string& name) : Consumer(1, name, true) {}
  void on_delivery(const model::DeliveredBatch&) override {}
  void on_credit_returned(LedgerId, uint32_t) override {}
  void on_ready(LedgerId) override {}
  void on_grown(const model::TopicInfo&) override {}
  uint32_t on_settled(LedgerId, uint64_t count) override {
    if (then) then();
    return unsettled_ -= count, 9;
  }
  void resume() override { ++resumed; }
  void detach(bool) override { ++detached; }
  void hold(uint64_t count) { unsettled_ += count; }

  std::function<void()> then;
  int resumed = 0;
  int detached = 0;
};

class DeliveriesTest : public testing::Test {
 protected:
  FakeConsumer& consumer(const std::string& tag) {
    return static_cast<FakeConsumer&>(deliveries_.add(std::make_unique<FakeConsumer>(tag)));
  }
  /// `count` messages of `ledger_` from `first` on. Returns their first tag.
  uint64_t deliver(FakeConsumer* to, int64_t first, uint32_t count = 1, uint32_t broker_tag = 1) {
    uint64_t tag = deliveries_.take_tags(count);
    deliveries_.record(deliveries_.source(ConsumerTag(broker_tag), ledger_, to, true), tag, Offset(first), count);
    if (to) to->hold(count), deliveries_.charge(count);
    return tag;
  }
  void expect_unknown(uint64_t tag, bool multiple) {
    Outcome done = deliveries_.settle(tag, multiple, Verb::kAccept);
    ASSERT_FALSE(done) << tag;
    EXPECT_EQ(done.error().code, ReplyCode::kPreconditionFailed);
    EXPECT_EQ(done.error().scope, Scope::kChannel);
  }
  model::Settle settled() {
    deliveries_.flush();
    auto taken = host_.take<model::Settle>();
    EXPECT_TRUE(taken);
    return taken ? std::move(taken->second) : model::Settle{};
  }

  Options options_;
  test::FakeHost host_;
  Link link_{host_, options_};
  Deliveries deliveries_{link_, 1};
  LedgerId ledger_{QueueId(1), {TopicId(2), 0}};
};

TEST_F(DeliveriesTest, TagsThatAreNotOpenAreUnknown) {
  expect_unknown(1, false);
  expect_unknown(1, true);
  uint64_t tag = deliver(&consumer("c"), 0, 3);
  EXPECT_EQ(tag, 1u);
  expect_unknown(0, false);
  expect_unknown(4, false);
  expect_unknown(4, true);  // never delivered: not "all up to it"
  expect_unknown(UINT64_MAX, true);
  EXPECT_TRUE(deliveries_.settle(2, true, Verb::kAccept));
  expect_unknown(2, false);
  expect_unknown(1, true);
  EXPECT_TRUE(deliveries_.settle(3, false, Verb::kAccept));
}

TEST_F(DeliveriesTest, MultipleZeroIsAllAndMayBeNone) {
  EXPECT_TRUE(deliveries_.settle(0, true, Verb::kAccept));
  deliver(&consumer("c"), 10, 100);
  EXPECT_TRUE(deliveries_.settle(0, true, Verb::kReject));
  model::Settle settle = settled();
  EXPECT_EQ(settle.verb, Verb::kReject);
  EXPECT_EQ(settle.runs, (Runs{{Offset(10), 100}}));
  EXPECT_EQ(settle.credit, 9u);  // the consumer's answer goes along
}

TEST_F(DeliveriesTest, WhatComesBackCountsWhereDeliveriesAreLimited) {
  FakeConsumer& c = consumer("c");
  model::QueueInfo& queue = host_.names.add_queue("q", host_.names.add_topic("q").id);
  ledger_.queue = queue.id;
  deliver(&c, 0, 2);
  EXPECT_TRUE(deliveries_.settle(1, false, Verb::kRelease));
  EXPECT_EQ(settled().verb, Verb::kRelease);
  queue.settings.delivery_limit = 3;
  EXPECT_TRUE(deliveries_.settle(2, false, Verb::kRelease));
  EXPECT_EQ(settled().verb, Verb::kFail);
}

/// A stream's consumer does that: what it is sent comes from sources that were not there before.
TEST_F(DeliveriesTest, AConsumerMayDeliverWhileItIsTold) {
  FakeConsumer& c = consumer("c");
  c.then = [&] {
    for (uint32_t i = 0; i < 100; ++i) deliveries_.source(ConsumerTag(10 + i), ledger_, &c, false);
  };
  deliver(&c, 5, 1, 3);
  EXPECT_TRUE(deliveries_.settle(1, false, Verb::kAccept));
  model::Settle settle = settled();
  EXPECT_EQ(settle.ledger, ledger_);
  EXPECT_EQ(settle.consumer, ConsumerTag(3));
}

TEST_F(DeliveriesTest, NothingIsSubmittedBeforeTheFlush) {
  deliver(&consumer("c"), 0, 2);
  EXPECT_TRUE(deliveries_.settle(1, false, Verb::kAccept));
  EXPECT_TRUE(deliveries_.settle(2, false, Verb::kAccept));
  EXPECT_TRUE(host_.submitted.empty());
  EXPECT_EQ(settled().runs, (Runs{{Offset(0), 2}}));
}

TEST_F(DeliveriesTest, WhatARemovedConsumerHeldIsSettledWithoutCredit) {
  FakeConsumer& gone = consumer("gone");
  deliver(&gone, 0, 2);
  EXPECT_EQ(deliveries_.remove("gone").get(), &gone);
  EXPECT_EQ(deliveries_.remove("gone"), nullptr);
  deliver(&consumer("next"), 50, 1, 2);  // takes no place that is still needed
  EXPECT_TRUE(deliveries_.settle(2, true, Verb::kRelease));
  model::Settle settle = settled();
  EXPECT_EQ(settle.consumer, ConsumerTag(1));
  EXPECT_EQ(settle.runs, (Runs{{Offset(0), 2}}));
  EXPECT_EQ(settle.credit, 0u);
}

TEST_F(DeliveriesTest, ASourceWithoutConsumerAndDeliveriesIsUsedAgain) {
  deliver(nullptr, 0, 1, 1);
  EXPECT_TRUE(deliveries_.settle(1, false, Verb::kAccept));
  settled();
  EXPECT_EQ(deliveries_.source(ConsumerTag(2), ledger_, nullptr, true), 0u);
  EXPECT_EQ(deliveries_.source(ConsumerTag(2), ledger_, nullptr, true), 0u);
  EXPECT_EQ(deliveries_.source(ConsumerTag(3), ledger_, nullptr, true), 1u);
}

TEST_F(DeliveriesTest, TheChannelsRoomIsWhatItsConsumersLeave) {
  EXPECT_FALSE(deliveries_.shares_prefetch());
  deliveries_.set_prefetch(4, true);
  FakeConsumer& first = consumer("first");
  FakeConsumer& second = consumer("second");
  deliver(&first, 0, 3, 1);
  EXPECT_EQ(deliveries_.channel_room(), 1u);
  deliver(&second, 10, 3, 2);
  EXPECT_EQ(deliveries_.channel_room(), 0u);
  EXPECT_TRUE(deliveries_.settle(3, true, Verb::kAccept));
  deliveries_.flush();
  EXPECT_EQ(deliveries_.channel_room(), 1u);
  EXPECT_EQ(second.resumed, 1);  // room that one made is another's too
  deliveries_.remove("second");
  EXPECT_EQ(deliveries_.channel_room(), 4u);
}

TEST_F(DeliveriesTest, ClosingReleasesWhatNoDetachReleases) {
  FakeConsumer& stays = consumer("stays");
  consumer("cancelled");
  deliver(&stays, 0, 1, 1);
  deliver(static_cast<FakeConsumer*>(deliveries_.find("cancelled")), 10, 2, 2);
  deliver(nullptr, 20, 1, 3);  // basic.get
  deliveries_.remove("cancelled");
  deliveries_.close();
  EXPECT_TRUE(deliveries_.consumers().empty());
  model::Settle first = settled(), second = settled();
  EXPECT_EQ(first.consumer, ConsumerTag(2));
  EXPECT_EQ(first.verb, Verb::kRelease);
  EXPECT_EQ(first.runs, (Runs{{Offset(10), 2}}));
  EXPECT_EQ(second.runs, (Runs{{Offset(20), 1}}));
  EXPECT_TRUE(host_.submitted.empty());
}

TEST_F(DeliveriesTest, AnAckBeforeTheCloseStaysAnAck) {
  deliver(nullptr, 0, 2, 1);
  EXPECT_TRUE(deliveries_.settle(1, false, Verb::kAccept));
  deliveries_.close();
  model::Settle accepted = settled(), released = settled();
  EXPECT_EQ(accepted.verb, Verb::kAccept);
  EXPECT_EQ(released.verb, Verb::kRelease);
  EXPECT_EQ(released.runs, (Runs{{Offset(1), 1}}));
}

}  // namespace
}  // namespace godwit::protocol::amqp091
