#include "protocol/amqp091/deliveries.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "protocol/amqp091/wire/basic_methods.h"

namespace godwit::protocol::amqp091 {

Deliveries::~Deliveries() = default;

Consumer* Deliveries::find(std::string_view tag) {
  auto it = std::ranges::find_if(consumers_, [&](const auto& consumer) { return consumer->tag() == tag; });
  return it == consumers_.end() ? nullptr : it->get();
}

Consumer& Deliveries::add(std::unique_ptr<Consumer> consumer) { return *consumers_.emplace_back(std::move(consumer)); }

std::unique_ptr<Consumer> Deliveries::remove(std::string_view tag) {
  auto it = std::ranges::find_if(consumers_, [&](const auto& consumer) { return consumer->tag() == tag; });
  if (it == consumers_.end()) return nullptr;
  std::unique_ptr<Consumer> gone = std::move(*it);
  consumers_.erase(it);
  if (gone->acknowledged()) charged_ -= static_cast<int64_t>(gone->unsettled());
  for (uint32_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i].consumer != gone.get()) continue;
    sources_[i].consumer = nullptr;
    release_source(i);
  }
  return gone;
}

void Deliveries::cancel(Consumer& consumer) {
  consumer.detach(true);
  std::unique_ptr<Consumer> gone = remove(consumer.tag());
  if (link_.client.consumer_cancel_notify)
    link_.send(channel_, BasicCancel{.consumer_tag = gone->tag(), .no_wait = true});
}

uint32_t Deliveries::source(ConsumerTag tag, LedgerId ledger, Consumer* consumer, bool leased) {
  Source wanted{.tag = tag, .ledger = ledger, .consumer = consumer, .open = 0, .leased = leased, .used = true};
  for (uint32_t i = 0; i < sources_.size(); ++i) {
    const Source& source = sources_[i];
    if (source.used && source.tag == tag && source.ledger == ledger) return i;
  }
  for (uint32_t i = 0; i < sources_.size(); ++i)
    if (!sources_[i].used) return sources_[i] = wanted, i;
  sources_.push_back(wanted);
  return static_cast<uint32_t>(sources_.size() - 1);
}

void Deliveries::release_source(uint32_t index) {
  Source& source = sources_[index];
  if (source.open == 0 && !source.consumer) source = {};
}

void Deliveries::record(uint32_t source, uint64_t first_tag, Offset first, uint32_t count) {
  sources_[source].open += count;
  unacked_.delivered(source, first_tag, first, count);
}

Outcome Deliveries::settle(uint64_t delivery_tag, bool multiple, model::Verb verb) {
  auto take = [&](uint32_t source, Offset first, uint32_t count) { settlements_.add(source, verb, first, count); };
  if (multiple && delivery_tag == 0) {
    unacked_.take_through(std::numeric_limits<uint64_t>::max() - 1, take);
    return {};
  }
  bool known = delivery_tag != 0 && delivery_tag < next_delivery_;
  known = known && (multiple ? unacked_.take_through(delivery_tag, take) > 0 : unacked_.take_one(delivery_tag, take));
  if (known) return {};
  return channel_fault(ReplyCode::kPreconditionFailed, fmt::format("unknown delivery tag {}", delivery_tag));
}

void Deliveries::release_all() {
  unacked_.take_through(std::numeric_limits<uint64_t>::max() - 1, [&](uint32_t source, Offset first, uint32_t count) {
    settlements_.add(source, model::Verb::kRelease, first, count);
  });
}

void Deliveries::flush() {
  if (settlements_.empty()) return;
  for (const Settlements::Pending& pending : settlements_.take()) settle_source(pending);
  if (shares_prefetch()) resume();
}

void Deliveries::settle_source(const Settlements::Pending& pending) {
  sources_[pending.source].open -= pending.messages;
  // A copy: with its new room a consumer may deliver at once, from sources that are added then.
  const Source source = sources_[pending.source];
  uint32_t credit = 0;
  if (source.consumer) {
    charge(-static_cast<int64_t>(pending.messages));
    credit = source.consumer->on_settled(source.ledger, pending.messages);
  }
  // Where deliveries are limited, one that was given back counts, as in RabbitMQ's quorum queues.
  model::Verb verb = pending.verb;
  const model::QueueInfo* queue = link_.host.catalog().queue(source.ledger.queue);
  if (verb == model::Verb::kRelease && queue && queue->settings.delivery_limit) verb = model::Verb::kFail;
  if (source.leased)
    link_.submit(model::Settle{
        .ledger = source.ledger, .consumer = source.tag, .verb = verb, .runs = pending.runs, .credit = credit});
  release_source(pending.source);
}

void Deliveries::resume() {
  for (size_t i = 0; i < consumers_.size(); ++i) consumers_[i]->resume();
}

uint64_t Deliveries::channel_room() const {
  if (channel_prefetch_ == 0) return std::numeric_limits<uint32_t>::max();
  int64_t room = static_cast<int64_t>(channel_prefetch_) - charged_;
  return room > 0 ? static_cast<uint64_t>(room) : 0;
}

void Deliveries::close() {
  for (auto& consumer : consumers_) consumer->detach(true);
  // What consumers hold goes back with them; cancelled ones and basic.get left theirs to the channel.
  for (Source& source : sources_)
    if (source.consumer) source.leased = false, source.consumer = nullptr;
  release_all();
  for (const Settlements::Pending& pending : settlements_.take()) settle_source(pending);
  consumers_.clear();
}

}  // namespace godwit::protocol::amqp091
