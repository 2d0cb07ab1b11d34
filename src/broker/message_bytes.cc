#include "broker/message_bytes.h"

#include <algorithm>
#include <utility>

#include "model/native_message.h"

namespace godwit::broker {
namespace {

/// f(first index, end, bytes of each) for neighbours that count the same.
template <class F>
void for_each_size(const model::Batch& batch, F&& f) {
  uint32_t count = batch.header.count;
  if (batch.header.encoding == model::Encoding::kKafka) return f(0, count, batch.payload.size() / count);
  model::NativeBatchReader messages(batch.payload);
  model::NativeMessage message;
  uint32_t first = 0;
  uint64_t bytes = 0;
  for (uint32_t i = 0; messages.next(message); ++i) {
    if (i > first && message.body.size() != bytes) f(std::exchange(first, i), i, bytes);
    bytes = message.body.size();
  }
  f(first, count, bytes);
}

}  // namespace

uint32_t count_within(const model::Batch& batch, uint64_t bytes_max) {
  uint32_t within = 0;
  for_each_size(batch, [&](uint32_t first, uint32_t end, uint64_t each) {
    if (within < first) return;  // one before was too many
    uint64_t n = each == 0 ? end - first : std::min<uint64_t>(end - first, bytes_max / each);
    bytes_max -= n * each;
    within += static_cast<uint32_t>(n);
  });
  return within;
}

void set_sizes(engine::Ledger& ledger, const model::Batch& batch) {
  for_each_size(batch, [&](uint32_t first, uint32_t end, uint64_t each) {
    ledger.set_size(batch.base_offset() + first, batch.base_offset() + end, each);
  });
}

void count_bytes(engine::Ledger& ledger, const storage::PartitionLog& log) {
  ledger.count_bytes();
  for (const storage::SegmentRef& s : log.segments())
    ledger.set_size(s.base_offset, s.end_offset, s.bytes / std::max<uint64_t>(1, s.messages));
  for (const model::Batch& batch : log.needed(UINT64_MAX)) set_sizes(ledger, batch);
}

}  // namespace godwit::broker
