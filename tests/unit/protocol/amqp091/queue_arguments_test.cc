#include "protocol/amqp091/queue_arguments.h"

#include <limits>

#include <gtest/gtest.h>

namespace godwit::protocol::amqp091 {
namespace {

using model::Value;

Value text(const char* s) { return Value(std::string(s)); }

QueueDeclare with(model::ValueMap arguments) {
  QueueDeclare method{.queue = "q", .durable = true};
  method.arguments = std::move(arguments);
  return method;
}

std::expected<QueueWanted, Fault> read(const QueueDeclare& method) {
  return read_queue(method, {.text = "q"}, 1'000'000);
}

model::QueueSettings settings(model::ValueMap arguments) {
  auto wanted = read(with(std::move(arguments)));
  EXPECT_TRUE(wanted) << wanted.error().detail;
  return wanted ? wanted->declare.settings : model::QueueSettings();
}

void expect_refused(const QueueDeclare& method) {
  auto wanted = read(method);
  std::string shown = testing::PrintToString(method.arguments.size());
  for (const auto& [name, value] : method.arguments) shown += " " + name + "=" + plain_text(value);
  ASSERT_FALSE(wanted) << shown;
  EXPECT_EQ(wanted.error().scope, Scope::kChannel) << shown;
  EXPECT_EQ(wanted.error().code, ReplyCode::kPreconditionFailed) << shown;
}

TEST(QueueArguments, AnIntegerMayHaveAnyType) {
  for (const Value& five : {Value(int8_t{5}), Value(uint8_t{5}), Value(int16_t{5}), Value(uint16_t{5}),
                            Value(int32_t{5}), Value(uint32_t{5}), Value(int64_t{5}), Value(uint64_t{5})})
    EXPECT_EQ(settings({{"x-max-length", five}}).length_max, 5u);
  for (const Value& none : {Value(5.0), Value(5.0f), text("5"), Value(true), Value(), Value(model::Decimal{0, 5}),
                            Value(uint64_t{1} << 63)})
    expect_refused(with({{"x-max-length", none}}));
}

TEST(QueueArguments, RangesEndWhereTheyShould) {
  EXPECT_EQ(settings({{"x-message-ttl", Value(int32_t{0})}}).message_ttl_ms, 0);
  expect_refused(with({{"x-message-ttl", Value(int32_t{-1})}}));
  EXPECT_EQ(settings({{"x-expires", Value(int32_t{1})}}).expires_ms, 1);
  expect_refused(with({{"x-expires", Value(int32_t{0})}}));
  EXPECT_EQ(settings({{"x-max-priority", Value(int32_t{255})}}).priorities, 255);
  expect_refused(with({{"x-max-priority", Value(int32_t{256})}}));
  expect_refused(with({{"x-delivery-limit", Value(int64_t{1} << 32)}}));
  expect_refused(with({{"x-partitions", Value(int32_t{0})}}));
  expect_refused(with({{"x-partitions", Value(int32_t{10'001})}}));
  expect_refused(with({{"x-message-ttl", Value(std::numeric_limits<int64_t>::max())}}));
}

TEST(QueueArguments, AQueueMayBeLargerThanAnyDiskOfToday) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(settings({{"x-max-length-bytes", Value(kMost)}}).bytes_max, static_cast<uint64_t>(kMost));
  EXPECT_EQ(settings({{"x-max-length", Value(kMost)}}).length_max, static_cast<uint64_t>(kMost));
}

TEST(QueueArguments, AQuorumQueueHasADeliveryLimitUnlessItIsTakenAway) {
  auto limit = [](model::ValueMap arguments) {
    arguments.emplace_back("x-queue-type", text("quorum"));
    return settings(std::move(arguments)).delivery_limit;
  };
  EXPECT_EQ(limit({}), 20u);
  EXPECT_EQ(limit({{"x-delivery-limit", Value(int32_t{3})}}), 3u);
  EXPECT_EQ(limit({{"x-delivery-limit", Value(int32_t{-1})}}), std::nullopt);
  EXPECT_EQ(settings({}).delivery_limit, std::nullopt);
}

TEST(QueueArguments, TheTypesThatOutliveConnectionsAreDurable) {
  for (const char* type : {"quorum", "stream"}) {
    for (bool QueueDeclare::* flag : {&QueueDeclare::durable, &QueueDeclare::exclusive, &QueueDeclare::auto_delete}) {
      QueueDeclare method = with({{"x-queue-type", text(type)}});
      EXPECT_TRUE(read(method));
      method.*flag = !(method.*flag);
      expect_refused(method);
    }
  }
  QueueDeclare classic = with({{"x-queue-type", text("classic")}});
  classic.exclusive = true;
  EXPECT_TRUE(read(classic));
  expect_refused(with({{"x-queue-type", text("Quorum")}}));
}

TEST(QueueArguments, AStreamKeepsWhatItsArgumentsSay) {
  auto stream = [](model::ValueMap arguments) {
    arguments.emplace_back("x-queue-type", text("stream"));
    auto wanted = read(with(std::move(arguments)));
    EXPECT_TRUE(wanted && wanted->stream);
    return wanted ? wanted->topic.settings : model::TopicSettings();
  };
  EXPECT_EQ(stream({}).retention_ms, -1);
  EXPECT_EQ(stream({{"x-max-length-bytes", Value(int64_t{20'000'000'000})}}).retention_bytes, 20'000'000'000);
  constexpr int64_t kDay = 86'400'000;
  for (auto [age, ms] : {std::pair("1Y", 365 * kDay),
                         {"2M", 60 * kDay},
                         {"7D", 7 * kDay},
                         {"1h", kDay / 24},
                         {"1m", int64_t{60'000}},
                         {"0s", int64_t{0}}})
    EXPECT_EQ(stream({{"x-max-age", text(age)}}).retention_ms, ms) << age;
  for (const char* bad : {"", "7", "D", "7d", "-7D", "7D ", "1h30m", "99999999999D"})
    expect_refused(with({{"x-queue-type", text("stream")}, {"x-max-age", text(bad)}}));
}

TEST(QueueArguments, DeadLettersNeedAnExchange) {
  expect_refused(with({{"x-dead-letter-routing-key", text("k")}}));
  EXPECT_EQ(settings({{"x-dead-letter-routing-key", text("k")}, {"x-dead-letter-exchange", text("")}}).dead_letter,
            (model::DeadLetter{"", "k"}));
  expect_refused(with({{"x-dead-letter-exchange", Value(int32_t{1})}}));
}

TEST(QueueArguments, AnotherTopicIsReadFromItsEndUnlessToldOtherwise) {
  EXPECT_EQ(read(with({{"x-source-topic", text("t")}}))->declare.start, model::Start::kEnd);
  EXPECT_EQ(read(with({{"x-source-offset", text("first")}, {"x-source-topic", text("t")}}))->declare.start,
            model::Start::kFirstRetained);
  expect_refused(with({{"x-source-offset", text("last")}}));
}

TEST(QueueArguments, SettledMessagesCanBeKept) {
  auto wanted = read(with({{"x-retention-settled-ms", Value(int32_t{60'000})}}));
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->declare.topic_settings.settled_ms, 60'000);
  EXPECT_EQ(wanted->declare.settings.config.at("x-retention-settled-ms"), "60000");
  expect_refused(with({{"x-retention-settled-ms", Value(int32_t{-1})}}));
  expect_refused(with({{"x-retention-settled-ms", Value(int32_t{1})}, {"x-source-topic", text("t")}}));
}

TEST(QueueArguments, WhatIsNotKnownIsKeptAsText) {
  auto config = settings({{"x-a", Value()},
                          {"x-b", Value(true)},
                          {"x-c", Value(int8_t{-5})},
                          {"x-d", text("d")},
                          {"x-e", Value(model::ValueList{})}})
                    .config;
  EXPECT_EQ(config, (std::map<std::string, std::string>{
                        {"x-a", ""}, {"x-b", "true"}, {"x-c", "-5"}, {"x-d", "d"}, {"x-e", "(complex)"}}));
}

TEST(QueueArguments, TheFaultNamesArgumentAndQueue) {
  auto wanted = read(with({{"x-overflow", text("burst")}}));
  ASSERT_FALSE(wanted);
  EXPECT_TRUE(wanted.error().detail.starts_with("invalid arg 'x-overflow' for queue 'q': 'burst'"));
}

TEST(QueueArguments, OnlyADurableQueueOfNobodyIsStored) {
  QueueDeclare method = with({});
  EXPECT_FALSE(read(method)->declare.topic_settings.is_volatile);
  method.exclusive = true;
  EXPECT_TRUE(read(method)->declare.topic_settings.is_volatile);
  method.exclusive = method.durable = false;
  EXPECT_TRUE(read(method)->declare.topic_settings.is_volatile);
}

}  // namespace
}  // namespace godwit::protocol::amqp091
