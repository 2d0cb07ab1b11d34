#include "protocol/amqp091/queue_consumer.h"

#include <algorithm>

#include "base/limits.h"
#include "protocol/amqp091/wire/basic_methods.h"

namespace godwit::protocol::amqp091 {

QueueConsumer::QueueConsumer(Deliveries& deliveries, Setup setup, const model::TopicInfo& topic)
    : Consumer(deliveries.channel(), std::move(setup.tag), !setup.no_ack),
      deliveries_(deliveries),
      link_(deliveries.link()),
      broker_tag_(link_.new_tag()),
      queue_(setup.queue),
      topic_id_(topic.id),
      topic_(topic.name.text),
      exclusive_(setup.exclusive),
      priority_(setup.priority),
      shared_(topic.partitions > 1 || (!setup.no_ack && deliveries.shares_prefetch())),
      announced_(setup.no_wait),
      window_(setup.no_ack ? 0 : setup.prefetch),
      held_(link_),
      writer_(deliveries.channel(), tag_, link_.frame_max) {
  add_attachments(topic);
  link_.consumers[broker_tag_.value] = this;
}

void QueueConsumer::add_attachments(const model::TopicInfo& topic) {
  held_.change(kConsumerBytes + topic.partitions * kAttachmentBytes);
  attachments_.reserve(topic.partitions);
  for (auto i = static_cast<uint32_t>(attachments_.size()); i < topic.partitions; ++i)
    attachments_.emplace_back().ledger = {queue_, {topic.id, i}};
}

model::Attach QueueConsumer::attach(const Attachment& attachment, uint32_t credit) const {
  return {.ledger = attachment.ledger,
          .tag = broker_tag_,
          .credit = credit,
          .priority = priority_,
          .exclusive = exclusive_,
          .settle_on_delivery = !acknowledged_,
          .shared_credit = shared_};
}

std::vector<model::Attach> QueueConsumer::attach() {
  std::vector<model::Attach> commands;
  uint32_t credit = room();
  auto ledgers = static_cast<uint32_t>(attachments_.size());
  for (uint32_t i = 0; i < ledgers; ++i) {
    uint32_t share = credit / ledgers + (i < credit % ledgers ? 1 : 0);
    take(attachments_[i], share);
    commands.push_back(attach(attachments_[i], share));
  }
  return commands;
}

void QueueConsumer::announce() {
  if (!std::exchange(announced_, true)) link_.send(deliveries_.channel(), BasicConsumeOk{.consumer_tag = tag_});
}

std::vector<LedgerId> QueueConsumer::leave() {
  leaving_ = true;
  std::vector<LedgerId> ledgers;
  ledgers.reserve(attachments_.size());
  for (const Attachment& attachment : attachments_) ledgers.push_back(attachment.ledger);
  return ledgers;
}

QueueConsumer::Attachment* QueueConsumer::find(LedgerId ledger) {
  for (Attachment& attachment : attachments_)
    if (attachment.ledger == ledger) return &attachment;
  return nullptr;
}

void QueueConsumer::on_delivery(const model::DeliveredBatch& batch) {
  Attachment* attachment = find(batch.ledger);
  if (!attachment || detached_) return;
  announce();
  reserve(batch);
  uint64_t messages = 0, bytes = 0;
  std::vector<model::OffsetRun> damaged;
  for (model::DeliveredRun run : batch.runs) {
    messages += run.count;
    for (; run.count > 0; ++run.index, --run.count) {
      Written wrote = write(batch, run, attachment->cursor);
      bytes += wrote.bytes;
      run.index += wrote.messages;
      run.count -= wrote.messages;
      if (run.count == 0) break;
      damaged.push_back({batch.offset_of(run), 1});
    }
    if (run.index == batch.batch.header.count) attachment->cursor.reset();
  }
  if (!damaged.empty()) reject(batch.ledger, std::move(damaged));
  uint64_t spent = std::min<uint64_t>(messages, attachment->granted);
  attachment->granted -= static_cast<uint32_t>(spent);
  granted_ -= spent;
  window_.on_delivered(messages, bytes);
  resume();
}

/// Makes room for what will be copied at once: growing step by step would copy it again.
void QueueConsumer::reserve(const model::DeliveredBatch& batch) {
  uint64_t messages = 0;
  for (const model::DeliveredRun& run : batch.runs) messages += run.count;
  uint64_t mean = batch.batch.payload.size() / batch.batch.header.count;
  if (mean >= broker::Output::kShareBytesMin) mean = 0;  // passed on without a copy
  constexpr uint64_t kFrameHeads = 80;                   // of the three frames, with short names
  ByteVec& buffer = link_.out();
  size_t needed = buffer.size() + messages * (mean + kFrameHeads + tag_.size());
  if (buffer.capacity() < needed)
    buffer.reserve(std::max(std::min<size_t>(needed, 2 * kSessionOutputBytesMax), 2 * buffer.capacity()));
}

/// Writes the messages of `run`, up to the first that is damaged, and records them as delivered.
QueueConsumer::Written QueueConsumer::write(const model::DeliveredBatch& batch, const model::DeliveredRun& run,
                                            BatchCursor& cursor) {
  Rendering::Extras extras{topic_, link_.host.now().wall_ms, run.failed, std::nullopt};
  broker::Output& out = link_.host.output();
  link_.wrote = true;
  Written wrote;
  model::NativeMessage message;
  OutgoingMessage outgoing;
  if (!cursor.seek(batch.batch, run.index)) return wrote;
  uint64_t tag = deliveries_.next_tag();
  while (wrote.messages < run.count && cursor.next(message) && rendering_.render(message, extras, outgoing)) {
    writer_.write(outgoing, tag + wrote.messages, run.redelivered, owner_of(batch.batch.payload, outgoing.body), out);
    wrote.bytes += outgoing.body.size() + outgoing.properties.size();
    ++wrote.messages;
  }
  deliveries_.take_tags(wrote.messages);
  if (wrote.messages > 0 && acknowledged_) {
    uint32_t source = deliveries_.source(broker_tag_, batch.ledger, this, true);
    deliveries_.record(source, tag, batch.offset_of(run), wrote.messages);
    unsettled_ += wrote.messages;
  }
  return wrote;
}

/// The queue gives up messages that cannot be shown: whoever came next would meet them again.
void QueueConsumer::reject(LedgerId ledger, std::vector<model::OffsetRun> damaged) {
  if (!acknowledged_) return;  // they are settled
  deliveries_.charge(-static_cast<int64_t>(damaged.size()));
  link_.submit(model::Settle{
      .ledger = ledger, .consumer = broker_tag_, .verb = model::Verb::kReject, .runs = std::move(damaged)});
}

uint32_t QueueConsumer::room() const {
  uint64_t room = window_.room(granted_, unsettled_);
  if (acknowledged_) room = std::min(room, deliveries_.channel_room());
  return static_cast<uint32_t>(room);
}

void QueueConsumer::take(Attachment& attachment, uint32_t credit) {
  attachment.granted += credit;
  granted_ += credit;
  if (acknowledged_) deliveries_.charge(credit);
}

void QueueConsumer::give_back(Attachment& attachment, uint64_t credit) {
  credit = std::min<uint64_t>(credit, attachment.granted);
  attachment.granted -= static_cast<uint32_t>(credit);
  granted_ -= credit;
  if (acknowledged_) deliveries_.charge(-static_cast<int64_t>(credit));
}

void QueueConsumer::grant(Attachment& attachment, uint32_t credit) {
  take(attachment, credit);
  link_.submit(model::Grant{attachment.ledger, broker_tag_, credit});
}

void QueueConsumer::resume() {
  if (detached_ || link_.host.output_full()) return;
  uint32_t credit = room();
  if (credit == 0) return;
  if (shared_) return spread(credit);
  // Half a window at a time: a grant for every delivery would cost more than it brings.
  if (granted_ == 0 || uint64_t{credit} * 2 >= window_.window()) grant(attachments_.front(), credit);
}

/// Gives credit to the ledgers that may have messages, in equal parts and in turns.
void QueueConsumer::spread(uint32_t credit) {
  auto ready = static_cast<uint32_t>(std::ranges::count_if(attachments_, &Attachment::ready));
  for (size_t i = 0; i < attachments_.size() && credit > 0 && ready > 0; ++i) {
    Attachment& attachment = attachments_[turn_++ % attachments_.size()];
    if (!attachment.ready) continue;
    uint32_t share = std::max(credit / ready--, 1u);
    grant(attachment, share);
    credit -= share;
  }
}

void QueueConsumer::on_credit_returned(LedgerId ledger, uint32_t credit) {
  Attachment* attachment = find(ledger);
  if (!attachment) return;
  give_back(*attachment, credit);
  attachment->ready = false;
  if (deliveries_.shares_prefetch())
    deliveries_.resume();
  else
    resume();
}

void QueueConsumer::on_ready(LedgerId ledger) {
  Attachment* attachment = find(ledger);
  if (!attachment) return;
  attachment->ready = true;
  resume();
}

/// Messages have come to the new ledgers meanwhile, or have not: credit that finds none comes back.
void QueueConsumer::on_grown(const model::TopicInfo& topic) {
  if (topic.id != topic_id_ || topic.partitions <= attachments_.size() || leaving_ || detached_) return;
  if (!std::exchange(shared_, true))
    link_.submit(model::Grant{.ledger = attachments_.front().ledger, .tag = broker_tag_, .shared_credit = true});
  size_t known = attachments_.size();
  add_attachments(topic);
  for (size_t i = known; i < attachments_.size(); ++i)
    link_.calls.call(link_.host, attach(attachments_[i], 0),
                     [&link = link_, tag = broker_tag_](const Result<model::Attached>& reply) {
                       auto it = link.consumers.find(tag.value);
                       if (!reply && it != link.consumers.end())
                         static_cast<QueueConsumer&>(*it->second).refused(reply.error());
                     });
  resume();
}

/// With a part of its messages missing nobody would notice. A queue that is gone cancels its consumers by itself.
void QueueConsumer::refused(const Error& error) {
  if (error.code != ErrorCode::kNotFound) deliveries_.cancel(*this);
}

uint32_t QueueConsumer::on_settled(LedgerId ledger, uint64_t count) {
  unsettled_ -= std::min(count, unsettled_);
  if (detached_) return 0;
  if (shared_) return resume(), 0;
  Attachment* attachment = find(ledger);
  if (!attachment || link_.host.output_full()) return 0;
  uint32_t credit = room();
  take(*attachment, credit);
  return credit;
}

void QueueConsumer::detach(bool release) {
  if (detached_) return;
  for (Attachment& attachment : attachments_) link_.submit(model::Detach{attachment.ledger, broker_tag_, release});
  forget();
}

void QueueConsumer::forget() {
  detached_ = true;
  for (Attachment& attachment : attachments_) give_back(attachment, attachment.granted);
  link_.consumers.erase(broker_tag_.value);
}

}  // namespace godwit::protocol::amqp091
