#include "engine/catalog.h"

#include <random>

#include "catalog_fixture.h"

namespace godwit::engine {
namespace {

/// Random commands over few names, so that most of them meet something.
class CatalogRandom : public CatalogFixture, public testing::WithParamInterface<unsigned> {
 protected:
  unsigned pick(unsigned n) { return static_cast<unsigned>(random() % n); }
  bool coin() { return pick(2) == 0; }
  std::string any_name() { return std::string(1, static_cast<char>('a' + pick(6))); }
  std::string any_exchange() { return coin() ? "amq.topic" : "x" + any_name(); }
  CatalogContext any_context() {
    return {.session = SessionId(pick(2)), .ready = pick(2), .consumers = pick(2), .topic_has_groups = pick(4) == 0};
  }
  model::Binding any_binding() {
    std::string key = std::initializer_list<const char*>{"#", "*.b", "a"}.begin()[pick(3)];
    return coin() ? to_queue(any_exchange(), any_name(), key) : to_exchange(any_exchange(), any_exchange(), key);
  }
  model::DeclareQueue any_queue() {
    model::DeclareQueue command = pick(3) ? queue(any_name()) : subscription(any_name(), any_name());
    command.settings.durable = pick(3) > 0;
    command.settings.exclusive = pick(4) == 0;
    return command;
  }
  model::DeclareExchange any_exchange_declare() {
    static const char* const kTypes[] = {"direct", "fanout", "topic", "headers"};
    model::DeclareExchange command = exchange("x" + any_name(), kTypes[pick(4)]);
    command.exchange.durable = pick(3) > 0;
    command.exchange.auto_delete = pick(3) == 0;
    return command;
  }
  void any_command() {
    CatalogContext context = any_context();
    switch (pick(12)) {
      case 0: count(run(model::CreateTopic{.name = name(any_name()), .partitions = 1 + pick(2)}, context)); break;
      case 1: count(run(model::DeleteTopic{name(any_name())}, context)); break;
      case 2: count(run(model::AlterTopic{name(any_name()), {.settled_ms = pick(9)}}, context)); break;
      case 3: count(run(model::AddPartitions{name(any_name()), pick(5)}, context)); break;
      case 4: count(run(model::DeleteQueue{name(any_name()), coin(), coin()}, context)); break;
      case 5: count(run(any_exchange_declare(), context)); break;
      case 6: count(run(model::DeleteExchange{name("x" + any_name()), coin()}, context)); break;
      case 7: count(run(model::Unbind{any_binding()}, context)); break;
      case 8: count(run(model::AllocateProducer{}, context)); break;
      case 9: count(run(any_queue(), context)); break;
      default: count(run(model::Bind{any_binding()}, context)); break;
    }
  }
  void count(const auto& reply) { (reply ? done : refusals) += 1; }

  std::minstd_rand random{GetParam()};
  int done = 0;
  int refusals = 0;
};

TEST_P(CatalogRandom, ReplayAndSnapshotsAgreeWithTheLiveState) {
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 100; ++i) any_command();
    Catalog copy, replayed, restored;
    for (const CatalogRecord& record : catalog.snapshot(Keep::kAll)) copy.apply(record);
    ASSERT_EQ(copy.snapshot(Keep::kAll), catalog.snapshot(Keep::kAll));

    for (const CatalogRecord& record : journal) replayed.apply(record);
    for (const CatalogRecord& record : catalog.snapshot(Keep::kDurable)) restored.apply(record);
    replayed.finish_replay();
    restored.finish_replay();
    ASSERT_EQ(restored.snapshot(Keep::kAll), replayed.snapshot(Keep::kAll));
  }
  EXPECT_GT(done, 300);
  EXPECT_GT(refusals, 300);
}

TEST_P(CatalogRandom, ASnapshotAndTheRecordsAfterItGiveTheSame) {
  for (int i = 0; i < 500; ++i) any_command();
  CatalogRecords snapshot = catalog.snapshot(Keep::kDurable);
  size_t covered = journal.size();
  for (int i = 0; i < 500; ++i) any_command();
  Catalog booted, replayed;
  for (const CatalogRecord& record : snapshot) booted.apply(record);
  for (size_t i = covered; i < journal.size(); ++i) booted.apply(journal[i]);
  for (const CatalogRecord& record : journal) replayed.apply(record);
  booted.finish_replay();
  replayed.finish_replay();
  ASSERT_EQ(booted.snapshot(Keep::kAll), replayed.snapshot(Keep::kAll));
}

INSTANTIATE_TEST_SUITE_P(Seeds, CatalogRandom, testing::Range(1u, 9u));

}  // namespace
}  // namespace godwit::engine
