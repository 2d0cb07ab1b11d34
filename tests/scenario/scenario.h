#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/sim_client.h"
#include "sim/sim_world.h"

namespace godwit::scenario {

/// A message as a scenario writes it down.
struct Text {
  std::string body;
  std::string group = {};
  std::string dedup_id = {};
  std::optional<uint8_t> priority = {};
  int64_t expires_at_ms = 0;
  int64_t deliver_at_ms = 0;
};
model::Batch batch_of(const std::vector<Text>& messages, int64_t timestamp_ms = 0);
std::vector<Text> texts(const std::vector<std::string>& bodies);

/// A message as a consumer got it.
struct Got {
  std::string body;
  Offset offset;
  LedgerId ledger;
  ConsumerTag tag;
  uint32_t failed = 0;
  uint32_t acquired = 0;
  uint32_t attempt = 0;
  bool redelivered = false;
  std::optional<model::Patch> patch;
};
std::vector<Got> messages_of(const model::DeliveredBatch& delivered);
std::vector<std::string> bodies(const std::vector<Got>& got);
std::vector<Offset> offsets(const std::vector<Got>& got);

/// A broker with one client, and the verbs of a scenario. Every verb waits for its reply and fails the test when it is
/// refused.
class Scenario : public testing::Test {
 protected:
  Scenario() : Scenario(sim::World::Setup{}) {}
  explicit Scenario(sim::World::Setup setup);

  model::QueueInfo declare(const std::string& queue, model::QueueSettings settings = {}, uint32_t partitions = 1);
  model::TopicInfo create_topic(const std::string& topic, uint32_t partitions = 1);
  LedgerId ledger(const std::string& queue, uint32_t partition = 0);
  PartitionId partition(const std::string& topic, uint32_t index = 0);

  Result<model::Appended> try_publish(const std::string& queue, const std::vector<Text>& messages);
  model::Appended publish(const std::string& queue, const std::vector<Text>& messages);
  model::Appended send(const std::string& queue, const std::vector<std::string>& bodies) {
    return publish(queue, texts(bodies));
  }
  void bind(const std::string& exchange, const std::string& queue, const std::string& key);

  void consume(sim::SimClient& by, const std::string& queue, uint32_t tag, uint32_t credit);
  /// Everything delivered to the client by now (time moves on by a few milliseconds).
  std::vector<Got> deliveries(sim::SimClient& to);
  std::vector<Got> deliveries() { return deliveries(client); }
  void settle(sim::SimClient& by, const Got& message, model::Verb verb = model::Verb::kAccept, uint32_t credit = 1);
  void accept(const Got& message) { settle(client, message); }

  /// Detached leases: what SQS, Pub/Sub and peek-lock do.
  std::vector<Got> receive(const std::string& queue, uint32_t max, int64_t lease_ms = 30'000,
                           std::optional<std::string> session_group = {});
  Result<model::Settled> settle_lease(const Got& message, model::Verb verb = model::Verb::kAccept);

  model::LedgerDescribed describe(const std::string& queue, uint32_t partition = 0);
  /// Messages of a fetch from `from` on.
  std::vector<std::string> fetch(const std::string& topic, int64_t from, uint32_t index = 0);

  enum class How { kCrash, kKill, kStop };
  /// The broker goes down and comes back; the client connects again.
  void restart(How how = How::kCrash);

  sim::World world;
  sim::SimClient client;
};

}  // namespace godwit::scenario
