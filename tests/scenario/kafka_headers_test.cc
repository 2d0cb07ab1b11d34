// What the headers of Kafka's records mean to queues: when they expire, when they are due, and how urgent they are.

#include <gmock/gmock.h>

#include "broker/broker.h"
#include "broker/worker.h"
#include "model/kafka_message.h"
#include "model/placement.h"
#include "scenario/scenario.h"

namespace godwit::scenario {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Record {
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

model::Batch kafka_batch(const std::vector<Record>& records, model::Compression codec = model::Compression::kNone) {
  model::KafkaBatchBuilder builder;
  for (const Record& r : records) {
    model::KafkaHeaders headers;
    for (const auto& [name, value] : r.headers) headers.add(name, as_bytes(value));
    builder.add(
        {.timestamp_ms = 1, .value = as_bytes(r.value), .header_count = headers.count(), .headers = headers.bytes()});
  }
  auto bytes = builder.finish(codec);
  EXPECT_TRUE(bytes);
  return model::seal_batch(model::Encoding::kKafka, 0, static_cast<uint32_t>(records.size()), 1,
                           Slice::take(std::move(*bytes)));
}

/// A batch whose head claims `count` records where there is one.
model::Batch claiming(uint8_t count) {
  model::Batch one = kafka_batch({{"x", {{"priority", "5"}}}}, model::Compression::kGzip);
  ByteVec bytes(one.payload.view().begin(), one.payload.view().end());
  bytes[26] = count - 1;
  bytes[60] = count;
  model::seal_kafka_batch(bytes);
  return model::seal_batch(model::Encoding::kKafka, 0, count, 1, Slice::take(std::move(bytes)));
}

class KafkaHeadersScenario : public Scenario {
 protected:
  void produce(const std::string& topic, const std::vector<Record>& records,
               model::Compression codec = model::Compression::kNone) {
    auto appended = client.ask(model::Append{.partition = partition(topic), .batch = kafka_batch(records, codec)});
    EXPECT_TRUE(appended) << appended.error().message;
  }
  std::string in(int64_t ms) { return std::to_string(world.now().wall_ms + ms); }
  std::vector<std::string> take(const std::string& queue) {
    std::vector<std::string> all;
    for (const Got& got : receive(queue, 100)) {
      all.push_back(got.body);
      EXPECT_TRUE(settle_lease(got));
    }
    return all;
  }
  void subscribe(const std::string& queue, const std::string& topic, model::QueueSettings settings = {}) {
    ASSERT_TRUE(client.ask(model::DeclareQueue{.name = {.text = queue}, .topic = topic, .settings = settings}));
  }
};

TEST_F(KafkaHeadersScenario, AMessageExpires) {
  declare("dead");
  declare("q", {.dead_letter = model::DeadLetter{.routing_key = "dead"}});
  for (model::Compression codec : {model::Compression::kNone, model::Compression::kZstd})
    produce("q", {{"gone", {{"expires-at", in(1000)}}}, {"stays"}, {"later", {{"expires-at", in(60'000)}}}}, codec);
  world.advance(2000);
  EXPECT_EQ(describe("dead").ready, 1u) << "the head expired without a consumer";
  EXPECT_THAT(take("q"), ElementsAre("stays", "later", "stays", "later"));
  world.advance(100);
  std::vector<Got> dead = receive("dead", 10);
  ASSERT_THAT(bodies(dead), ElementsAre("gone", "gone"));
  ASSERT_TRUE(dead[0].patch);
  EXPECT_EQ(dead[0].patch->deaths.at(0).reason, "expired");
}

TEST_F(KafkaHeadersScenario, UrgentMessagesComeFirst) {
  declare("q", {.priorities = 9});
  produce("q", {{"low", {{"priority", "1"}}}, {"none"}, {"high", {{"priority", "8"}}}, {"odd", {{"priority", "300"}}}});
  EXPECT_THAT(take("q"), ElementsAre("high", "low", "none", "odd"));
}

TEST_F(KafkaHeadersScenario, AMessageNotDueHoldsQueuesOnly) {
  declare("q");
  produce("q", {{"a", {{"deliver-at", in(60'000)}}}, {"b"}, {"c", {{"deliver-at", in(30'000)}}}, {"d"}});
  EXPECT_THAT(fetch("q", 0), ElementsAre("a", "b", "c", "d")) << "a reader of the log sees them at once";
  EXPECT_EQ(describe("q").ready, 2u);
  EXPECT_EQ(describe("q").delayed, 2u);
  EXPECT_THAT(take("q"), ElementsAre("b", "d"));
  consume(client, "q", 1, 10);
  EXPECT_THAT(deliveries(), IsEmpty());
  world.advance(30'000);
  EXPECT_THAT(bodies(deliveries()), ElementsAre("c"));
  world.advance(30'000);
  std::vector<Got> got = deliveries();
  ASSERT_THAT(bodies(got), ElementsAre("a"));
  EXPECT_FALSE(got[0].redelivered);
}

TEST_F(KafkaHeadersScenario, ARestartDoesNotMakeItDue) {
  for (How how : {How::kCrash, How::kStop}) {
    std::string queue = "q" + std::to_string(static_cast<int>(how));
    declare(queue);
    produce(queue, {{"a", {{"deliver-at", in(60'000)}}}, {"b"}});
    world.advance(10'000);
    restart(how);
    EXPECT_EQ(describe(queue).delayed, 1u);
    EXPECT_THAT(take(queue), ElementsAre("b"));
    world.advance(49'000);
    EXPECT_THAT(take(queue), IsEmpty());
    world.advance(2000);
    EXPECT_THAT(take(queue), ElementsAre("a"));
  }
}

TEST_F(KafkaHeadersScenario, AQueueThatIsAttachedLaterHeedsThemToo) {
  create_topic("log");
  produce("log", {{"gone", {{"expires-at", in(1000)}}}, {"late", {{"deliver-at", in(60'000)}}}, {"now"}});
  subscribe("sub", "log");
  world.advance(2000);
  EXPECT_THAT(take("sub"), ElementsAre("now"));
  world.advance(60'000);
  EXPECT_THAT(take("sub"), ElementsAre("late"));
  EXPECT_THAT(fetch("log", 0), ElementsAre("gone", "late", "now"));
}

TEST_F(KafkaHeadersScenario, ATopicWithoutQueuesIsNotLookedAt) {
  create_topic("log");
  produce("log", {{"a", {{"priority", "1"}}}});
  auto fetched = client.ask(model::Fetch{.partition = partition("log")});
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->batches.at(0).header.flags, 0);
  subscribe("sub", "log");
  produce("log", {{"b", {{"priority", "1"}}}});
  fetched = client.ask(model::Fetch{.partition = partition("log"), .from = Offset(1)});
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->batches.at(0).header.flags, model::kIndexed | model::kHasPriority);
}

TEST_F(KafkaHeadersScenario, AQueueTakesNoBatchThatCannotBeRead) {
  declare("q", {.priorities = 9});
  auto refused = client.ask(model::Append{.partition = partition("q"), .batch = claiming(200)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(describe("q").ready, 0u);
  produce("q", {{"good"}});
  EXPECT_THAT(take("q"), ElementsAre("good"));
}

TEST_F(KafkaHeadersScenario, ABatchThatCannotBeReadHoldsUpNoQueueThatIsAttachedLater) {
  create_topic("log");
  ASSERT_TRUE(client.ask(model::Append{.partition = partition("log"), .batch = claiming(3)}));
  produce("log", {{"good"}});
  ASSERT_TRUE(client.ask(model::Append{.partition = partition("log"), .batch = claiming(200)}));
  produce("log", {{"last"}});
  subscribe("sub", "log");
  consume(client, "sub", 1, 10);
  std::vector<Got> got = deliveries();
  EXPECT_THAT(bodies(got), ElementsAre("good", "last"));
  EXPECT_THAT(offsets(got), ElementsAre(Offset(3), Offset(204))) << "the log keeps all";
  EXPECT_EQ(describe("sub").ready, 0u);
  subscribe("other", "log");
  EXPECT_THAT(take("other"), ElementsAre("good", "last"));
}

TEST_F(KafkaHeadersScenario, ConsumersShareOneInflatedBatch) {
  declare("q");
  produce("q", {{"a"}, {"b"}, {"c"}}, model::Compression::kGzip);
  std::vector<const uint8_t*> payloads;
  client.on_notice = [&](broker::Notice& notice) {
    if (auto* delivery = std::get_if<broker::Delivery>(&notice)) {
      EXPECT_EQ(bodies(messages_of(delivery->messages)).size(), 1u);
      auto header = model::check_kafka_batch(delivery->messages.batch.payload);
      ASSERT_TRUE(header);
      EXPECT_EQ(header->compression(), model::Compression::kNone);
      payloads.push_back(delivery->messages.batch.payload.data());
    }
  };
  for (uint32_t tag = 1; tag <= 3; ++tag) {
    consume(client, "q", tag, 1);
    world.advance(10);
  }
  ASSERT_EQ(payloads.size(), 3u);
  EXPECT_EQ(payloads[0], payloads[1]);
  EXPECT_EQ(payloads[1], payloads[2]);
  auto& worker = world.broker().worker(world.broker().owner_of(model::shard_of(partition("q"))));
  EXPECT_EQ(worker.memory().used(broker::Memory::Use::kReads), 0u) << "nothing is left to hand out";
}

TEST_F(KafkaHeadersScenario, ABatchMayInflateSoFarOnly) {
  model::TopicSettings small;
  small.message_bytes_max = 1024;
  ASSERT_TRUE(client.ask(model::CreateTopic{.name = {.text = "log"}, .settings = small}));
  std::string body(broker::kInflationMax * 1024, 'x');
  produce("log", {{body}}, model::Compression::kGzip);  // nothing to inflate it for
  subscribe("sub", "log");
  auto refused = client.ask(
      model::Append{.partition = partition("log"), .batch = kafka_batch({{body}}, model::Compression::kGzip)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  body.resize(body.size() - 100);
  produce("log", {{body}}, model::Compression::kGzip);
  EXPECT_THAT(take("sub"), ElementsAre(body));
}

TEST_F(KafkaHeadersScenario, HeadersThatAreNoNumbersMeanNothing) {
  declare("q", {.priorities = 9});
  produce("q", {{"a", {{"expires-at", "soon"}, {"deliver-at", "-1"}, {"priority", "high"}}}});
  world.advance(100'000);
  EXPECT_THAT(take("q"), ElementsAre("a"));
}

}  // namespace
}  // namespace godwit::scenario
