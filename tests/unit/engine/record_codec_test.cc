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

TEST(RecordCodec, TypeNumbersAreThoseOnDisk) {
  EXPECT_EQ(record_type(CatalogRecord(TopicPut{})), 1);
  EXPECT_EQ(record_type(CatalogRecord(TopicRemoved{})), 2);
  EXPECT_EQ(record_type(CatalogRecord(QueuePut{})), 3);
  EXPECT_EQ(record_type(CatalogRecord(QueueRemoved{})), 4);
  EXPECT_EQ(record_type(CatalogRecord(ExchangePut{})), 5);
  EXPECT_EQ(record_type(CatalogRecord(ExchangeRemoved{})), 6);
  EXPECT_EQ(record_type(CatalogRecord(BindingAdded{})), 7);
  EXPECT_EQ(record_type(CatalogRecord(BindingRemoved{})), 8);
  EXPECT_EQ(record_type(CatalogRecord(ProducerIdsReserved{})), 9);
  EXPECT_EQ(record_type(CatalogRecord(IdsReserved{})), 10);
}

}  // namespace
}  // namespace godwit::engine
