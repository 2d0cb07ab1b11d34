#include "broker/transfer.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "base/fields.h"
#include "broker/broker.h"
#include "broker/worker.h"
#include "model/amqp091_content.h"
#include "model/amqp091_properties.h"
#include "model/read_message.h"

namespace godwit::broker {

using model::OffsetRun;

namespace {

constexpr size_t kParcelMessagesMax = 1000;
constexpr size_t kParcelBytesMax = 1_MiB;
constexpr int64_t kRetryMs = 100;

/// The time to live that an AMQP 0-9-1 producer gave the message, as it wrote it.
std::optional<std::string> expiration_of(const model::NativeMessage& m) {
  model::Amqp091Stored stored;
  model::Amqp091Content content;
  if (m.origin != model::Origin::kAmqp091 || !model::split_amqp091_properties(m.properties, stored) ||
      !model::parse_amqp091_content(stored.content, content) || !content.has(model::kExpiration))
    return std::nullopt;
  return std::string(content.expiration);
}

/// No consumer had a say in it.
bool by_broker(const std::string& reason) {
  return reason == "expired" || reason == "maxlen" || reason == "delivery_limit";
}

/// Adds this stop to the message's way: the same queue and reason again is counted, and comes to the front.
void add_death(model::Patch& patch, const QueueRuntime& q, const std::string& reason, const model::Message& message,
               const model::NativeMessage& native, int64_t now_ms) {
  model::Death death{.queue = q.info->name.text,
                     .reason = reason,
                     .exchange = message.to.value_or(""),
                     // A Kafka client's went to its topic by name, as through the default exchange.
                     .routing_keys = {message.subject.value_or(q.partition->topic->name.text)},
                     .time_ms = now_ms};
  if (!patch.drop_expiration) death.original_expiration = expiration_of(native);
  auto same = std::find_if(patch.deaths.begin(), patch.deaths.end(),
                           [&](const model::Death& d) { return d.queue == death.queue && d.reason == reason; });
  if (same != patch.deaths.end()) {
    death.count = same->count + 1;
    if (!death.original_expiration) death.original_expiration = same->original_expiration;
    patch.deaths.erase(same);
  }
  patch.deaths.insert(patch.deaths.begin(), std::move(death));
}

/// The message alone, with its way. When that is more than `bytes_max` the way is cut to its last stops; nothing when
/// even one is too many.
std::optional<model::Batch> letter_of(model::NativeMessage m, model::Patch& patch, int64_t timestamp_ms,
                                      size_t bytes_max) {
  while (m.body.size() <= bytes_max) {
    ByteVec patch_bytes;
    encode_fields(patch, patch_bytes);
    m.patch = patch_bytes;
    model::NativeBatchBuilder one;
    one.add(m);
    if (one.bytes() + model::BatchHeader::kBytes <= bytes_max) return one.seal(timestamp_ms);
    if (patch.deaths.size() <= 1) break;
    patch.deaths.resize(patch.deaths.size() / 2);
  }
  return std::nullopt;
}

}  // namespace

void Transfer::dead_letter(QueueRuntime& q, std::vector<OffsetRun> runs, std::string reason, Copied copied,
                           Finished finished) {
  Stage::OwnedShard& owner = *q.partition->owner;
  std::deque<Leaving>& leaving = lines_[&owner].leaving;
  leaving.push_back({q.id, std::move(runs), std::move(reason), std::move(copied), std::move(finished)});
  if (leaving.size() == 1) go_on(owner);
}

void Transfer::go_on(Stage::OwnedShard& owner) {
  Line& line = lines_.at(&owner);
  while (!line.leaving.empty() && copy_first(owner, line)) {
    Leaving& first = line.leaving.front();
    first.finished(std::move(first.runs), first.result);
    line.leaving.pop_front();
  }
  if (line.leaving.empty()) lines_.erase(&owner);
  want_send(owner);
}

bool Transfer::copy_first(Stage::OwnedShard& owner, Line& line) {
  Leaving& first = line.leaving.front();
  QueueRuntime* q = worker_.queues().find(first.queue);
  if (!q) {
    first.runs.clear();
    first.result = fail(ErrorCode::kNotFound, "the queue was deleted");
  }
  line.waits_for_room = owner.shard.outbox_bytes() >= kOutboxBytesMax;
  std::vector<OffsetRun> done;
  const storage::SegmentRef* missing = nullptr;
  size_t i = 0;
  while (first.result && i < first.runs.size() && !missing && !line.waits_for_room) {
    OffsetRun& run = first.runs[i];
    uint32_t n = 1;
    if (const model::Batch* batch = worker_.queues().batch_at(*q, run.first)) {
      OffsetRun part{run.first, static_cast<uint32_t>(std::min(run.end(), batch->end_offset()) - run.first)};
      n = copy(*q, *batch, part, first.reason, From::kLog);
      line.waits_for_room = owner.shard.outbox_bytes() >= kOutboxBytesMax;
    } else if (!q->ledger->is_unsettled(run.first)) {
      n = 1;  // with a hole that it was in
    } else if ((missing = q->partition->log.segment_for(run.first))) {
      break;
    } else {  // retention took it
      Offset next = q->partition->log.next_in_memory(run.first, run.end());
      n = static_cast<uint32_t>(std::max(run.first + 1, next) - run.first);
    }
    done.push_back({run.first, n});
    run = {run.first + n, run.count - n};
    if (run.count == 0) ++i;
  }
  first.runs.erase(first.runs.begin(), first.runs.begin() + static_cast<ptrdiff_t>(i));
  Offset from = missing ? first.runs.front().first : Offset(0);
  if (missing) read_back(owner, *missing, from);
  if (!done.empty()) first.copied(std::move(done));
  return !missing && (first.runs.empty() || !first.result);
}

void Transfer::read_back(Stage::OwnedShard& owner, const storage::SegmentRef& segment, Offset from) {
  worker_.queues().read_cold(segment, from, [this, &owner, segment, from](auto batches) {
    Leaving& first = lines_.at(&owner).leaving.front();
    QueueRuntime* q = worker_.queues().find(first.queue);
    if (!batches) {
      first.result = std::unexpected(batches.error());
    } else if (q) {
      worker_.queues().keep_cold(*q, std::move(*batches));
      if (!worker_.queues().batch_at(*q, from)) {  // retention took it, or it is in a hole
        OffsetRun& run = first.runs.front();
        const Offset end = run.end(), hole_end = Queues::hole_end(*q, segment, from);
        auto gone = static_cast<uint32_t>(std::min(hole_end, end) - from);
        first.copied({{from, gone}});
        run = {run.first + gone, run.count - gone};
        if (run.count == 0) first.runs.erase(first.runs.begin());
        if (hole_end > end) worker_.queues().settle_hole(*q, segment, end);
      }
    }
    go_on(owner);
  });
}

void Transfer::dead_letter_refused(QueueRuntime& q, const model::Batch& batch, uint32_t first) {
  if (!q.info->settings.dead_letter) return;
  Stage::OwnedShard& owner = *q.partition->owner;
  const uint32_t count = batch.header.count - first;
  uint32_t copied = 0;
  if (owner.shard.outbox_bytes() < kOutboxBytesMax)
    copied = copy(q, batch, {batch.base_offset() + first, count}, "maxlen", From::kPublisher);
  worker_.counters().dead_letters_dropped += count - copied;
  want_send(owner);
}

uint32_t Transfer::copy(QueueRuntime& q, const model::Batch& batch, const OffsetRun& run, const std::string& reason,
                        From from) {
  auto messages = model::BatchMessages::open(batch);
  if (!messages || !messages->skip(static_cast<uint32_t>(run.first - batch.base_offset()))) return run.count;
  const model::DeadLetter& target = *q.info->settings.dead_letter;
  engine::Shard& shard = q.partition->owner->shard;
  int64_t now_ms = worker_.now().wall_ms;
  for (uint32_t i = 0; i < run.count; ++i) {
    model::NativeMessage m;
    if (!messages->next(m)) break;
    auto message = model::read_message(m);
    if (!message) continue;
    model::Patch patch = model::read_patch(m).value_or(model::Patch{});
    add_death(patch, q, reason, *message, m, now_ms);
    if (!patch.source_topic && from == From::kLog) {
      patch.source_topic = q.partition->topic->name.text;
      patch.source_partition = q.id.partition.index;
      patch.source_offset = (run.first + i).value;
    }
    patch.drop_expiration = true;
    patch.exchange = target.exchange;
    patch.routing_key = target.routing_key ? *target.routing_key : message->subject.value_or(q.info->name.text);
    if (worker_.options().plant == testing::Plant::kLostKey && m.key && m.key->empty()) m.key.reset();
    m.expires_at_ms.reset();
    m.deliver_at_ms.reset();
    engine::OutboxAdded record{shard.next_outbox_seq(), q.info->name.space, *patch.exchange, *patch.routing_key};
    auto letter = letter_of(m, patch, batch.header.max_timestamp_ms, letter_bytes_max(record));
    if (!letter) {
      drop_large(q, run.first + i);
      continue;
    }
    shard.emit(record, *letter);
    ++worker_.counters().dead_letters;
    if (shard.outbox_bytes() >= kOutboxBytesMax) return i + 1;
  }
  return run.count;
}

size_t Transfer::letter_bytes_max(const engine::OutboxAdded& record) const {
  const size_t names = record.space.size() + record.exchange.size() + record.routing_key.size();
  const size_t bytes_max = worker_.stage().carried_bytes_max();
  return bytes_max - std::min(bytes_max, names);
}

/// A record of a Kafka client's may be much larger than its compressed batch.
void Transfer::drop_large(const QueueRuntime& q, Offset offset) {
  ++worker_.counters().dead_letters_dropped;
  worker_.broker().report(
      {ErrorCode::kTooLarge,
       fmt::format(
           "queue {}: the message at offset {} is dropped: a dead letter may have {} bytes, its history included",
           q.info->name.text, offset.value, worker_.stage().carried_bytes_max())});
}

void Transfer::want_send(Stage::OwnedShard& owner) {
  if (owner.shard.outbox().empty()) return;
  worker_.when_durable(owner.last_lsn, [this, &owner] { send(owner); });
}

Transfer::Parcel Transfer::pack(Stage::OwnedShard& owner) {
  Parcel parcel;
  model::NativeBatchBuilder builder;
  const size_t bytes_max = std::min(kParcelBytesMax, worker_.stage().record_bytes_max());
  const engine::Outgoing& first = owner.shard.outbox().begin()->second;
  Route route;
  int64_t newest = 0;
  for (const auto& [seq, out] : owner.shard.outbox()) {
    bool same = out.space == first.space && out.exchange == first.exchange && out.routing_key == first.routing_key;
    if (!same || builder.count() >= kParcelMessagesMax) break;
    if (builder.count() > 0 && builder.bytes() + out.batch.size() > bytes_max) break;
    auto batch = model::read_batch(Slice::copy(out.batch));
    CHECK(batch, "outbox message {}", seq);
    model::NativeBatchReader in(batch->payload);
    model::NativeMessage m;
    CHECK(in.next(m));
    if (builder.count() == 0) route = route_of(out, m);
    std::vector<TopicId> targets = without_cycles(out, m, route.targets);
    if (builder.count() == 0) parcel.targets = targets;
    if (targets != parcel.targets) break;
    builder.add(m);
    newest = std::max(newest, batch->header.max_timestamp_ms);
    parcel.last_seq = seq;
    if (route.by_headers && worker_.options().plant != testing::Plant::kPackHeaders) break;
  }
  worker_.counters().dead_letters_dropped += builder.count() * (route.targets.size() - parcel.targets.size());
  parcel.batch = builder.seal(newest);
  return parcel;
}

Transfer::Route Transfer::route_of(const engine::Outgoing& out, const model::NativeMessage& m) const {
  Route route;
  model::ValueMap headers;
  model::RoutingInput input{.routing_key = out.routing_key,
                            .headers = [&]() -> const model::ValueMap& {
                              if (!std::exchange(route.by_headers, true))
                                if (auto message = model::read_message(m)) headers = std::move(message->headers);
                              return headers;
                            },
                            .by_broker = true};
  // A target that does not exist (any more) takes nothing: the message is dropped, as its queue was told to.
  if (!worker_.catalog().view().route({out.space, out.exchange}, input, route.targets)) route.targets.clear();
  return route;
}

std::vector<TopicId> Transfer::without_cycles(const engine::Outgoing& out, const model::NativeMessage& m,
                                              std::vector<TopicId> targets) const {
  const model::Patch patch = model::read_patch(m).value_or(model::Patch{});
  for (const model::Death& death : patch.deaths) {
    if (!by_broker(death.reason)) break;
    if (const model::QueueInfo* queue = worker_.catalog().view().queue({out.space, death.queue}))
      std::erase(targets, queue->topic);
  }
  return targets;
}

void Transfer::send(Stage::OwnedShard& owner) {
  if (owner.shard.outbox().empty() || under_way_.contains(&owner)) return;
  dispatch(owner, pack(owner));
}

void Transfer::dispatch(Stage::OwnedShard& owner, Parcel parcel) {
  parcel.waiting = parcel.targets.size();
  parcel.refused.clear();
  Parcel& sent = under_way_[&owner] = std::move(parcel);
  if (sent.targets.empty()) return arrived(owner);
  std::vector<TopicId> targets = sent.targets;
  for (TopicId topic : targets) {
    model::Append append{.partition = {topic, 0}, .batch = sent.batch};
    if (owner.stage) append.source = model::Append::Source{owner.shard.id(), sent.last_seq};
    worker_.call(std::move(append), [this, &owner, topic](const Result<model::Appended>& appended) {
      Parcel& mine = under_way_.at(&owner);
      if (appended)
        worker_.counters().dead_letters_dropped += appended->refused;
      else if (appended.error().code == ErrorCode::kFull || appended.error().code == ErrorCode::kBusy)
        mine.refused.push_back(topic);
      else
        worker_.counters().dead_letters_dropped += mine.batch.header.count;
      if (--mine.waiting == 0) arrived(owner);
    });
  }
}

void Transfer::arrived(Stage::OwnedShard& owner) {
  Parcel& parcel = under_way_.at(&owner);
  if (!parcel.refused.empty()) {
    parcel.targets = parcel.refused;
    // It stays under way meanwhile, so that nothing overtakes it.
    worker_.call_at(worker_.now().boot_ms + kRetryMs,
                    [this, &owner] { dispatch(owner, std::move(under_way_.at(&owner))); });
    return;
  }
  uint64_t arrived_seq = under_way_.extract(&owner).mapped().last_seq;
  owner.shard.emit(engine::OutboxCleared{arrived_seq});
  auto line = lines_.find(&owner);
  if (line != lines_.end() && line->second.waits_for_room && owner.shard.outbox_bytes() <= kOutboxBytesMax / 2)
    return go_on(owner);
  want_send(owner);
}

void Transfer::restart() {
  for (auto& [id, owner] : worker_.stage().shards())
    if (!owner->shard.outbox().empty()) worker_.run_soon([this, &shard = *owner] { send(shard); });
}

}  // namespace godwit::broker
