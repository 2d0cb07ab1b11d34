#include "protocol/amqp091/stream_consumer.h"

#include <algorithm>

#include "base/limits.h"
#include "protocol/amqp091/wire/basic_methods.h"

namespace godwit::protocol::amqp091 {
namespace {

/// One read: enough for a prefetch of small messages, small beside the output's limit.
constexpr uint32_t kFetchBytes = 256 * 1024;
constexpr size_t kInflatedBytesKept = 256 * 1024;

}  // namespace

StreamConsumer::StreamConsumer(Deliveries& deliveries, std::string tag, uint32_t prefetch,
                               const model::TopicInfo& topic)
    : Consumer(deliveries.channel(), std::move(tag), true),
      deliveries_(deliveries),
      link_(deliveries.link()),
      broker_tag_(link_.new_tag()),
      prefetch_(prefetch),
      topic_(topic.name.text),
      writer_(deliveries.channel(), tag_, link_.frame_max) {
  parts_.resize(topic.partitions);
  for (uint32_t i = 0; i < topic.partitions; ++i) parts_[i].partition = {topic.id, i};
  link_.consumers[broker_tag_.value] = this;
}

template <class C, class F>
void StreamConsumer::call(C command, F then) {
  Link& link = link_;
  link.calls.call(link.host, std::move(command),
                  [&link, tag = broker_tag_, then = std::move(then)](Result<typename C::ReplyType> reply) mutable {
                    auto it = link.consumers.find(tag.value);
                    if (it != link.consumers.end()) then(static_cast<StreamConsumer&>(*it->second), std::move(reply));
                  });
}

void StreamConsumer::start(const StreamStart& from) {
  using At = model::FindOffset::At;
  for (size_t i = 0; i < parts_.size(); ++i) {
    model::FindOffset query{.partition = parts_[i].partition, .at = At::kEnd};
    if (from.at == StreamStart::At::kFirst || from.at == StreamStart::At::kOffset) query.at = At::kStart;
    if (from.at == StreamStart::At::kTimestamp) query.at = At::kTimestamp, query.timestamp_ms = from.value;
    find(i, query, from);
  }
}

void StreamConsumer::find(size_t part, model::FindOffset query, const StreamStart& from) {
  call(query, [part, from, at = query.at](StreamConsumer& self, Result<model::OffsetFound> found) {
    bool none_so_late = found && !found->offset && at == model::FindOffset::At::kTimestamp;
    if (!none_so_late) return self.place(part, from, std::move(found));
    model::FindOffset end{.partition = self.parts_[part].partition, .at = model::FindOffset::At::kEnd};
    self.find(part, end, {StreamStart::At::kNext});
  });
}

void StreamConsumer::place(size_t part, const StreamStart& from, Result<model::OffsetFound> found) {
  if (!found) return end();
  Offset offset = found->offset.value_or(Offset(0));
  if (from.at == StreamStart::At::kLast && offset.value > 0) return place_last(part, offset);
  if (from.at == StreamStart::At::kOffset) offset = std::max(offset, Offset(from.value));
  parts_[part].next = offset;
  parts_[part].busy = false;
  resume();
}

/// "last" is the last batch: read what holds the last message, and begin where that begins.
void StreamConsumer::place_last(size_t part, Offset end_offset) {
  model::Fetch fetch{.partition = parts_[part].partition, .from = end_offset - 1, .bytes_max = 1};
  call(fetch, [part, end_offset](StreamConsumer& self, Result<model::Fetched> fetched) {
    Part& p = self.parts_[part];
    p.next = fetched && !fetched->batches.empty() ? fetched->batches.front().base_offset() : end_offset;
    p.busy = false;
    self.resume();
  });
}

bool StreamConsumer::has_room() const {
  return !detached_ && unsettled_ < prefetch_ && deliveries_.channel_room() > 0 && !link_.host.output_full();
}

void StreamConsumer::resume() {
  size_t idle = 0;
  while (has_room() && idle < parts_.size()) {
    size_t at = turn_++ % parts_.size();
    Part& part = parts_[at];
    if (deliver_one(part)) {
      idle = 0;
      continue;
    }
    ++idle;
    if (!part.busy) fetch(at);
  }
  if (has_room() || !link_.host.memory_exhausted()) return;
  // What waits for acknowledgements, for who knows how long, is inflated again then if it is large.
  for (Part& part : parts_)
    if (part.cursor.inflated_bytes() > kInflatedBytesKept) part.cursor.reset();
}

bool StreamConsumer::deliver_one(Part& part) {
  while (!part.batches.empty() && part.batches.front().end_offset() <= part.next) part.batches.pop_front();
  if (part.batches.empty()) return part.cursor.reset(), false;
  const model::Batch& batch = part.batches.front();
  if (batch.header.flags & model::kControl) return part.next = batch.end_offset(), true;
  Offset offset = std::max(part.next, batch.base_offset());
  model::NativeMessage message;
  OutgoingMessage outgoing;
  Rendering::Extras extras{topic_, link_.host.now().wall_ms, 0, offset};
  part.next = batch.end_offset();
  if (!part.cursor.seek(batch, static_cast<uint32_t>(offset - batch.base_offset())) || !part.cursor.next(message))
    return true;  // nothing more of it can be read: readers of a log go on behind it
  part.next = offset + 1;
  if (!rendering_.render(message, extras, outgoing)) return true;
  uint64_t tag = deliveries_.take_tags(1);
  uint32_t source = deliveries_.source(broker_tag_, {QueueId(), part.partition}, this, false);
  deliveries_.record(source, tag, offset, 1);
  deliveries_.charge(1);
  ++unsettled_;
  link_.wrote = true;
  writer_.write(outgoing, tag, false, owner_of(batch.payload, outgoing.body), link_.host.output());
  return true;
}

void StreamConsumer::fetch(size_t part) {
  Part& p = parts_[part];
  p.busy = true;
  call(model::Fetch{p.partition, p.next, kFetchBytes},
       [part](StreamConsumer& self, Result<model::Fetched> fetched) { self.on_fetched(part, std::move(fetched)); });
}

void StreamConsumer::on_fetched(size_t part, Result<model::Fetched> fetched) {
  Part& p = parts_[part];
  if (!fetched && fetched.error().code == ErrorCode::kOffsetOutOfRange) return move_into_range(part);
  if (!fetched) return end();
  for (model::Batch& batch : fetched->batches) p.batches.push_back(std::move(batch));
  if (fetched->batches.empty()) return wait(part);
  p.busy = false;
  resume();
}

/// Beyond the end means the next message to come; below the start, the first that is left.
void StreamConsumer::move_into_range(size_t part) {
  call(model::FindOffset{.partition = parts_[part].partition, .at = model::FindOffset::At::kEnd},
       [part](StreamConsumer& self, Result<model::OffsetFound> found) {
         Part& p = self.parts_[part];
         if (!found || !found->offset) return self.end();
         bool beyond = p.next > *found->offset;
         if (beyond) return self.place(part, {StreamStart::At::kNext}, std::move(found));
         self.find(part, {.partition = p.partition, .at = model::FindOffset::At::kStart}, {StreamStart::At::kFirst});
       });
}

void StreamConsumer::wait(size_t part) {
  link_.data_waits.wait(link_.host, link_.calls, parts_[part].partition, parts_[part].next,
                        [&link = link_, tag = broker_tag_, part](bool gone) {
                          auto it = link.consumers.find(tag.value);
                          if (it == link.consumers.end()) return;
                          auto& self = static_cast<StreamConsumer&>(*it->second);
                          if (gone) return self.end();
                          self.parts_[part].busy = false;
                          self.resume();
                        });
}

uint32_t StreamConsumer::on_settled(LedgerId, uint64_t count) {
  unsettled_ -= std::min(count, unsettled_);
  resume();
  return 0;
}

/// The topic is gone: the same as a queue that was deleted.
void StreamConsumer::end() {
  if (detached_) return;
  detach(true);
  if (link_.client.consumer_cancel_notify)
    link_.send(deliveries_.channel(), BasicCancel{.consumer_tag = tag_, .no_wait = true});
  deliveries_.remove(tag_);  // destroys this
}

void StreamConsumer::detach(bool) {
  if (std::exchange(detached_, true)) return;
  link_.consumers.erase(broker_tag_.value);
}

}  // namespace godwit::protocol::amqp091
