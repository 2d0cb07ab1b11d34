#include "protocol/kafka/converted_batches.h"

#include <gtest/gtest.h>

#include "base/fields.h"
#include "base/limits.h"
#include "model/amqp091_properties.h"
#include "model/kafka_message.h"
#include "model/kafka_records.h"

namespace godwit::protocol::kafka {
namespace {

ByteVec whole(const wire::Records::Part& part) {
  ByteVec out(part.head.begin(), part.head.begin() + part.head_bytes);
  out.insert(out.end(), part.rest.view().begin(), part.rest.view().end());
  return out;
}

model::Batch kafka_batch(int16_t attributes) {
  model::KafkaBatchBuilder builder;
  builder.header().attributes = attributes;
  builder.add({.timestamp_ms = 5, .value = as_bytes("v")});
  return model::seal_batch(model::Encoding::kKafka, 0, 1, 5, Slice::take(builder.finish().value()));
}

TEST(ConvertedBatches, AKafkaBatchOnlyChangesItsHead) {
  model::Batch batch = kafka_batch(0);
  batch.header.base_offset = Offset(41);
  ByteVec sent = whole(records_part(batch, to_kafka_batch(batch).value(), 7));
  Result<model::KafkaBatchHeader> header = model::check_kafka_batch(sent);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->base_offset, 41);
  EXPECT_EQ(header->leader_epoch, 7);
  EXPECT_TRUE(std::equal(sent.begin() + 16, sent.end(), batch.payload.view().begin() + 16));
}

TEST(ConvertedBatches, AStampedBatchShowsTheTimeOfAppendUnderAValidChecksum) {
  model::Batch batch = kafka_batch(8);
  batch.header.append_ms = 777;
  Result<model::KafkaBatchHeader> header =
      model::check_kafka_batch(whole(records_part(batch, to_kafka_batch(batch).value(), 7)));
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->max_timestamp_ms, 777);
}

TEST(ConvertedBatches, MessagesOfOtherOriginsBecomeRecords) {
  model::Message amqp;
  amqp.content_type = "text/plain";
  amqp.headers = {{"n", model::Value(int32_t{7})}};
  ByteVec properties;
  model::encode_amqp091_properties(amqp, 0, properties);
  ByteVec patch;
  model::Patch patched;
  patched.source_topic = "orders";
  encode_fields(patched, patch);
  model::NativeBatchBuilder builder;
  builder.add(
      {.origin = model::Origin::kAmqp091, .key = as_bytes("k"), .properties = properties, .body = as_bytes("one")});
  builder.add({.origin = model::Origin::kNative, .patch = patch, .body = as_bytes("two")});
  model::Batch batch = builder.seal(9);
  batch.header.append_ms = 9;
  Slice bytes = to_kafka_batch(batch).value();
  ASSERT_TRUE(model::check_kafka_batch(bytes));
  Result<model::KafkaRecordReader> reader = model::KafkaRecordReader::open(bytes, 0);
  model::KafkaRecord record;
  ASSERT_TRUE(reader->next(record));
  model::Message back;
  model::read_kafka_record(record, back);
  EXPECT_EQ(as_string(back.body), "one");
  EXPECT_EQ(as_string(*back.key), "k");
  EXPECT_EQ(back.content_type, "text/plain");
  EXPECT_EQ(back.created_ms, 9);
  ASSERT_EQ(back.headers.size(), 1u);
  EXPECT_EQ(back.headers[0].second, model::Value(std::string("7")));
  ASSERT_TRUE(reader->next(record));
  model::read_kafka_record(record, back);
  ASSERT_EQ(back.headers.size(), 3u);
  EXPECT_EQ(back.headers[0].first, "__dlq.errors.topic");
}

TEST(ConvertedBatches, ConversionsAreKeptUpToALimit) {
  ConvertedBatches cache;
  ByteVec body(kKafkaConvertedBytesMax / 3);
  for (int i = 0; i < 5; ++i) {
    model::NativeBatchBuilder builder;
    builder.add({.body = body});
    model::Batch batch = builder.seal(0);
    batch.header.base_offset = Offset(i);
    Slice a = cache.get({TopicId(1), 0}, batch).value();
    EXPECT_EQ(cache.get({TopicId(1), 0}, batch).value().data(), a.data());
    EXPECT_LE(cache.bytes(), kKafkaConvertedBytesMax);
  }
}

TEST(ConvertedBatches, ABatchThatLiesAboutItsCountIsCorrupt) {
  model::NativeBatchBuilder builder;
  builder.add({.body = as_bytes("x")});
  model::Batch batch = builder.seal(0);
  batch.header.count = 2;
  EXPECT_EQ(to_kafka_batch(batch).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace godwit::protocol::kafka
