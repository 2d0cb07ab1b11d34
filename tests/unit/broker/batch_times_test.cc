#include "broker/batch_times.h"

#include <vector>

#include <gtest/gtest.h>

#include "model/native_message.h"

namespace godwit::broker {
namespace {

model::Batch batch_of(const std::vector<std::pair<int64_t, int64_t>>& expiry_and_due) {
  model::NativeBatchBuilder builder;
  for (auto [expires, due] : expiry_and_due) {
    model::NativeMessage m;
    if (expires > 0) m.expires_at_ms = expires;
    if (due > 0) m.deliver_at_ms = due;
    builder.add(m);
  }
  model::Batch batch = builder.seal(0);
  batch.header.base_offset = Offset(40);
  return batch;
}

TEST(BatchTimes, KnowsTheMessagesThatHaveTimes) {
  BatchTimes times(batch_of({{0, 0}, {5, 0}, {0, 0}, {0, 7}}));
  EXPECT_EQ(times.base(), Offset(40));
  EXPECT_EQ(times.find(0), nullptr);
  ASSERT_NE(times.find(1), nullptr);
  EXPECT_EQ(times.find(1)->expires_at_ms, 5);
  EXPECT_FALSE(times.find(1)->deliver_at_ms);
  ASSERT_NE(times.find(3), nullptr);
  EXPECT_EQ(times.find(3)->deliver_at_ms, 7);
  EXPECT_EQ(times.find(4), nullptr);
}

TEST(BatchTimes, WalksARange) {
  BatchTimes times(batch_of({{1, 0}, {2, 0}, {0, 0}, {4, 0}}));
  std::vector<uint32_t> met;
  times.for_each_in(1, 3, [&](const BatchTimes::Entry& e) { met.push_back(e.index); });
  EXPECT_EQ(met, std::vector<uint32_t>{1});
  met.clear();
  times.for_each_in(0, 99, [&](const BatchTimes::Entry& e) { met.push_back(e.index); });
  EXPECT_EQ(met, (std::vector<uint32_t>{0, 1, 3}));
}

TEST(BatchTimes, OfBytesThatAreNoMessagesAreNone) {
  model::Batch batch = batch_of({{1, 1}});
  batch.header.encoding = model::Encoding::kKafka;
  EXPECT_EQ(BatchTimes(batch).find(0), nullptr);
}

}  // namespace
}  // namespace godwit::broker
