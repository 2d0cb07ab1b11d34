#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include <godwit/broker.h>
#include <gtest/gtest.h>

#include "../../support/temporary_directory.h"

namespace godwit {
namespace {

Broker open(const TemporaryDirectory& directory, unsigned workers = 1) {
  auto broker = Broker::open({.directory = directory.path(), .workers = workers, .journal_bytes = 4 << 20});
  EXPECT_TRUE(broker) << broker.error().message;
  EXPECT_TRUE(broker->create_queue("q"));
  return std::move(*broker);
}

Verdict accept(const EmbeddedDelivery&) { return Verdict::kAccept; }

template <class T>
void expect_stopped(const Outcome<T>& outcome) {
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, "stopping");
  EXPECT_EQ(outcome.error().message, "the broker was stopped");
}

template <class T>
bool done_or_stopped(const Outcome<T>& outcome) {
  return outcome || outcome.error().code == "stopping";
}

TEST(EmbeddedStop, RefusesWhatIsAskedAfterwards) {
  TemporaryDirectory directory;
  Broker broker = open(directory);
  broker.stop();
  expect_stopped(broker.publish("q", {.body = "b"}).get());
  expect_stopped(broker.create_topic("t"));
  expect_stopped(broker.create_queue("r"));
  expect_stopped(broker.create_subscription("s", "q"));
  expect_stopped(broker.consume("q", accept));
  expect_stopped(broker.read("q", 0, 0, 1));
  broker.stop();
}

TEST(EmbeddedStop, WaitsForAHandlerThatPublishes) {
  TemporaryDirectory directory;
  Broker broker = open(directory);
  std::promise<void> entered;
  std::promise<void> stopping;
  std::future<Outcome<Position>> stored;
  ASSERT_TRUE(broker.consume("q", [&](const EmbeddedDelivery& d) {
    entered.set_value();
    stopping.get_future().wait();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stored = broker.publish("q", {.body = d.message.body});
    return Verdict::kAccept;
  }));
  ASSERT_TRUE(broker.publish("q", {.body = "b"}).get());
  entered.get_future().wait();
  stopping.set_value();
  broker.stop();
  expect_stopped(stored.get());
}

TEST(EmbeddedStop, AnswersWhatIsUnderWay) {
  TemporaryDirectory directory;
  Broker broker = open(directory);
  std::vector<std::future<Outcome<Position>>> stored;
  for (int i = 0; i < 2000; ++i) stored.push_back(broker.publish("q", {.body = "b"}));
  broker.stop();
  for (auto& outcome : stored) EXPECT_TRUE(done_or_stopped(outcome.get()));
}

TEST(EmbeddedStop, AnswersEveryThread) {
  for (int round = 0; round < 10; ++round) {
    TemporaryDirectory directory;
    Broker broker = open(directory, 2);
    ASSERT_TRUE(broker.create_topic("log"));
    std::vector<std::thread> threads;
    std::atomic<int> refused = 0;
    auto repeat = [&](auto call) {
      threads.emplace_back([&refused, call] {
        auto outcome = call();
        while (outcome) outcome = call();
        if (outcome.error().code == "stopping") ++refused;
      });
    };
    repeat([&] { return broker.publish("q", {.body = "b"}).get(); });
    repeat([&] { return broker.consume("q", accept); });
    repeat([&] { return broker.create_topic("t", 4); });
    repeat([&] { return broker.read("log", 0, 0, 1); });
    std::this_thread::sleep_for(std::chrono::milliseconds(round));
    broker.stop();
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(refused, 4) << "in round " << round;
  }
}

TEST(EmbeddedStop, MayBeAskedForByManyThreads) {
  TemporaryDirectory directory;
  Broker broker = open(directory);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      broker.stop();
      auto again = Broker::open({.directory = directory.path()});
      EXPECT_TRUE(again || again.error().code == "in use");  // by another of these threads
    });
  for (std::thread& thread : threads) thread.join();
}

TEST(EmbeddedStop, MayBeAskedForByAHandler) {
  TemporaryDirectory directory;
  Broker broker = open(directory);
  std::promise<std::future<Outcome<Position>>> stored;
  ASSERT_TRUE(broker.consume("q", [&](const EmbeddedDelivery&) {
    broker.stop();
    stored.set_value(broker.publish("q", {.body = "b"}));
    return Verdict::kAccept;
  }));
  ASSERT_TRUE(broker.publish("q", {.body = "b"}).get());
  expect_stopped(stored.get_future().get().get());
  broker.stop();
  open(directory);
}

TEST(EmbeddedBroker, AHandlerIsNotLetWaitForItsBroker) {
  TemporaryDirectory directory;
  TemporaryDirectory elsewhere;
  Broker broker = open(directory);
  Broker other = open(elsewhere);
  std::promise<std::string> code;
  std::promise<bool> of_other;
  ASSERT_TRUE(broker.consume("q", [&](const EmbeddedDelivery&) {
    auto created = broker.create_queue("r");
    code.set_value(created ? "" : created.error().code);
    of_other.set_value(other.create_queue("r").has_value());
    return Verdict::kAccept;
  }));
  ASSERT_TRUE(broker.publish("q", {.body = "b"}).get());
  EXPECT_EQ(code.get_future().get(), "unsupported");
  EXPECT_TRUE(of_other.get_future().get());
}

}  // namespace
}  // namespace godwit
