#include "engine/record_codec.h"

#include <gtest/gtest.h>

#include "engine/catalog_records.h"

namespace godwit::engine {
namespace {

TEST(RecordCodec, RefusesWhatIsNotExactlyARecord) {
  ByteVec bytes;
  encode_record(CatalogRecord(ExchangeRemoved{{"space", "name"}}), bytes);
  EXPECT_TRUE(decode_record<CatalogRecord>(ExchangeRemoved::kType, 1, bytes).has_value());
  for (size_t n = 0; n < bytes.size(); ++n)
    EXPECT_EQ(decode_record<CatalogRecord>(ExchangeRemoved::kType, 1, ByteView(bytes).first(n)).error().code,
              ErrorCode::kCorrupt);
  bytes.push_back(0);
  EXPECT_EQ(decode_record<CatalogRecord>(ExchangeRemoved::kType, 1, bytes).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(decode_record<CatalogRecord>(0, 1, bytes).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(decode_record<CatalogRecord>(255, 1, bytes).error().code, ErrorCode::kCorrupt);
}

TEST(RecordCodec, AnOwnQueueInATopicPutOfAnEarlierReleaseIsPassedOver) {
  CatalogRecord put = TopicPut{model::TopicInfo{.id = TopicId(3), .name = {"space", "name"}}};
  ByteVec bytes;
  encode_record(put, bytes);
  ASSERT_EQ(bytes.back(), 0);
  bytes.back() = 4;
  auto read = decode_record<CatalogRecord>(TopicPut::kType, 1, bytes);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, put);
}

TEST(RecordCodec, TypeNumbersAreThoseOnDisk) {
  EXPECT_EQ(record_type(CatalogRecord(TopicPut{})), 60);
  EXPECT_EQ(record_type(CatalogRecord(TopicRemoved{})), 61);
  EXPECT_EQ(record_type(CatalogRecord(QueuePut{})), 62);
  EXPECT_EQ(record_type(CatalogRecord(QueueRemoved{})), 63);
  EXPECT_EQ(record_type(CatalogRecord(ExchangePut{})), 64);
  EXPECT_EQ(record_type(CatalogRecord(ExchangeRemoved{})), 65);
  EXPECT_EQ(record_type(CatalogRecord(BindingAdded{})), 66);
  EXPECT_EQ(record_type(CatalogRecord(BindingRemoved{})), 67);
  EXPECT_EQ(record_type(CatalogRecord(ProducerIdsReserved{})), 68);
  EXPECT_EQ(record_type(CatalogRecord(IdsReserved{})), 69);
}

}  // namespace
}  // namespace godwit::engine
