#include <signal.h>
#include <sys/resource.h>

#include <atomic>
#include <future>
#include <optional>
#include <vector>

#include <godwit/broker.h>
#include <gtest/gtest.h>

#include "../../support/temporary_directory.h"

namespace godwit {
namespace {

/// While it lives no file of this process takes a byte.
class NoWrites {
 public:
  NoWrites() {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~NoWrites() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_;
};

Broker open(const TemporaryDirectory& directory, std::function<void(const Refusal&)> on_failure = {}) {
  auto broker = Broker::open(
      {.directory = directory.path(), .workers = 2, .journal_bytes = 4 << 20, .on_failure = std::move(on_failure)});
  EXPECT_TRUE(broker) << broker.error().message;
  EXPECT_TRUE(broker->create_topic("t", 4));
  return std::move(*broker);
}

std::vector<std::future<Outcome<Position>>> publish(Broker& broker) {
  std::vector<std::future<Outcome<Position>>> stored;
  for (int i = 0; i < 16; ++i) stored.push_back(broker.publish("t", {.body = "b", .key = std::to_string(i)}));
  return stored;
}

TEST(EmbeddedFailure, IsToldOnceAndAnswersEveryCall) {
  TemporaryDirectory directory;
  std::atomic<int> told = 0;
  std::promise<Refusal> why;
  Broker broker = open(directory, [&](const Refusal& refusal) {
    if (++told == 1) why.set_value(refusal);
  });
  auto before = broker.publish("t", {.body = "stored"}).get();
  ASSERT_TRUE(before);
  std::optional<NoWrites> no_writes(std::in_place);
  auto stored = publish(broker);
  std::vector<Outcome<Position>> outcomes;
  for (auto& outcome : stored) outcomes.push_back(outcome.get());
  Refusal failure = why.get_future().get();
  no_writes.reset();
  EXPECT_EQ(failure.code, "i/o");
  for (auto& outcome : outcomes) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().message, failure.message);
  }
  EXPECT_EQ(broker.create_topic("u").error().message, failure.message);
  EXPECT_EQ(broker.read("t", 0, 0, 1).error().message, failure.message);
  broker.stop();
  EXPECT_EQ(told, 1);
  Broker again = open(directory);
  EXPECT_EQ(again.read("t", before->partition, before->offset, 1)->front().message.body, "stored");
}

TEST(EmbeddedFailure, NeedNotBeListenedTo) {
  TemporaryDirectory directory;
  Broker broker = open(directory);
  NoWrites no_writes;
  for (auto& outcome : publish(broker)) EXPECT_FALSE(outcome.get());
}

TEST(EmbeddedFailure, EndsAStopUnderWay) {
  TemporaryDirectory directory;
  Broker broker = open(directory);
  NoWrites no_writes;
  auto stored = publish(broker);
  broker.stop();
  for (auto& outcome : stored) EXPECT_FALSE(outcome.get());
}

TEST(EmbeddedFailure, MayBeAnsweredByAStop) {
  TemporaryDirectory directory;
  std::optional<Broker> broker;
  std::promise<std::string> code;
  broker = open(directory, [&](const Refusal&) {
    broker->stop();
    auto created = broker->create_topic("u");
    code.set_value(created ? "" : created.error().code);
  });
  NoWrites no_writes;
  for (auto& outcome : publish(*broker)) EXPECT_FALSE(outcome.get());
  EXPECT_EQ(code.get_future().get(), "unsupported");
}

}  // namespace
}  // namespace godwit
