#include "engine/facets.h"

#include <gtest/gtest.h>

#include "model/kafka_message.h"
#include "model/native_message.h"

namespace godwit::engine {
namespace {

TEST(Facets, OneForEachMessageOfABatchThatHasAny) {
  model::NativeBatchBuilder builder;
  builder.add({.priority = 7, .body = as_bytes("a")});
  builder.add({.group = as_bytes("g"), .body = as_bytes("b")});
  builder.add({.body = as_bytes("c")});
  std::vector<Facet> facets = read_facets(builder.seal(0));
  ASSERT_EQ(facets.size(), 3u);
  EXPECT_EQ(facets[0].priority, 7);
  EXPECT_EQ(facets[0].group, "");
  EXPECT_EQ(facets[1].priority, 0);
  EXPECT_EQ(facets[1].group, "g");
  EXPECT_EQ(facets[2].priority, 0);
  EXPECT_EQ(facets[2].group, "");
}

TEST(Facets, ABatchWithoutAnyIsNotReadAtAll) {
  model::NativeBatchBuilder builder;
  builder.add({.body = as_bytes("a")});
  model::Batch batch = builder.seal(0);
  EXPECT_TRUE(read_facets(batch).empty());
  batch.payload = Slice::take({0xff});
  EXPECT_TRUE(read_facets(batch).empty());
}

/// The head of a compressed batch can claim any number.
TEST(Facets, NoMoreAreMadeThanMessagesWereRead) {
  model::KafkaHeaders headers;
  headers.add("priority", as_bytes("5"));
  model::KafkaBatchBuilder builder;
  builder.add({.header_count = headers.count(), .headers = headers.bytes()});
  ByteVec bytes = *builder.finish(model::Compression::kGzip);
  for (size_t i = 0; i < 4; ++i) bytes[57 + i] = i == 0 ? 0x7f : 0xff;
  constexpr uint32_t kClaimed = 0x7fff'ffff;
  model::Batch batch = model::seal_batch(model::Encoding::kKafka, model::kIndexed | model::kHasPriority, kClaimed, 0,
                                         Slice::take(std::move(bytes)));
  EXPECT_TRUE(read_facets(batch).empty());
}

/// A ledger checks that there are as many facets as messages: what cannot be read must not end the process.
TEST(Facets, ADamagedBatchHasNoneOrOneForEach) {
  model::NativeBatchBuilder builder;
  for (int i = 0; i < 5; ++i) builder.add({.priority = 7, .group = as_bytes("g"), .body = as_bytes("body")});
  const model::Batch whole = builder.seal(0);
  ByteView bytes = whole.payload.view();
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    model::Batch batch = whole;
    batch.payload = Slice::take(ByteVec(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(cut)));
    size_t read = read_facets(batch).size();
    EXPECT_TRUE(read == 0 || read == 5) << "cut at " << cut << ": " << read;
  }
}

}  // namespace
}  // namespace godwit::engine
