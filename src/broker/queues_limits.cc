#include <algorithm>

#include <fmt/format.h>

#include "broker/message_bytes.h"
#include "broker/queues.h"
#include "broker/worker.h"

// Limits of length and bytes: a full queue refuses what is published, or drops from its head.
namespace godwit::broker {
namespace {

/// Messages or bytes that are ready: those that may be holes, and those that surely are none.
struct Ready {
  uint64_t doubtful;
  uint64_t sure;
};

Ready messages_of(const QueueRuntime& q) {
  uint64_t doubtful = q.ledger->ready_in(Offset(0), q.holes_end);
  return {doubtful, q.ledger->ready() - doubtful};
}

Ready bytes_of(const QueueRuntime& q) {
  uint64_t doubtful = q.ledger->ready_bytes_in(Offset(0), q.holes_end);
  return {doubtful, q.ledger->ready_bytes() - doubtful};
}

/// How much too much there is, with `hidden` that does not count. What is doubtful is older, and goes first.
uint64_t excess(Ready ready, uint64_t hidden, uint64_t max) {
  return ready.sure > hidden + max ? ready.doubtful + ready.sure - hidden - max : 0;
}

}  // namespace

Result<uint32_t> Queues::room(const QueueRuntime& q, const model::Batch& batch) const {
  const model::QueueSettings& s = q.info->settings;
  const uint32_t count = batch.header.count;
  if (s.overflow == model::Overflow::kDropHead) return count;
  uint64_t fits = count;
  std::string_view full;
  if (s.length_max) {
    // What consumers wait for never counts as ready.
    uint64_t awaited = q.ledger->grouped() ? 0 : q.ledger->consumers().credit(s.single_active_consumer);
    uint64_t most = *s.length_max + awaited;
    fits = std::min(fits, most - std::min(most, messages_of(q).sure));
    if (fits == 0) full = "messages";
  }
  if (s.bytes_max) {
    uint64_t left = *s.bytes_max - std::min(*s.bytes_max, bytes_of(q).sure);
    fits = std::min<uint64_t>(fits, count_within(batch, left));
    if (fits == 0) full = "bytes";
  }
  if (fits == 0)
    return fail(ErrorCode::kOverLimit, fmt::format("queue '{}' holds its maximum of {}", q.info->name.text, full));
  return batch.header.encoding == model::Encoding::kKafka ? count : static_cast<uint32_t>(fits);
}

/// A Kafka producer sends again what is refused.
void Queues::refused(QueueRuntime& q, const model::Batch& batch, uint32_t fits) {
  if (q.info->settings.overflow != model::Overflow::kRejectPublishDeadLetter) return;
  if (batch.header.encoding == model::Encoding::kKafka) return;
  worker_.transfer().dead_letter_refused(q, batch, fits);
}

void Queues::appended(QueueRuntime& q, const model::Batch& batch) {
  if (q.ledger->counts_bytes()) set_sizes(*q.ledger, batch);
  watch_times(q, batch);
}

void Queues::drop_excess(QueueRuntime& q) {
  const model::QueueSettings& s = q.info->settings;
  if (s.overflow != model::Overflow::kDropHead || (!s.length_max && !s.bytes_max)) return;
  // What is not shown yet may be for a consumer who waits for it.
  const Offset shown = q.partition->visible_end, end = q.partition->facts->end;
  if (s.length_max)
    if (uint64_t n = excess(messages_of(q), q.ledger->ready_in(shown, end), *s.length_max))
      reject(q, q.ledger->oldest_ready(n), "maxlen");
  if (s.bytes_max)
    if (uint64_t n = excess(bytes_of(q), q.ledger->ready_bytes_in(shown, end), *s.bytes_max))
      reject(q, q.ledger->oldest_ready_bytes(n), "maxlen");
}

}  // namespace godwit::broker
