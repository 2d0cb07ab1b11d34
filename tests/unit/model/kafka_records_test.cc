#include "model/kafka_records.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/kafka_message.h"

namespace godwit::model {
namespace {

/// Two records ("k" -> "hello" with the header h=v, then null -> null 5 ms later) at 1,700,000,000,000 ms, written down
/// from the format's description with a bitwise CRC-32C.
ByteVec golden() {
  constexpr std::string_view kHex =
      "000000000000000000000049ffffffff02d7f5a24a0000000000010000018bcfe568000000018bcfe56805ffffffffffffffffffffffffff"
      "ff"
      "0000000220000000026b0a68656c6c6f02026802760c000a02010100";
  ByteVec bytes;
  for (size_t i = 0; i < kHex.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoi(std::string(kHex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

void add_golden_records(KafkaBatchBuilder& builder, KafkaHeaders& headers) {
  headers.add("h", as_bytes("v"));
  builder.add({.timestamp_ms = 1'700'000'000'000,
               .key = as_bytes("k"),
               .value = as_bytes("hello"),
               .header_count = headers.count(),
               .headers = headers.bytes()});
  builder.add({.timestamp_ms = 1'700'000'000'005});
}

TEST(KafkaRecords, WritesTheGoldenBatch) {
  KafkaBatchBuilder builder;
  KafkaHeaders headers;
  add_golden_records(builder, headers);
  EXPECT_EQ(builder.finish().value(), golden());
}

TEST(KafkaRecords, ReadsTheGoldenBatch) {
  Result<KafkaBatchHeader> header = check_kafka_batch(golden());
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->records, 2);
  EXPECT_EQ(header->max_timestamp_ms, 1'700'000'000'005);
  Result<KafkaRecordReader> reader = KafkaRecordReader::open(Slice::take(golden()), 0);
  ASSERT_TRUE(reader);
  KafkaRecord record;
  ASSERT_TRUE(reader->next(record));
  EXPECT_EQ(as_string(*record.key), "k");
  EXPECT_EQ(as_string(*record.value), "hello");
  KafkaHeaderReader headers(record);
  std::string_view name;
  std::optional<ByteView> value;
  ASSERT_TRUE(headers.next(name, value));
  EXPECT_EQ(name, "h");
  EXPECT_EQ(as_string(*value), "v");
  EXPECT_FALSE(headers.next(name, value));
  ASSERT_TRUE(reader->next(record));
  EXPECT_EQ(record.timestamp_ms, 1'700'000'000'005);
  EXPECT_EQ(record.offset_delta, 1);
  EXPECT_FALSE(record.key);
  EXPECT_FALSE(record.value);
  EXPECT_FALSE(reader->next(record));
  EXPECT_FALSE(reader->corrupt());
}

TEST(KafkaRecords, EveryCodecReadsBack) {
  for (Compression codec : {Compression::kGzip, Compression::kSnappy, Compression::kLz4, Compression::kZstd}) {
    KafkaBatchBuilder builder;
    std::string value(5000, 'x');
    for (int i = 0; i < 100; ++i) builder.add({.timestamp_ms = i, .value = as_bytes(value)});
    ByteVec batch = builder.finish(codec).value();
    EXPECT_LT(batch.size(), 50'000u);
    ASSERT_TRUE(check_kafka_batch(batch));
    Result<KafkaRecordReader> reader = KafkaRecordReader::open(Slice::take(std::move(batch)), 0);
    ASSERT_TRUE(reader) << reader.error().message;
    KafkaRecord record;
    int n = 0;
    while (reader->next(record)) {
      EXPECT_EQ(record.timestamp_ms, n++);
      EXPECT_EQ(as_string(*record.value), value);
    }
    EXPECT_EQ(n, 100);
    EXPECT_FALSE(reader->corrupt());
  }
}

TEST(KafkaRecords, EveryFlippedByteBehindTheEpochIsNoticed) {
  for (size_t i = 16; i < golden().size(); ++i) {
    ByteVec bytes = golden();
    bytes[i] ^= 0x40;
    EXPECT_FALSE(check_kafka_batch(bytes)) << "byte " << i;
  }
}

TEST(KafkaRecords, EveryPrefixAndAnyExcessIsRefused) {
  ByteVec bytes = golden();
  for (size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(check_kafka_batch(ByteView(bytes).first(n))) << n;
  bytes.push_back(0);
  EXPECT_FALSE(check_kafka_batch(bytes));
}

TEST(KafkaRecords, CountsAreHeldAgainstTheBytes) {
  ByteVec bytes = golden();
  bytes[25] = 1, bytes[26] = 0;  // last offset delta 256
  bytes[59] = 1, bytes[60] = 1;  // count 257
  seal_kafka_batch(bytes);
  Result<KafkaBatchHeader> header = check_kafka_batch(bytes);
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().code, ErrorCode::kMalformed);
}

/// Only as many records as the largest inflated batch could hold.
TEST(KafkaRecords, TheCountOfACompressedBatchIsBoundedToo) {
  KafkaBatchBuilder builder;
  builder.add({.value = as_bytes("v")});
  ByteVec bytes = *builder.finish(Compression::kGzip);
  auto claim = [&](uint32_t count) {
    for (size_t i = 0; i < 4; ++i) {
      bytes[23 + i] = static_cast<uint8_t>((count - 1) >> (24 - 8 * i));
      bytes[57 + i] = static_cast<uint8_t>(count >> (24 - 8 * i));
    }
    seal_kafka_batch(bytes);
    return check_kafka_batch(bytes).has_value();
  };
  EXPECT_TRUE(claim(kInflatedBytesMax / 7));
  EXPECT_FALSE(claim(kInflatedBytesMax / 7 + 1));
  EXPECT_FALSE(claim(0x7fff'ffff));
}

TEST(KafkaRecords, ABatchIsInflatedAsAWhole) {
  auto build = [](Compression codec) {
    KafkaBatchBuilder builder;
    builder.header().attributes = 8;
    builder.header().producer_id = 5;
    for (int i = 0; i < 100; ++i) builder.add({.timestamp_ms = 7, .value = as_bytes("a value like any other")});
    return Slice::take(*builder.finish(codec));
  };
  const Slice plain = build(Compression::kNone);
  EXPECT_EQ(inflate_kafka_batch(plain)->data(), plain.data()) << "nothing to be done";
  for (Compression codec : {Compression::kGzip, Compression::kSnappy, Compression::kLz4, Compression::kZstd}) {
    Result<Slice> inflated = inflate_kafka_batch(build(codec));
    ASSERT_TRUE(inflated);
    EXPECT_EQ(as_string(*inflated), as_string(plain));
  }
  ByteVec broken(plain.view().begin(), plain.view().end());
  broken[22] |= 1;
  EXPECT_FALSE(inflate_kafka_batch(Slice::take(std::move(broken))));
}

TEST(KafkaRecords, TheOffsetMayMoveWithoutTouchingTheChecksum) {
  ByteVec bytes = golden();
  set_kafka_base_offset(bytes, 1234567, 9);
  Result<KafkaBatchHeader> header = check_kafka_batch(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->base_offset, 1234567);
  EXPECT_EQ(header->leader_epoch, 9);
}

TEST(KafkaRecords, OldFormatsAreNamedAsSuch) {
  ByteVec bytes = golden();
  bytes[16] = 1;
  EXPECT_EQ(check_kafka_batch(bytes).error().code, ErrorCode::kUnsupported);
}

TEST(KafkaRecords, TimestampsOfABatchStampedAtAppendAreTheBrokers) {
  KafkaBatchBuilder builder;
  builder.header().attributes = 8;
  builder.add({.timestamp_ms = 5, .value = as_bytes("v")});
  Result<KafkaRecordReader> reader = KafkaRecordReader::open(Slice::take(builder.finish().value()), 777);
  KafkaRecord record;
  ASSERT_TRUE(reader->next(record));
  EXPECT_EQ(record.timestamp_ms, 777);
}

}  // namespace
}  // namespace godwit::model
