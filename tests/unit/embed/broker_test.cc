#include <atomic>
#include <future>

#include <godwit/broker.h>
#include <gtest/gtest.h>

#include "../../support/temporary_directory.h"

namespace godwit {
namespace {

Broker open(const TemporaryDirectory& directory, unsigned workers = 1) {
  auto broker = Broker::open({.directory = directory.path(), .workers = workers, .journal_bytes = 4 << 20});
  EXPECT_TRUE(broker) << broker.error().message;
  return std::move(*broker);
}

TEST(EmbeddedBroker, HandsOutWhatWasPublished) {
  TemporaryDirectory directory;
  Broker broker = open(directory);
  ASSERT_TRUE(broker.create_queue("q"));
  std::promise<EmbeddedDelivery> got;
  ASSERT_TRUE(broker.consume("q", [&](const EmbeddedDelivery& d) {
    got.set_value(d);
    return Verdict::kAccept;
  }));
  auto stored = broker.publish("q", {.body = "b", .message_id = "m", .headers = {{"h", "v"}}}).get();
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(stored->offset, 0);
  EmbeddedDelivery delivery = got.get_future().get();
  EXPECT_EQ(delivery.message.body, "b");
  EXPECT_EQ(delivery.message.message_id, "m");
  EXPECT_EQ(delivery.message.headers.at("h"), "v");
  EXPECT_FALSE(delivery.redelivered);
}

TEST(EmbeddedBroker, AReleasedMessageComesBack) {
  TemporaryDirectory directory;
  Broker broker = open(directory);
  ASSERT_TRUE(broker.create_queue("q"));
  std::atomic<int> times = 0;
  std::promise<bool> second;
  ASSERT_TRUE(broker.consume("q", [&](const EmbeddedDelivery& d) {
    if (++times == 1) return Verdict::kRelease;
    if (times == 2) second.set_value(d.redelivered);
    return Verdict::kAccept;
  }));
  ASSERT_TRUE(broker.publish("q", {.body = "b"}).get());
  EXPECT_TRUE(second.get_future().get());
}

TEST(EmbeddedBroker, MessagesSurviveAReopening) {
  TemporaryDirectory directory;
  {
    Broker broker = open(directory);
    ASSERT_TRUE(broker.create_queue("q"));
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(broker.publish("q", {.body = std::to_string(i)}).get());
  }
  Broker broker = open(directory);
  auto read = broker.read("q", 0, 7, 10);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 3u);
  EXPECT_EQ(read->front().message.body, "7");
  EXPECT_EQ(read->front().position.offset, 7);
}

TEST(EmbeddedBroker, KeysChooseThePartitionOnAnyWorker) {
  TemporaryDirectory directory;
  Broker broker = open(directory, 2);
  ASSERT_TRUE(broker.create_topic("t", 4));
  std::vector<std::future<Outcome<Position>>> stored;
  for (int i = 0; i < 64; ++i) stored.push_back(broker.publish("t", {.body = "b", .key = "k" + std::to_string(i % 8)}));
  std::map<int, uint32_t> partition_of;
  for (int i = 0; i < 64; ++i) {
    auto position = stored[static_cast<size_t>(i)].get();
    ASSERT_TRUE(position) << position.error().message;
    auto [it, first] = partition_of.emplace(i % 8, position->partition);
    EXPECT_EQ(it->second, position->partition);
  }
}

TEST(EmbeddedBroker, SaysWhatIsWrong) {
  TemporaryDirectory directory;
  Broker broker = open(directory);
  EXPECT_EQ(broker.publish("none", {.body = "b"}).get().error().code, "not found");
  EXPECT_EQ(broker.consume("none", [](const EmbeddedDelivery&) { return Verdict::kAccept; }).error().code, "not found");
  EXPECT_EQ(broker.read("none", 0, 0, 1).error().code, "not found");
  auto second = Broker::open({.directory = directory.path()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "in use");
}

TEST(EmbeddedBroker, RefusesOptionsOutOfRange) {
  TemporaryDirectory directory;
  auto code = [](const Broker::Options& options) {
    auto broker = Broker::open(options);
    return broker ? "" : broker.error().code;
  };
  EXPECT_EQ(code({.directory = ""}), "invalid argument");
  EXPECT_EQ(code({.directory = directory.path(), .workers = 0}), "invalid argument");
  EXPECT_EQ(code({.directory = directory.path(), .workers = 257}), "invalid argument");
  EXPECT_EQ(code({.directory = directory.path(), .workers = 65'537}), "invalid argument");
  EXPECT_EQ(code({.directory = directory.path(), .journal_bytes = 0}), "invalid argument");
  EXPECT_EQ(code({.directory = directory.path(), .journal_bytes = UINT64_MAX}), "invalid argument");
  EXPECT_EQ(code({.directory = directory.path(), .journal_bytes = (1 << 20) + 1}), "invalid argument");
  EXPECT_EQ(code({.directory = directory.path(), .workers = 256, .journal_bytes = 1 << 20}), "");
}

TEST(EmbeddedBroker, RefusesAConsumerWithoutAHandler) {
  TemporaryDirectory directory;
  Broker broker = open(directory);
  ASSERT_TRUE(broker.create_queue("q"));
  EXPECT_EQ(broker.consume("q", nullptr).error().code, "invalid argument");
}

TEST(EmbeddedBroker, TwoFitInOneProcess) {
  TemporaryDirectory one;
  TemporaryDirectory two;
  Broker first = open(one);
  Broker second = open(two);
  ASSERT_TRUE(first.create_queue("q"));
  EXPECT_FALSE(second.publish("q", {.body = "b"}).get());
}

}  // namespace
}  // namespace godwit
