#include "broker/partitions.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/check.h"
#include "broker/broker.h"
#include "broker/repeats.h"
#include "broker/worker.h"
#include "model/kafka_message.h"
#include "model/placement.h"

namespace godwit::broker {
namespace {

/// Read of a segment that begins before the log does, to find a time in it.
constexpr uint64_t kFoundBytes = 1_MiB;

std::unexpected<Error> no_partition(PartitionId id) {
  return fail(ErrorCode::kNotFound, fmt::format("partition {} of topic {} does not exist", id.index, id.topic.value));
}

std::unexpected<Error> out_of_range(const PartitionRuntime& p, Offset offset) {
  return fail(ErrorCode::kOffsetOutOfRange,
              fmt::format("offset {} is outside [{}, {}]", offset.value, p.log_start.value, p.visible_end.value));
}

void set_epoch(const engine::Partition& facts, bool one_epoch, model::Fetched& reply) {
  if (facts.epochs.empty() || reply.batches.empty()) return;
  reply.leader_epoch = facts.epoch_at(reply.batches.front().base_offset());
  while (one_epoch && facts.epoch_at(reply.batches.back().base_offset()) != reply.leader_epoch)
    reply.batches.pop_back();
}

/// The first of these batches that is there and has a message of that time or later: from the log's start on.
model::OffsetFound found_in(const std::vector<model::Batch>& batches, const PartitionRuntime& p, int64_t wanted_ms) {
  for (const model::Batch& b : batches) {
    if (b.end_offset() <= p.log_start || b.header.max_timestamp_ms < wanted_ms) continue;
    if (b.end_offset() > p.visible_end) break;
    Offset from = std::max(b.base_offset(), p.log_start);
    return {from, b.header.max_timestamp_ms, p.facts->epoch_at(from), b};
  }
  return {};
}

/// How long the ids of messages published to the partition's own queue are remembered.
int64_t dedup_window_ms(const PartitionRuntime& p) {
  for (const QueueRuntime* q : p.queues)
    if (q->info->own) return q->info->settings.dedup_window_ms;
  return 0;
}

}  // namespace

PartitionRuntime* Partitions::find(PartitionId id) {
  auto it = partitions_.find(id);
  return it == partitions_.end() ? nullptr : it->second.get();
}

PartitionRuntime& Partitions::open(const Shared<model::TopicInfo>& topic, uint32_t index) {
  PartitionId id{topic->id, index};
  std::unique_ptr<PartitionRuntime>& p = partitions_[id];
  if (!p) {
    p = std::make_unique<PartitionRuntime>(id, topic);
    p->owner =
        topic->settings.is_volatile ? &worker_.stage().volatile_shard() : &worker_.stage().shard(model::shard_of(id));
    if (!p->owner->shard.partition(id)) p->owner->shard.emit(engine::PartitionOpened{id});
    p->facts = p->owner->shard.partition(id);
    p->visible_end = p->facts->end;
    p->log_start = p->passed = p->facts->log_start;
    worker_.retention().opened(*p);
    return *p;
  }
  Shared<model::TopicInfo> before = std::exchange(p->topic, topic);
  if (before->settings != topic->settings) worker_.retention().settings_changed(*p);
  return *p;
}

void Partitions::close(PartitionId id) {
  auto it = partitions_.find(id);
  if (it == partitions_.end()) return;
  PartitionRuntime& p = *it->second;
  CHECK(p.queues.empty(), "queues are closed before their partition");
  for (const PartitionRuntime::Waiter& w : p.waiters) worker_.reply(w.session, w.request, no_partition(id));
  std::vector<storage::SegmentRef> dead;
  add_memory(p, -static_cast<int64_t>(p.log.trim(p.facts->end, dead)));
  if (p.owner->shard.partition(id)) p.owner->shard.emit(engine::PartitionClosed{id});
  worker_.checkpoint().release(dead);
  partitions_.erase(it);
}

Result<uint32_t> Partitions::admit(const PartitionRuntime& p, model::Append& c) const {
  if (c.batch.header.encoding == model::Encoding::kKafka &&
      c.batch.payload.size() > p.topic->settings.message_bytes_max)
    return fail(ErrorCode::kTooLarge, fmt::format("batch of {} bytes; topic {} takes {}", c.batch.payload.size(),
                                                  p.topic->name.text, p.topic->settings.message_bytes_max));
  if (!p.is_volatile()) {
    // A single message from another shard was recorded there: that its way was added to it is no reason to lose it.
    bool recorded = c.source && c.batch.header.count == 1;
    size_t bytes_max = recorded ? worker_.stage().carried_bytes_max() : worker_.stage().record_bytes_max();
    if (c.batch.bytes() > bytes_max)
      return fail(ErrorCode::kTooLarge,
                  fmt::format("{} bytes; the journal takes {} at once: enlarge storage.journal_bytes_max",
                              c.batch.bytes(), bytes_max));
    if (auto room = worker_.checkpoint().room_to_append(); !room) return std::unexpected(room.error());
  } else if (worker_.memory().volatile_full()) {
    return fail(ErrorCode::kBusy,
                "memory is short: messages of queues that are not durable are refused until consumers catch up");
  }
  const uint32_t count = c.batch.header.count;
  uint32_t fits = count;
  Result<uint32_t> full = 0u;
  for (QueueRuntime* q : p.queues) {
    Result<uint32_t> room = worker_.queues().room(*q, c.batch);
    if (!room && full) full = room;
    fits = std::min(fits, room.value_or(0));
    if (room.value_or(0) < count) worker_.queues().refused(*q, c.batch, room.value_or(0));
  }
  if (!full) return full;
  if (fits < count) keep_first(c.batch, fits);
  if (!p.queues.empty())
    if (auto indexed = model::index_batch(c.batch, p.inflated_bytes_max()); !indexed)
      return std::unexpected(indexed.error());
  return count - fits;
}

void Partitions::run(Envelope& e, model::Append& c) {
  PartitionRuntime* p = find(c.partition);
  if (!p) return worker_.reply(e.session, e.request, no_partition(c.partition));
  // A message on its way between shards must not wait behind publishers: it makes room where it comes from.
  if (!p->is_volatile() && worker_.checkpoint().must_wait() && !is_worker_itself(e.session))
    return worker_.checkpoint().wait_for_room(std::move(e));
  uint64_t shown = p->owner->last_lsn;
  engine::BatchAppended record{.partition = p->id};
  if (c.producer) {
    record.producer = engine::ProducerClaim{c.producer->id, c.producer->epoch, c.producer->sequence};
    auto repeat = p->facts->producers.check(*record.producer, c.batch.header.count);
    if (!repeat) return worker_.reply(e.session, e.request, std::unexpected(repeat.error()), shown);
    if (*repeat) {
      ++worker_.counters().duplicates;
      return worker_.reply(e.session, e.request,
                           model::Appended{(*repeat)->base_offset, (*repeat)->append_ms, p->log_start, true}, shown);
    }
  }
  if (c.source) {
    record.transfer = engine::TransferSource{c.source->shard, c.source->seq};
    auto known = p->facts->transferred.find(c.source->shard.value);
    uint64_t before = c.source->seq - c.batch.header.count;
    if (known != p->facts->transferred.end() && known->second >= c.source->seq)
      return worker_.reply(e.session, e.request, model::Appended{.log_start = p->log_start, .duplicate = true}, shown);
    // After a crash the source packs what it cannot know to have arrived with what came later.
    if (known != p->facts->transferred.end() && known->second > before)
      take_out_first(c.batch, static_cast<uint32_t>(known->second - before));
  }
  std::vector<model::Appended::Repeated> repeated;
  int64_t window_ms = c.source ? 0 : dedup_window_ms(*p);
  if (window_ms > 0 && c.batch.header.flags & model::kHasDedup) {
    int64_t now = std::max(p->last_append_ms, worker_.now().wall_ms);
    record.dedup_until_ms = now + window_ms;
    repeated = take_out_repeats(*p->facts, c.batch, now);
    worker_.counters().duplicates += repeated.size();
    if (c.batch.header.count == 0) {
      model::Appended all{.base_offset = repeated[0].offset, .log_start = p->log_start, .duplicate = true};
      all.repeated = std::move(repeated);
      return worker_.reply(e.session, e.request, std::move(all), shown);
    }
  }
  Result<uint32_t> refused = admit(*p, c);
  // Which of those it sent are meant could not be said any more.
  if (refused && *refused > 0 && !repeated.empty()) refused = fail(ErrorCode::kOverLimit, "a queue is full");
  if (refused) worker_.counters().appends_refused += *refused > 0;
  if (!refused) {
    ++worker_.counters().appends_refused;
    // Who publishes without confirms does not hear of it.
    if (refused.error().code == ErrorCode::kBusy && worker_.memory().refusal_is_news(worker_.now().boot_ms))
      worker_.broker().report(refused.error());
    return worker_.reply(e.session, e.request, std::unexpected(refused.error()), shown);
  }
  if (c.batch.header.flags & model::kHasDeliverAt && !worker_.schedule().keep_early(*p, c.batch))
    return worker_.reply(e.session, e.request,
                         model::Appended{.base_offset = Offset(-1), .log_start = p->log_start, .refused = *refused},
                         p->owner->last_lsn);
  append(*p, c.batch, record);
  worker_.reply(e.session, e.request,
                model::Appended{c.batch.header.base_offset, c.batch.header.append_ms, p->log_start, false,
                                std::move(repeated), *refused},
                p->owner->last_lsn);
}

void Partitions::add_memory(const PartitionRuntime& p, int64_t bytes) {
  worker_.memory().add(p.is_volatile() ? Memory::Use::kVolatile : Memory::Use::kMessages, bytes);
}

void Partitions::append(PartitionRuntime& p, model::Batch& batch, const engine::BatchAppended& record) {
  p.last_append_ms = std::max(p.last_append_ms, worker_.now().wall_ms);
  batch.header.base_offset = p.facts->end;
  batch.header.append_ms = p.last_append_ms;
  if (p.facts->last_epoch() < worker_.broker().leader_epoch() && worker_.options().plant != testing::Plant::kNoEpoch)
    p.owner->shard.emit(engine::EpochStarted{p.id, worker_.broker().leader_epoch(), p.facts->end});
  p.owner->shard.emit(record, batch);
  uint64_t before = p.log.memory_bytes();
  p.log.append(batch, p.owner->last_lsn, batch.header.count * p.queues.size(), p.keeps_for_readers());
  add_memory(p, static_cast<int64_t>(p.log.memory_bytes() - before));
  Counters& counters = worker_.counters();
  ++counters.batches_appended;
  counters.messages_appended += batch.header.count;
  counters.bytes_appended += batch.bytes();
  if (p.is_volatile() || worker_.options().plant == testing::Plant::kShowBeforeDurable)
    show(p, batch.end_offset());
  else
    pending_.push_back({p.owner->last_lsn, p.id, batch.end_offset()});
  for (QueueRuntime* q : p.queues) worker_.queues().appended(*q, batch);
}

void Partitions::on_durable(uint64_t lsn) {
  while (!pending_.empty() && pending_.front().lsn <= lsn) {
    // Several appends to one partition in a row are shown at once.
    Pending next = pending_.front();
    pending_.pop_front();
    while (!pending_.empty() && pending_.front().lsn <= lsn && pending_.front().id == next.id) {
      next = pending_.front();
      pending_.pop_front();
    }
    if (PartitionRuntime* p = find(next.id)) show(*p, next.end);
  }
}

void Partitions::show(PartitionRuntime& p, Offset end) {
  p.visible_end = std::max(p.visible_end, end);
  for (QueueRuntime* q : p.queues) worker_.queues().want_pump(*q);
  if (p.queues.empty() && p.topic->settings.retention == model::Retention::kSettled)
    worker_.retention().move_log_start(p);
  wake_waiters(p);
}

void Partitions::show_replayed() {
  for (auto& [id, p] : partitions_) {
    p->visible_end = p->facts->end;
    worker_.retention().move_log_start(*p);
    for (QueueRuntime* q : p->queues) worker_.queues().want_pump(*q);
  }
}

void Partitions::wake_waiters(PartitionRuntime& p) {
  std::erase_if(p.waiters, [&](const PartitionRuntime::Waiter& w) {
    if (w.beyond >= p.visible_end) return false;
    worker_.reply(w.session, w.request, model::DataAwaited{p.visible_end});
    return true;
  });
}

model::Fetched Partitions::fetched(const PartitionRuntime& p) const {
  return {.batches = {}, .log_start = p.log_start, .end = p.visible_end, .last_stable = p.visible_end};
}

void Partitions::run(Envelope& e, model::Fetch& c) {
  PartitionRuntime* p = find(c.partition);
  if (!p) return worker_.reply(e.session, e.request, no_partition(c.partition));
  if (c.from < p->log_start || c.from > p->visible_end)
    return worker_.reply(e.session, e.request, out_of_range(*p, c.from));
  if (const storage::SegmentRef* segment = p->log.segment_for(c.from)) return read_cold(*p, e, c, *segment);
  model::Fetched reply = fetched(*p);
  p->log.read(c.from, p->visible_end, c.bytes_max, reply.batches);
  set_epoch(*p->facts, c.one_epoch, reply);
  for (const model::Batch& b : reply.batches) worker_.counters().bytes_fetched += b.bytes();
  worker_.reply(e.session, e.request, std::move(reply));
}

void Partitions::read_cold(PartitionRuntime& p, const Envelope& e, const model::Fetch& c,
                           const storage::SegmentRef& segment) {
  ++worker_.counters().cold_reads;
  worker_.segments().read(segment, c.from, c.bytes_max,
                          [this, id = p.id, session = e.session, request = e.request, c](auto batches) {
                            PartitionRuntime* again = find(id);
                            if (!again) return worker_.reply(session, request, no_partition(id));
                            // What retention took while the read waited may be gone, or may not.
                            if (c.from < again->log_start)
                              return worker_.reply(session, request, out_of_range(*again, c.from));
                            if (!batches) return worker_.reply(session, request, std::unexpected(batches.error()));
                            model::Fetched reply = fetched(*again);
                            reply.batches = std::move(*batches);
                            // A checkpoint of a full journal may have stored what the journal could not take yet.
                            while (!reply.batches.empty() && reply.batches.back().end_offset() > again->visible_end)
                              reply.batches.pop_back();
                            // The rest of the segment may all be settled: go on behind it.
                            if (reply.batches.empty())
                              again->log.read(c.from, again->visible_end, c.bytes_max, reply.batches);
                            set_epoch(*again->facts, c.one_epoch, reply);
                            for (const model::Batch& b : reply.batches) worker_.counters().bytes_fetched += b.bytes();
                            worker_.reply(session, request, std::move(reply));
                          });
}

void Partitions::run(Envelope& e, model::AwaitData& c) {
  PartitionRuntime* p = find(c.partition);
  if (!p) return worker_.reply(e.session, e.request, no_partition(c.partition));
  std::erase_if(p->waiters, [&](const PartitionRuntime::Waiter& w) {
    if (w.session != e.session) return false;
    worker_.reply(w.session, w.request, model::DataAwaited{p->visible_end});
    return true;
  });
  if (p->visible_end > c.beyond || c.deadline_boot_ms <= worker_.now().boot_ms)
    return worker_.reply(e.session, e.request, model::DataAwaited{p->visible_end});
  p->waiters.push_back({e.session, e.request, c.beyond, c.deadline_boot_ms});
  arm(*p, c.deadline_boot_ms);
}

/// One timer for all who wait: it goes on to the next deadline.
void Partitions::arm(PartitionRuntime& p, int64_t boot_ms) {
  if (p.waiters_boot_ms && *p.waiters_boot_ms <= boot_ms) return;
  p.waiters_boot_ms = boot_ms;
  worker_.call_at(boot_ms, [this, id = p.id, boot_ms] {
    PartitionRuntime* again = find(id);
    if (!again || again->waiters_boot_ms != boot_ms) return;
    again->waiters_boot_ms.reset();
    int64_t next_ms = std::numeric_limits<int64_t>::max();
    std::erase_if(again->waiters, [&](const PartitionRuntime::Waiter& w) {
      if (w.deadline_boot_ms > boot_ms) {
        next_ms = std::min(next_ms, w.deadline_boot_ms);
        return false;
      }
      worker_.reply(w.session, w.request, model::DataAwaited{again->visible_end});
      return true;
    });
    if (!again->waiters.empty()) arm(*again, next_ms);
  });
}

void Partitions::run(Envelope& e, model::FindOffset& c) {
  using At = model::FindOffset::At;
  PartitionRuntime* p = find(c.partition);
  if (!p) return worker_.reply(e.session, e.request, no_partition(c.partition));
  int32_t epoch_now = worker_.broker().leader_epoch();
  if (c.at == At::kStart)
    return worker_.reply(e.session, e.request,
                         model::OffsetFound{.offset = p->log_start, .leader_epoch = p->facts->epoch_at(p->log_start)});
  if (c.at == At::kEnd)
    return worker_.reply(e.session, e.request, model::OffsetFound{.offset = p->visible_end, .leader_epoch = epoch_now});
  if (c.at == At::kEpochEnd) {
    model::OffsetFound found;
    if (auto epoch = p->facts->end_of_epoch(c.leader_epoch, epoch_now))
      found = {.offset = std::min(epoch->start, p->visible_end), .leader_epoch = epoch->epoch};
    return worker_.reply(e.session, e.request, std::move(found));
  }
  int64_t wanted = c.timestamp_ms;
  if (c.at == At::kMaxTimestamp) {
    wanted = -1;
    p->log.for_each_piece([&](Offset, Offset end, uint64_t, int64_t max_ms, int64_t) {
      if (end <= p->visible_end) wanted = std::max(wanted, max_ms);
    });
  }
  for (const storage::SegmentRef& s : p->log.segments()) {
    if (s.max_timestamp_ms < wanted || s.end_offset <= p->log_start) continue;
    worker_.segments().read_at_time(
        s, wanted, [this, s, wanted, id = p->id, session = e.session, request = e.request](auto batches) {
          if (!batches) return worker_.reply(session, request, std::unexpected(batches.error()));
          PartitionRuntime* again = find(id);
          if (!again || batches->empty() || batches->front().end_offset() > again->log_start)
            return worker_.reply(session, request, again ? found_in(*batches, *again, wanted) : model::OffsetFound{});
          // The segment begins before the log does, and so does what was found.
          worker_.segments().read(s, again->log_start, kFoundBytes, [this, id, session, request, wanted](auto later) {
            if (!later) return worker_.reply(session, request, std::unexpected(later.error()));
            PartitionRuntime* still = find(id);
            model::OffsetFound found = still ? found_in(*later, *still, wanted) : model::OffsetFound{};
            // Further on than was read: rather too early than too late.
            if (still && !found.offset) found = found_in(*later, *still, INT64_MIN);
            worker_.reply(session, request, std::move(found));
          });
        });
    return;
  }
  std::vector<model::Batch> batches;
  Offset from = p->log.segments().empty() ? p->log_start : p->log.segments().back().end_offset;
  p->log.read(std::max(from, p->log_start), p->visible_end, UINT64_MAX, batches);
  worker_.reply(e.session, e.request, found_in(batches, *p, wanted));
}

void Partitions::run(Envelope& e, model::DeleteRecords& c) {
  PartitionRuntime* p = find(c.partition);
  if (!p) return worker_.reply(e.session, e.request, no_partition(c.partition));
  if (c.before.value == -1) c.before = p->visible_end;
  if (c.before > p->visible_end || c.before < Offset(0))
    return worker_.reply(e.session, e.request,
                         fail(ErrorCode::kOffsetOutOfRange,
                              fmt::format("offset {} is beyond the end {}", c.before.value, p->visible_end.value)));
  if (c.before > p->log_start) {
    p->owner->shard.emit(engine::LogStartMoved{p->id, c.before});
    worker_.retention().move_log_start(*p);
  }
  worker_.reply(e.session, e.request, model::RecordsDeleted{p->log_start}, p->owner->last_lsn);
}

void Partitions::settled(PartitionRuntime& p, Offset first, Offset end) {
  add_memory(p, -static_cast<int64_t>(p.log.settle(first, end)));
  if (first <= p.passed) worker_.retention().move_log_start(p);
}

}  // namespace godwit::broker
