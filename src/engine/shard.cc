#include "engine/shard.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "base/check.h"
#include "base/limits.h"
#include "model/native_message.h"

namespace godwit::engine {
namespace {

/// A producer that has not appended for this long is forgotten (Kafka: producer.id.expiration.ms).
constexpr int64_t kProducerExpiryMs = 24LL * 3600 * 1000;
/// From so many on, and whenever they are twice as many, those are looked for.
constexpr size_t kProducersUnlooked = 1024;
/// What one call tells a ledger of.
constexpr int64_t kAppendMax = 1LL << 31;

ByteVec stored(const model::Batch& batch) {
  ByteVec bytes;
  Writer out(bytes);
  model::write_batch_header(out, batch.header);
  out.bytes(batch.payload);
  return bytes;
}

}  // namespace

void Shard::emit(const BatchAppended& record, const model::Batch& batch) {
  scratch_.clear();
  encode_fields(record, scratch_);
  Writer out(scratch_);
  model::write_batch_header(out, batch.header);
  sink_->record(id_, BatchAppended::kType, BatchAppended::kVersion, ++seq_, scratch_, batch.payload);
  apply(record, batch);
}

void Shard::emit(const OutboxAdded& record, const model::Batch& message) {
  scratch_.clear();
  encode_fields(record, scratch_);
  ByteVec batch = stored(message);
  Writer(scratch_).bytes(batch);
  sink_->record(id_, OutboxAdded::kType, OutboxAdded::kVersion, ++seq_, scratch_, {});
  apply_outbox(record, std::move(batch));
}

void Shard::emit(const Scheduled& record, const model::Batch& message) {
  scratch_.clear();
  encode_fields(record, scratch_);
  ByteVec batch = stored(message);
  Writer(scratch_).bytes(batch);
  sink_->record(id_, Scheduled::kType, Scheduled::kVersion, ++seq_, scratch_, {});
  apply_scheduled(record, std::move(batch));
}

void Shard::emit_foreign(RecordType type, uint8_t version, ByteView body) {
  sink_->record(id_, type, version, ++seq_, body, {});
}

template <class R>
Result<bool> Shard::replay_as(uint8_t version, Reader& in) {
  R record;
  if (version > R::kVersion)
    return fail(ErrorCode::kUnsupported,
                fmt::format("record type {} version {} is from a newer release", static_cast<int>(R::kType), version));
  if (!decode_fields(in, version, record))
    return fail(ErrorCode::kCorrupt, fmt::format("record type {} cut short", static_cast<int>(R::kType)));
  if constexpr (std::is_same_v<R, OutboxAdded>) {
    apply_outbox(record, ByteVec(in.rest().begin(), in.rest().end()));
  } else if constexpr (std::is_same_v<R, Scheduled>) {
    apply_scheduled(record, ByteVec(in.rest().begin(), in.rest().end()));
  } else {
    apply(record);
  }
  return true;
}

Result<bool> Shard::replay(RecordType type, uint8_t version, uint64_t seq, const Slice& body,
                           std::optional<std::pair<PartitionId, model::Batch>>& appended) {
  if (seq != seq_ + 1)
    return fail(ErrorCode::kCorrupt, fmt::format("shard {}: entry {} follows entry {}", id_.value, seq, seq_));
  seq_ = seq;
  Reader in(body);
  switch (type) {
    case RecordType::kBatchAppended: {
      BatchAppended record;
      if (version > BatchAppended::kVersion)
        return fail(ErrorCode::kUnsupported, fmt::format("batch record version {} is from a newer release", version));
      if (!decode_fields(in, version, record)) return fail(ErrorCode::kCorrupt, "batch record cut short");
      Result<model::Batch> batch = model::read_batch(body.sub(in.position(), in.remaining()));
      if (!batch) return std::unexpected(batch.error());
      apply(record, *batch);
      appended.emplace(record.partition, std::move(*batch));
      return true;
    }
    case RecordType::kPartitionOpened: return replay_as<PartitionOpened>(version, in);
    case RecordType::kPartitionClosed: return replay_as<PartitionClosed>(version, in);
    case RecordType::kLogStartMoved: return replay_as<LogStartMoved>(version, in);
    case RecordType::kEpochStarted: return replay_as<EpochStarted>(version, in);
    case RecordType::kLedgerOpened: return replay_as<LedgerOpened>(version, in);
    case RecordType::kLedgerClosed: return replay_as<LedgerClosed>(version, in);
    case RecordType::kSettled: return replay_as<Settled>(version, in);
    case RecordType::kReturned: return replay_as<Returned>(version, in);
    case RecordType::kDelivered: return replay_as<Delivered>(version, in);
    case RecordType::kLeased: return replay_as<Leased>(version, in);
    case RecordType::kDeferred: return replay_as<Deferred>(version, in);
    case RecordType::kSessionChanged: return replay_as<SessionChanged>(version, in);
    case RecordType::kOutboxAdded: return replay_as<OutboxAdded>(version, in);
    case RecordType::kOutboxCleared: return replay_as<OutboxCleared>(version, in);
    case RecordType::kScheduled: return replay_as<Scheduled>(version, in);
    case RecordType::kScheduleEnded: return replay_as<ScheduleEnded>(version, in);
    case RecordType::kReaderMoved: return replay_as<ReaderMoved>(version, in);
    case RecordType::kPassed: return replay_as<Passed>(version, in);
    case RecordType::kFirstForeign:
    case RecordType::kFirstCatalog: break;
  }
  if (type >= RecordType::kFirstForeign) return false;
  return fail(ErrorCode::kUnsupported, fmt::format("record type {} is from a newer release", static_cast<int>(type)));
}

namespace {

void remember_ids(Partition& partition, int64_t until_ms, const model::Batch& batch) {
  partition.dedup.expire(batch.header.append_ms);
  model::NativeBatchReader in(batch.payload);
  model::NativeMessage m;
  for (uint32_t i = 0; i < batch.header.count && in.next(m); ++i)
    if (m.dedup_id) partition.dedup.remember(as_string(*m.dedup_id), batch.base_offset() + i, until_ms);
}

}  // namespace

void Shard::apply(const BatchAppended& record, const model::Batch& batch) {
  Partition* found = partition(record.partition);
  if (!found) return;  // closed since
  const model::BatchHeader& h = batch.header;
  CHECK(h.base_offset == found->end, "partition {}/{}: batch at {} follows {}", record.partition.topic.value,
        record.partition.index, h.base_offset.value, found->end.value);
  found->end = h.end_offset();
  if (record.producer) {
    size_t before = found->producers.size();
    found->producers.apply(*record.producer, h.count, h.base_offset, h.append_ms);
    size_t after = found->producers.size();
    if (after > before && after >= kProducersUnlooked && std::has_single_bit(after))
      found->producers.expire(h.append_ms - kProducerExpiryMs);
  }
  if (record.transfer) found->transferred[record.transfer->shard.value] = record.transfer->seq;
  if (record.scheduled) schedule_.erase(*record.scheduled);
  if (record.dedup_until_ms) remember_ids(*found, *record.dedup_until_ms, batch);
  const std::vector<Ledger*>& queues = ledgers_of(record.partition);
  if (queues.empty()) return;
  bool control = h.flags & model::kControl;
  std::vector<Facet> facets = read_facets(batch);
  for (Ledger* queue : queues) {
    queue->apply_append(h.base_offset, h.count, facets);
    if (control) queue->apply(Settled{queue->id(), SettledAs::kAccepted, {{h.base_offset, h.count}}});
  }
}

void Shard::apply(const PartitionOpened& record) { partitions_[record.partition].id = record.partition; }

void Shard::apply(const PartitionClosed& record) {
  partitions_.erase(record.partition);
  std::vector<Ledger*> queues = ledgers_of(record.partition);
  for (Ledger* queue : queues) apply(LedgerClosed{queue->id()});
  std::erase_if(schedule_, [&](const auto& entry) { return entry.second.partition == record.partition; });
}

void Shard::apply(const LogStartMoved& record) {
  Partition* found = partition(record.partition);
  if (!found || record.start <= found->log_start) return;
  found->log_start = record.start;
  std::erase_if(found->passed, [&](const PassedMark& mark) { return mark.end <= record.start; });
  while (found->epochs.size() > 1 && found->epochs[1].start <= record.start) found->epochs.erase(found->epochs.begin());
  for (Ledger* queue : ledgers_of(record.partition)) queue->apply_log_start(record.start);
}

void Shard::apply(const EpochStarted& record) {
  Partition* found = partition(record.partition);
  if (!found || record.epoch <= found->last_epoch()) return;
  if (found->epochs.size() == kLeaderEpochsKept) found->epochs.erase(found->epochs.begin());
  found->epochs.push_back({record.epoch, record.start});
}

void Shard::apply(const LedgerOpened& record) {
  auto queue = std::make_unique<Ledger>(record);
  Partition* found = partition(record.ledger.partition);
  if (!found) return;
  for (Offset at = record.start; at < found->end; at = at + kAppendMax)
    queue->apply_append(at, static_cast<uint32_t>(std::min(found->end - at, kAppendMax)), {});
  std::erase_if(found->passed, [&](const PassedMark& mark) { return mark.end > record.start; });
  by_partition_[record.ledger.partition].push_back(queue.get());
  ledgers_[record.ledger] = std::move(queue);
}

void Shard::apply(const LedgerClosed& record) {
  auto it = ledgers_.find(record.ledger);
  if (it == ledgers_.end()) return;
  std::vector<Ledger*>& siblings = by_partition_[record.ledger.partition];
  std::erase(siblings, it->second.get());
  if (siblings.empty()) by_partition_.erase(record.ledger.partition);
  ledgers_.erase(it);
}

void Shard::apply(const ReaderMoved& record) {
  Partition* found = partition(record.partition);
  if (!found) return;
  if (!record.position) {
    found->readers.erase(record.group);
    return;
  }
  found->readers[record.group] = *record.position;
  std::erase_if(found->passed, [&](const PassedMark& mark) { return mark.end > *record.position; });
}

void Shard::apply(const Passed& record) {
  Partition* found = partition(record.partition);
  if (found && record.end > found->log_start && (found->passed.empty() || record.end > found->passed.back().end))
    found->passed.push_back({record.end, record.wall_ms});
}

void Shard::apply(const OutboxCleared& record) {
  auto end = outbox_.upper_bound(record.seq);
  for (auto it = outbox_.begin(); it != end; it = outbox_.erase(it)) outbox_bytes_ -= it->second.batch.size();
}

void Shard::apply_outbox(const OutboxAdded& record, ByteVec batch) {
  next_outbox_seq_ = record.seq + 1;
  outbox_bytes_ += batch.size();
  outbox_[record.seq] = {record.space, record.exchange, record.routing_key, std::move(batch)};
}

void Shard::apply_scheduled(const Scheduled& record, ByteVec batch) {
  next_schedule_id_ = record.id + 1;
  schedule_[record.id] = {record.partition, record.due_wall_ms, std::move(batch)};
}

Partition* Shard::partition(PartitionId id) {
  auto it = partitions_.find(id);
  return it == partitions_.end() ? nullptr : &it->second;
}

Ledger* Shard::ledger(LedgerId id) {
  auto it = ledgers_.find(id);
  return it == ledgers_.end() ? nullptr : it->second.get();
}

const std::vector<Ledger*>& Shard::ledgers_of(PartitionId id) {
  static const std::vector<Ledger*> kNone;
  auto it = by_partition_.find(id);
  return it == by_partition_.end() ? kNone : it->second;
}

}  // namespace godwit::engine
