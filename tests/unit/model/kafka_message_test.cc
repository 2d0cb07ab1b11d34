#include "model/kafka_message.h"

#include <map>
#include <string>

#include <gtest/gtest.h>

namespace godwit::model {
namespace {

std::map<std::string, std::string> headers_of(const KafkaRecord& record) {
  std::map<std::string, std::string> out;
  KafkaHeaderReader reader(record);
  std::string_view name;
  std::optional<ByteView> value;
  while (reader.next(name, value)) out[std::string(name)] = value ? std::string(as_string(*value)) : "<null>";
  return out;
}

Message everything() {
  Message m;
  m.body = as_bytes("body");
  m.group = "session-7";
  m.message_id = Value(std::string("id-1"));
  m.correlation_id = Value(uint64_t{42});
  m.content_type = "application/json";
  m.content_encoding = "gzip";
  m.subject = "orders.created";
  m.reply_to = "replies";
  m.type = "order";
  m.app_id = "shop";
  m.user_id = "guest";
  m.created_ms = 1'700'000'000'000;
  m.expires_at_ms = 1'700'000'060'000;
  m.deliver_at_ms = 1'700'000'010'000;
  m.priority = 7;
  m.headers = {{"flag", Value(true)}, {"n", Value(int64_t{-5})},
               {"f", Value(0.1)},     {"raw", Value(ByteVec{0xff, 0x00})},
               {"none", Value()},     {"list", Value(ValueList{Value(int32_t{1}), Value(std::string("a\"b"))})}};
  return m;
}

TEST(KafkaMessage, WritesPropertiesAsHeaders) {
  Message m = everything();
  KafkaHeaders headers;
  KafkaRecord record = write_kafka_record(m, 1, headers);
  EXPECT_EQ(record.timestamp_ms, 1'700'000'000'000);
  EXPECT_EQ(as_string(*record.key), "session-7");
  EXPECT_EQ(as_string(*record.value), "body");
  auto h = headers_of(record);
  EXPECT_EQ(h["message-id"], "id-1");
  EXPECT_EQ(h["correlation-id"], "42");
  EXPECT_EQ(h["content-type"], "application/json");
  EXPECT_EQ(h["subject"], "orders.created");
  EXPECT_EQ(h["expires-at"], "1700000060000");
  EXPECT_EQ(h["priority"], "7");
  EXPECT_EQ(h["flag"], "true");
  EXPECT_EQ(h["n"], "-5");
  EXPECT_EQ(h["f"], "0.1");
  EXPECT_EQ(h["raw"], (std::string{'\xff', '\0'}));
  EXPECT_EQ(h["none"], "<null>");
  EXPECT_EQ(h["list"], R"([1,"a\"b"])");
}

TEST(KafkaMessage, ReadsItsOwnHeadersBack) {
  Message m = everything();
  KafkaHeaders headers;
  KafkaRecord record = write_kafka_record(m, 1, headers);
  Message back;
  read_kafka_record(record, back);
  EXPECT_EQ(back.origin, Origin::kKafka);
  EXPECT_EQ(back.group, m.group);
  EXPECT_EQ(back.message_id, m.message_id);
  EXPECT_EQ(back.correlation_id, Value(std::string("42")));  // text: nothing guesses a type
  EXPECT_EQ(back.content_encoding, m.content_encoding);
  EXPECT_EQ(back.reply_to, m.reply_to);
  EXPECT_EQ(back.type, m.type);
  EXPECT_EQ(back.app_id, m.app_id);
  EXPECT_EQ(back.user_id, m.user_id);
  EXPECT_EQ(back.expires_at_ms, m.expires_at_ms);
  EXPECT_EQ(back.deliver_at_ms, m.deliver_at_ms);
  EXPECT_EQ(back.priority, m.priority);
  ASSERT_EQ(back.headers.size(), 6u);
  EXPECT_EQ(back.headers[1].second, Value(std::string("-5")));
  EXPECT_EQ(back.headers[3].second, Value(ByteVec{0xff, 0x00}));
  EXPECT_EQ(back.headers[4].second, Value());
}

TEST(KafkaMessage, AHeaderThatDoesNotFitItsFieldStaysAHeader) {
  KafkaHeaders headers;
  headers.add("priority", as_bytes("300"));
  headers.add("expires-at", as_bytes("soon"));
  headers.add("content-type", as_bytes("\xff"));
  headers.add("twice", as_bytes("1"));
  headers.add("twice", as_bytes("2"));
  Message m;
  read_kafka_record({.header_count = headers.count(), .headers = headers.bytes()}, m);
  EXPECT_FALSE(m.priority);
  EXPECT_FALSE(m.expires_at_ms);
  EXPECT_FALSE(m.content_type);
  EXPECT_EQ(m.headers.size(), 5u);
}

TEST(KafkaMessage, ADeadLettersCopyKeepsTheRecord) {
  KafkaHeaders headers;
  headers.add("expires-at", as_bytes("99"));
  headers.add("priority", as_bytes("3"));
  headers.add("x", std::nullopt);
  KafkaRecord record{
      .timestamp_ms = -12, .key = as_bytes("k"), .header_count = headers.count(), .headers = headers.bytes()};
  ByteVec properties;
  NativeMessage native = native_of_kafka_record(record, properties);
  EXPECT_EQ(native.expires_at_ms, 99);
  EXPECT_EQ(native.priority, 3);
  KafkaRecord back;
  ASSERT_TRUE(decode_kafka_properties(native, back));
  EXPECT_EQ(back.timestamp_ms, -12);
  EXPECT_FALSE(back.value);
  EXPECT_EQ(as_string(*back.key), "k");
  EXPECT_EQ(headers_of(back), headers_of(record));
  native.properties = native.properties.first(1);
  EXPECT_FALSE(decode_kafka_properties(native, back));
}

TEST(KafkaMessage, APatchSpeaksInDeadLetterHeaders) {
  Patch patch;
  patch.source_topic = "orders";
  patch.source_offset = 17;
  patch.deaths.push_back({.queue = "work", .reason = "rejected", .count = 2});
  KafkaHeaders headers;
  add_patch_headers(patch, headers);
  auto h = headers_of({.header_count = headers.count(), .headers = headers.bytes()});
  EXPECT_EQ(h["__dlq.errors.topic"], "orders");
  EXPECT_EQ(h["__dlq.errors.offset"], "17");
  EXPECT_EQ(h["__dlq.errors.message"], "rejected");
}

TEST(KafkaMessage, ABatchIsLookedAtOnceForWhatQueuesHeed) {
  auto flags_of = [](std::vector<std::pair<std::string, std::string>> all, Compression codec) {
    KafkaBatchBuilder builder;
    builder.add({.value = as_bytes("plain")});
    KafkaHeaders headers;
    for (const auto& [name, value] : all) headers.add(name, as_bytes(value));
    builder.add({.header_count = headers.count(), .headers = headers.bytes()});
    Batch batch = seal_batch(Encoding::kKafka, 0, 2, 0, Slice::take(*builder.finish(codec)));
    EXPECT_TRUE(index_batch(batch));
    return batch.header.flags;
  };
  for (Compression codec : {Compression::kNone, Compression::kLz4}) {
    EXPECT_EQ(flags_of({}, codec), kIndexed);
    EXPECT_EQ(flags_of({{"priority", "3"}}, codec), kIndexed | kHasPriority);
    EXPECT_EQ(flags_of({{"priority", "300"}, {"expires-at", "x"}}, codec), kIndexed);
    EXPECT_EQ(flags_of({{"expires-at", "1"}, {"deliver-at", "2"}}, codec), kIndexed | kHasExpiry | kHasDeliverAt);
  }
  Batch native = seal_batch(Encoding::kNative, kHasGroup, 1, 0, Slice::copy(as_bytes("not looked at")));
  EXPECT_TRUE(index_batch(native));
  EXPECT_EQ(native.header.flags, kHasGroup);
}

TEST(KafkaMessage, ABatchThatHasNotWhatItsHeadCountsIsNoneForQueues) {
  KafkaBatchBuilder builder;
  builder.add({.value = as_bytes("only one")});
  const ByteVec one = *builder.finish(Compression::kGzip);
  auto index = [](ByteVec bytes, uint32_t count) {
    Batch batch = seal_batch(Encoding::kKafka, kTransactional, count, 0, Slice::take(std::move(bytes)));
    auto indexed = index_batch(batch);
    EXPECT_EQ(batch.header.flags, kTransactional | (indexed ? kIndexed : 0));
    return indexed ? std::nullopt : std::optional(indexed.error().code);
  };
  EXPECT_EQ(index(one, 1), std::nullopt);
  EXPECT_EQ(index(one, 2), ErrorCode::kCorrupt) << "two counts that differ";
  ByteVec lying = one;
  lying[60] = 2;
  EXPECT_EQ(index(lying, 2), ErrorCode::kCorrupt);
  EXPECT_EQ(index(lying, 1), ErrorCode::kCorrupt) << "the second is no record";
  ByteVec garbled = one;
  garbled[61] ^= 0xff;
  EXPECT_EQ(index(garbled, 1), ErrorCode::kCorrupt);
  EXPECT_EQ(index(ByteVec(10), 1), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace godwit::model
