#include "protocol/amqp091/stream_consumer.h"

#include <algorithm>

#include "base/limits.h"

namespace godwit::protocol::amqp091 {
namespace {

/// One read: enough for a prefetch of small messages, small beside the output's limit. Less when memory is short.
constexpr size_t kFetchBytes = 256_KiB;
constexpr size_t kFetchBytesMin = 16_KiB;
/// Reads that one consumer has under way: most partitions may have nothing.
constexpr uint64_t kFetchesMax = 8;

}  // namespace

StreamConsumer::StreamConsumer(Deliveries& deliveries, std::string tag, uint32_t prefetch,
                               const model::TopicInfo& topic)
    : Consumer(deliveries.channel(), std::move(tag), true),
      deliveries_(deliveries),
      link_(deliveries.link()),
      broker_tag_(link_.new_tag()),
      prefetch_(prefetch),
      topic_id_(topic.id),
      topic_(topic.name.text),
      held_(link_),
      writer_(deliveries.channel(), tag_, link_.frame_max) {
  held_.change(kConsumerBytes);
  add_parts(topic.partitions);
  link_.consumers[broker_tag_.value] = this;
}

void StreamConsumer::add_parts(uint32_t partitions) {
  held_.change(held_.bytes() + (partitions - parts_.size()) * sizeof(Part));
  parts_.reserve(partitions);
  for (auto i = static_cast<uint32_t>(parts_.size()); i < partitions; ++i)
    parts_.emplace_back().partition = {topic_id_, i};
}

/// Whatever it began with: all that is in a new partition came after that.
void StreamConsumer::on_grown(const model::TopicInfo& topic) {
  if (topic.id != topic_id_ || topic.partitions <= parts_.size()) return;
  size_t known = parts_.size();
  add_parts(topic.partitions);
  for (size_t i = known; i < parts_.size(); ++i)
    find(i, {.partition = parts_[i].partition, .at = model::FindOffset::At::kStart}, {StreamStart::At::kFirst});
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
  idle_.push_back(part);
  resume();
}

/// "last" is the last batch: read what holds the last message, and begin where that begins.
void StreamConsumer::place_last(size_t part, Offset end_offset) {
  model::Fetch fetch{.partition = parts_[part].partition, .from = end_offset - 1, .bytes_max = 1};
  call(fetch, [part, end_offset](StreamConsumer& self, Result<model::Fetched> fetched) {
    Part& p = self.parts_[part];
    p.next = fetched && !fetched->batches.empty() ? fetched->batches.front().base_offset() : end_offset;
    self.idle_.push_back(part);
    self.resume();
  });
}

uint64_t StreamConsumer::room() const {
  if (detached_ || unsettled_ >= prefetch_ || link_.host.output_full()) return 0;
  return std::min(prefetch_ - unsettled_, deliveries_.channel_room());
}

void StreamConsumer::resume() {
  if (detached_) return;
  while (!at_hand_.empty() && room() > 0) {
    size_t at = at_hand_.front();
    at_hand_.pop_front();
    Part& part = parts_[at];
    deliver_one(part);
    drop_delivered(part);
    (part.batches.empty() ? idle_ : at_hand_).push_back(at);
  }
  while (!idle_.empty() && fetching_ < std::min(room(), kFetchesMax)) {
    size_t at = idle_.front();
    idle_.pop_front();
    fetch(at);
  }
  // Before memory is used up, and others are refused what they need.
  bool short_of_memory = link_.host.grant(kFetchBytes, 0) < kFetchBytes;
  if (short_of_memory) let_go();
}

void StreamConsumer::deliver_one(Part& part) {
  const model::Batch& batch = part.batches.front();
  Offset offset = std::max(part.next, batch.base_offset());
  model::NativeMessage message;
  OutgoingMessage outgoing;
  Rendering::Extras extras{topic_, link_.host.now().wall_ms, 0, offset};
  part.next = batch.end_offset();
  if (batch.header.flags & model::kControl) return;
  if (!part.cursor.seek(batch, static_cast<uint32_t>(offset - batch.base_offset())) || !part.cursor.next(message))
    return;  // nothing more of it can be read: readers of a log go on behind it
  part.next = offset + 1;
  if (!rendering_.render(message, extras, outgoing)) return;
  uint64_t tag = deliveries_.take_tags(1);
  uint32_t source = deliveries_.source(broker_tag_, {QueueId(), part.partition}, this, false);
  deliveries_.record(source, tag, offset, 1);
  deliveries_.charge(1);
  ++unsettled_;
  link_.wrote = true;
  writer_.write(outgoing, tag, false, owner_of(batch.payload, outgoing.body), link_.host.output());
}

void StreamConsumer::drop_delivered(Part& part) {
  while (!part.batches.empty() && part.batches.front().end_offset() <= part.next) part.batches.pop_front();
  if (part.batches.empty()) part.cursor.reset(), part.fetched_bytes = 0;
  account(part);
}

/// What waits for acknowledgements, for who knows how long, is fetched again then.
void StreamConsumer::let_go() {
  for (size_t at : at_hand_) {
    Part& part = parts_[at];
    part.batches.clear();
    drop_delivered(part);
    idle_.push_back(at);
  }
  at_hand_.clear();
}

void StreamConsumer::account(Part& part) {
  size_t bytes = part.fetched_bytes + part.cursor.inflated_bytes();
  held_.change(held_.bytes() + bytes - std::exchange(part.counted_bytes, bytes));
}

void StreamConsumer::fetch(size_t part) {
  Part& p = parts_[part];
  ++fetching_;
  auto bytes = static_cast<uint32_t>(link_.host.grant(kFetchBytes, kFetchBytesMin));
  call(model::Fetch{p.partition, p.next, bytes},
       [part](StreamConsumer& self, Result<model::Fetched> fetched) { self.on_fetched(part, std::move(fetched)); });
}

void StreamConsumer::on_fetched(size_t part, Result<model::Fetched> fetched) {
  Part& p = parts_[part];
  --fetching_;
  bool out_of_range = !fetched && fetched.error().code == ErrorCode::kOffsetOutOfRange;
  if (!fetched && !out_of_range) return end();
  if (fetched)
    for (model::Batch& batch : fetched->batches) {
      p.fetched_bytes += batch.bytes();
      p.batches.push_back(std::move(batch));
    }
  drop_delivered(p);
  if (out_of_range)
    move_into_range(part);
  else if (fetched->batches.empty())
    wait(part);
  else
    (p.batches.empty() ? idle_ : at_hand_).push_back(part);
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
                          self.idle_.push_back(part);
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
  if (!detached_) deliveries_.cancel(*this);
}

void StreamConsumer::detach(bool) {
  if (std::exchange(detached_, true)) return;
  link_.consumers.erase(broker_tag_.value);
}

}  // namespace godwit::protocol::amqp091
