#include "scenario/scenario.h"

#include "model/read_message.h"

namespace godwit::scenario {

model::Batch batch_of(const std::vector<Text>& messages, int64_t timestamp_ms) {
  model::NativeBatchBuilder builder;
  for (const Text& text : messages) {
    model::NativeMessage m;
    m.body = as_bytes(text.body);
    m.priority = text.priority;
    if (!text.group.empty()) m.group = as_bytes(text.group);
    if (!text.dedup_id.empty()) m.dedup_id = as_bytes(text.dedup_id);
    if (text.expires_at_ms > 0) m.expires_at_ms = text.expires_at_ms;
    if (text.deliver_at_ms > 0) m.deliver_at_ms = text.deliver_at_ms;
    builder.add(m);
  }
  return builder.seal(timestamp_ms);
}

std::vector<Text> texts(const std::vector<std::string>& all) {
  std::vector<Text> out;
  for (const std::string& body : all) out.push_back({.body = body});
  return out;
}

std::vector<Got> messages_of(const model::DeliveredBatch& delivered) {
  std::vector<Got> got;
  for (const model::DeliveredRun& run : delivered.runs) {
    auto walk = model::BatchMessages::open(delivered.batch);
    EXPECT_TRUE(walk && walk->skip(run.index));
    for (uint32_t i = 0; walk && i < run.count; ++i) {
      model::NativeMessage m;
      EXPECT_TRUE(walk->next(m));
      got.push_back({.body = std::string(as_string(m.body)),
                     .offset = delivered.offset_of(run) + i,
                     .ledger = delivered.ledger,
                     .failed = run.failed,
                     .acquired = run.acquired,
                     .attempt = run.attempt == 0 ? 0 : run.attempt + i,
                     .redelivered = run.redelivered,
                     .patch = model::read_patch(m)});
    }
  }
  return got;
}

std::vector<std::string> bodies(const std::vector<Got>& got) {
  std::vector<std::string> out;
  for (const Got& g : got) out.push_back(g.body);
  return out;
}

std::vector<Offset> offsets(const std::vector<Got>& got) {
  std::vector<Offset> out;
  for (const Got& g : got) out.push_back(g.offset);
  return out;
}

namespace {

/// The started world, before a client connects to it.
sim::World& started(sim::World& world) {
  Result<void> up = world.start();
  EXPECT_TRUE(up) << (up ? "" : up.error().message);
  return world;
}

template <class T>
T expect(Result<T> reply, const char* what) {
  EXPECT_TRUE(reply) << what << ": " << (reply ? "" : reply.error().message);
  return reply ? std::move(*reply) : T{};
}

}  // namespace

Scenario::Scenario(sim::World::Setup setup) : world(std::move(setup)), client(started(world)) {}

model::QueueInfo Scenario::declare(const std::string& queue, model::QueueSettings settings, uint32_t partitions) {
  return expect(client.ask(model::DeclareQueue{
                    .name = {.text = queue}, .settings = std::move(settings), .partitions = partitions}),
                "declare")
      .queue;
}

model::TopicInfo Scenario::create_topic(const std::string& topic, uint32_t partitions) {
  model::TopicSettings settings{.retention = model::Retention::kTime};
  return expect(client.ask(model::CreateTopic{.name = {.text = topic}, .partitions = partitions, .settings = settings}),
                "create topic")
      .topic;
}

LedgerId Scenario::ledger(const std::string& queue, uint32_t index) {
  const model::QueueInfo* info = client.catalog().queue(model::Name{.text = queue});
  EXPECT_NE(info, nullptr) << queue;
  return info ? LedgerId{info->id, {info->topic, index}} : LedgerId{};
}

PartitionId Scenario::partition(const std::string& topic, uint32_t index) {
  const model::TopicInfo* info = client.catalog().topic(model::Name{.text = topic});
  EXPECT_NE(info, nullptr) << topic;
  return info ? PartitionId{info->id, index} : PartitionId{};
}

Result<model::Appended> Scenario::try_publish(const std::string& queue, const std::vector<Text>& messages) {
  return client.ask(model::Append{.partition = partition(queue), .batch = batch_of(messages, world.now().wall_ms)});
}

model::Appended Scenario::publish(const std::string& queue, const std::vector<Text>& messages) {
  return expect(try_publish(queue, messages), "publish");
}

void Scenario::bind(const std::string& exchange, const std::string& queue, const std::string& key) {
  expect(client.ask(model::Bind{{.source = {.text = exchange}, .target = queue, .routing_key = key}}), "bind");
}

void Scenario::consume(sim::SimClient& by, const std::string& queue, uint32_t tag, uint32_t credit) {
  expect(by.ask(model::Attach{.ledger = ledger(queue), .tag = ConsumerTag(tag), .credit = credit}), "attach");
}

std::vector<Got> Scenario::deliveries(sim::SimClient& to) {
  world.advance(50);
  std::vector<Got> got;
  std::erase_if(to.notices, [&](broker::Notice& notice) {
    auto* delivery = std::get_if<broker::Delivery>(&notice);
    if (!delivery) return false;
    for (Got& g : messages_of(delivery->messages)) {
      g.tag = delivery->tag;
      got.push_back(std::move(g));
    }
    return true;
  });
  return got;
}

void Scenario::settle(sim::SimClient& by, const Got& message, model::Verb verb, uint32_t credit) {
  expect(by.ask(model::Settle{.ledger = message.ledger,
                              .consumer = message.tag,
                              .verb = verb,
                              .runs = {{message.offset, 1}},
                              .credit = credit,
                              .durable_reply = true}),
         "settle");
}

std::vector<Got> Scenario::receive(const std::string& queue, uint32_t max, int64_t lease_ms,
                                   std::optional<std::string> session_group) {
  model::Received received = expect(client.ask(model::Receive{.ledger = ledger(queue),
                                                              .messages_max = max,
                                                              .lease_ms = lease_ms,
                                                              .session_group = std::move(session_group)}),
                                    "receive");
  std::vector<Got> got;
  for (const model::DeliveredBatch& batch : received.batches)
    for (Got& g : messages_of(batch)) got.push_back(std::move(g));
  return got;
}

Result<model::Settled> Scenario::settle_lease(const Got& message, model::Verb verb) {
  return client.ask(model::Settle{.ledger = message.ledger,
                                  .verb = verb,
                                  .runs = {{message.offset, 1}},
                                  .attempts = {message.attempt},
                                  .durable_reply = true});
}

model::LedgerDescribed Scenario::describe(const std::string& queue, uint32_t index) {
  return expect(client.ask(model::DescribeLedger{ledger(queue, index)}), "describe");
}

std::vector<std::string> Scenario::fetch(const std::string& topic, int64_t from, uint32_t index) {
  model::Fetched fetched =
      expect(client.ask(model::Fetch{.partition = partition(topic, index), .from = Offset(from)}), "fetch");
  std::vector<std::string> out;
  for (const model::Batch& batch : fetched.batches) {
    model::DeliveredBatch all{.batch = batch, .runs = {{.count = batch.header.count}}};
    for (const Got& g : messages_of(all))
      if (g.offset >= Offset(from)) out.push_back(g.body);
  }
  return out;
}

void Scenario::restart(How how) {
  switch (how) {
    case How::kCrash: world.crash(); break;
    case How::kKill: world.kill(); break;
    case How::kStop: EXPECT_TRUE(world.stop()); break;
  }
  Result<void> up = world.start();
  ASSERT_TRUE(up) << up.error().message;
  client.connect();
}

}  // namespace godwit::scenario
