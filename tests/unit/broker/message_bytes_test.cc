#include "broker/message_bytes.h"

#include <string>

#include <gtest/gtest.h>

#include "model/native_message.h"

namespace godwit::broker {
namespace {

model::Batch batch_of(int64_t base, std::initializer_list<size_t> sizes) {
  model::NativeBatchBuilder builder;
  for (size_t size : sizes) {
    std::string body(size, 'x');
    builder.add({.body = as_bytes(body)});
  }
  model::Batch batch = builder.seal(1);
  batch.header.base_offset = Offset(base);
  return batch;
}

TEST(MessageBytes, AreThoseOfTheBodies) {
  EXPECT_EQ(count_within(batch_of(0, {0}), 0), 1u);
  model::Batch batch = batch_of(0, {3, 3, 10, 0, 1});
  EXPECT_EQ(count_within(batch, 17), 5u);
  EXPECT_EQ(count_within(batch, 16), 4u);
  EXPECT_EQ(count_within(batch, 15), 2u) << "what follows one that does not fit does not either";
  EXPECT_EQ(count_within(batch, 5), 1u);
  model::Batch kafka = batch_of(0, {10, 10});
  kafka.header.encoding = model::Encoding::kKafka;
  EXPECT_EQ(count_within(kafka, kafka.payload.size() - 1), 1u) << "an equal share of what is stored";
}

TEST(MessageBytes, CountsWhatALogHoldsAlready) {
  LedgerId id{QueueId(1), PartitionId{TopicId(1), 0}};
  engine::Ledger ledger(engine::LedgerOpened{id, Offset(0), 1, false});
  ledger.apply_append(Offset(0), 20, {});
  storage::PartitionLog log;
  log.restore_segments(
      {{.blob = "segment/1", .base_offset = Offset(0), .end_offset = Offset(10), .bytes = 500, .messages = 10}});
  log.append(batch_of(10, {1, 1, 1, 4}), 1, 4, false);
  count_bytes(ledger, log);
  EXPECT_EQ(ledger.ready_bytes(), 507u);
  ledger.apply(engine::Settled{id, engine::SettledAs::kAccepted, {{Offset(0), 13}}});
  EXPECT_EQ(ledger.ready_bytes(), 4u);
  set_sizes(ledger, batch_of(14, {2, 2}));
  EXPECT_EQ(ledger.ready_bytes(), 8u);
}

}  // namespace
}  // namespace godwit::broker
