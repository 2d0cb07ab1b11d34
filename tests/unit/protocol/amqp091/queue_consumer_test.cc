#include "protocol/amqp091/queue_consumer.h"

#include <numeric>

#include "protocol/amqp091/client.h"

namespace godwit::protocol::amqp091 {
namespace {

class QueueConsuming : public AmqpTest {
 protected:
  void SetUp() override {
    handshake();
    open_channel();
  }
  void qos(uint16_t count) {
    send(1, BasicQos{.prefetch_count = count});
    host_.sent();
  }
  /// Attaches to every partition of `queue`.
  std::vector<model::Attach> consume_all(std::string_view queue, uint32_t partitions) {
    send(1, BasicConsume{.queue = queue, .consumer_tag = "c"});
    std::vector<model::Attach> attaches;
    std::vector<broker::RequestId> ids;
    for (uint32_t i = 0; i < partitions; ++i) attaches.push_back(take<model::Attach>()), ids.push_back(last_);
    for (broker::RequestId id : ids) connection_.on_reply(id, model::Attached{});
    host_.sent();
    return attaches;
  }
  /// Credit of the grants submitted, by partition.
  std::map<uint32_t, uint32_t> granted() {
    std::map<uint32_t, uint32_t> credit;
    while (auto grant = host_.take<model::Grant>())
      credit[grant->second.ledger.partition.index] += grant->second.credit;
    return credit;
  }
};

TEST_F(QueueConsuming, TheFirstCreditIsSharedOutAndNeverAboveThePrefetch) {
  add_queue("wide", 8);
  qos(3);
  uint32_t total = 0;
  for (const model::Attach& attach : consume_all("wide", 8)) {
    EXPECT_TRUE(attach.shared_credit);
    EXPECT_LE(attach.credit, 1u);
    total += attach.credit;
  }
  EXPECT_EQ(total, 3u);
}

TEST_F(QueueConsuming, ReturnedCreditGoesWhereMessagesMayBe) {
  add_queue("wide", 4);
  qos(4);
  auto attaches = consume_all("wide", 4);
  std::map<uint32_t, uint32_t> held;
  for (const model::Attach& attach : attaches) held[attach.ledger.partition.index] = attach.credit;
  for (uint32_t i : {0u, 1u, 2u}) {
    connection_.on_notice(broker::CreditReturned{attaches[i].ledger, attaches[i].tag, held[i]});
    for (auto [partition, credit] : granted()) {
      EXPECT_GT(partition, i);
      held[partition] += credit;
    }
  }
  EXPECT_EQ(held[3], 4u);
  connection_.on_notice(broker::ReadyNotice{attaches[0].ledger, attaches[0].tag});
  EXPECT_TRUE(granted().empty());  // all of it is out
}

TEST_F(QueueConsuming, NewPartitionsAreAttachedToAndShareTheCredit) {
  LedgerId jobs = add_queue("jobs");
  qos(4);
  send(1, BasicConsume{.queue = "jobs", .consumer_tag = "c", .arguments = {{"x-priority", model::Value(int64_t{3})}}});
  auto attach = take<model::Attach>();
  reply(model::Attached{});
  EXPECT_EQ(attach.credit, 4u);
  EXPECT_FALSE(attach.shared_credit);
  const model::TopicInfo& topic = host_.names.grow("jobs", 3);
  connection_.on_notice(broker::TopicGrown{topic.id});
  auto grant = take<model::Grant>();
  EXPECT_EQ(grant.ledger, jobs);
  EXPECT_TRUE(grant.shared_credit);
  for (uint32_t i : {1u, 2u}) {
    auto more = take<model::Attach>();
    EXPECT_EQ(more.ledger, (LedgerId{jobs.queue, {topic.id, i}}));
    EXPECT_EQ(more.tag, attach.tag);
    EXPECT_EQ(more.priority, 3);
    EXPECT_TRUE(more.shared_credit);
    reply(model::Attached{});
  }
  connection_.on_notice(broker::TopicGrown{topic.id});
  EXPECT_TRUE(host_.submitted.empty());
  connection_.on_notice(broker::CreditReturned{jobs, attach.tag, 4});
  EXPECT_EQ(granted(), (std::map<uint32_t, uint32_t>{{1, 2}, {2, 2}}));
  host_.sent();
  deliver(attach.tag, {jobs.queue, {topic.id, 2}}, batch({"a"}), {{}});
  sent();
  EXPECT_EQ(bodies_, (Lines{"a"}));
}

TEST_F(QueueConsuming, OneThatIsBeingCancelledAttachesToNoMore) {
  add_queue("jobs");
  consume("jobs", "c");
  send(1, BasicCancel{.consumer_tag = "c"});
  take<model::Detach>();
  connection_.on_notice(broker::TopicGrown{host_.names.grow("jobs", 2).id});
  EXPECT_TRUE(host_.submitted.empty());
}

TEST_F(QueueConsuming, OneThatANewPartitionRefusesIsCancelled) {
  LedgerId jobs = add_queue("jobs");
  consume("jobs", "c");
  connection_.on_notice(broker::TopicGrown{host_.names.grow("jobs", 2).id});
  take<model::Grant>();
  take<model::Attach>();
  reply(fail(ErrorCode::kExclusive, ""));
  EXPECT_EQ(take<model::Detach>().ledger, jobs);
  EXPECT_EQ(sent(), (Lines{"1 basic.cancel consumer-tag=c no-wait=1"}));
}

TEST_F(QueueConsuming, CreditReturnedTwiceIsNotCountedTwice) {
  add_queue("wide", 2);
  qos(2);
  auto attaches = consume_all("wide", 2);
  for (int i = 0; i < 3; ++i) connection_.on_notice(broker::CreditReturned{attaches[0].ledger, attaches[0].tag, 1});
  auto credit = granted();
  EXPECT_EQ(credit[1], 1u);
}

TEST_F(QueueConsuming, RunsWithHolesKeepTagsAndOffsetsTogether) {
  LedgerId jobs = add_queue("jobs");
  qos(10);
  auto attach = consume("jobs", "c");
  deliver(attach.tag, jobs, batch({"a", "b", "c", "d"}, 10),
          {{.index = 0, .count = 1}, {.index = 2, .count = 2, .failed = 1, .redelivered = true}});
  Lines lines = sent();
  EXPECT_EQ(bodies_, (Lines{"a", "c", "d"}));
  EXPECT_NE(lines.at(3).find("delivery-tag=2 redelivered=1"), std::string::npos);
  send(1, BasicReject{.delivery_tag = 2, .requeue = false});
  EXPECT_EQ(take<model::Settle>().runs, (std::vector<model::OffsetRun>{{Offset(12), 1}}));
  send(1, BasicAck{.delivery_tag = 3, .multiple = true});
  EXPECT_EQ(take<model::Settle>().runs, (std::vector<model::OffsetRun>{{Offset(10), 1}, {Offset(13), 1}}));
}

TEST_F(QueueConsuming, NoCreditIsGivenWhileTheSocketIsFull) {
  LedgerId jobs = add_queue("jobs");
  qos(1);
  auto attach = consume("jobs", "c");
  deliver(attach.tag, jobs, batch({"a"}), {{}});
  host_.sent();
  host_.unsent = kSessionOutputBytesMax;
  send(1, BasicAck{.delivery_tag = 1});
  EXPECT_EQ(take<model::Settle>().credit, 0u);
  host_.unsent = 0;
  connection_.on_writable();
  EXPECT_EQ(granted()[0], 1u);
}

TEST_F(QueueConsuming, ADeliveryOfAnotherLedgerIsIgnored) {
  LedgerId jobs = add_queue("jobs");
  auto attach = consume("jobs", "c");
  LedgerId other{QueueId(99), jobs.partition};
  deliver(attach.tag, other, batch({"a"}), {{}});
  deliver(ConsumerTag(77), jobs, batch({"a"}), {{}});
  EXPECT_EQ(sent(), Lines{});
}

TEST_F(QueueConsuming, ADamagedMessageIsRejectedAndTheOthersFollow) {
  LedgerId jobs = add_queue("jobs");
  auto attach = consume("jobs", "c");
  model::NativeBatchBuilder builder;
  builder.add({.origin = model::Origin::kAmqp091, .properties = as_bytes(kStored), .body = as_bytes("sound")});
  builder.add({.origin = model::Origin::kAmqp091, .properties = as_bytes("\xff"), .body = as_bytes("damaged")});
  builder.add({.origin = model::Origin::kAmqp091, .properties = as_bytes(kStored), .body = as_bytes("after")});
  deliver(attach.tag, jobs, builder.seal(0), {{.index = 0, .count = 2}, {.index = 2, .count = 1}});
  sent();
  EXPECT_EQ(bodies_, (Lines{"sound", "after"}));
  auto rejected = take<model::Settle>();
  EXPECT_EQ(rejected.verb, model::Verb::kReject);
  EXPECT_EQ(rejected.runs, (std::vector<model::OffsetRun>{{Offset(1), 1}}));
  granted();
  send(1, BasicAck{.delivery_tag = 2, .multiple = true});
  auto accepted = take<model::Settle>();
  EXPECT_EQ(accepted.verb, model::Verb::kAccept);
  EXPECT_EQ(accepted.runs, (std::vector<model::OffsetRun>{{Offset(0), 1}, {Offset(2), 1}}));
}

}  // namespace
}  // namespace godwit::protocol::amqp091
