#include "embed/embedded_session.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "model/read_message.h"

namespace godwit::embed {
namespace {

model::Verb verb_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAccept: return model::Verb::kAccept;
    case Verdict::kRelease: return model::Verb::kRelease;
    case Verdict::kReject: return model::Verb::kReject;
  }
  return model::Verb::kRelease;
}

}  // namespace

void EmbeddedSession::consume(const std::string& name, Broker::Handler handler, uint32_t credit,
                              std::move_only_function<void(Result<void>)> then) {
  const model::QueueInfo* queue = catalog().queue({.text = name});
  const model::TopicInfo* topic = queue ? catalog().topic(queue->topic) : nullptr;
  if (topic == nullptr) return then(fail(ErrorCode::kNotFound, fmt::format("there is no queue '{}'", name)));
  ConsumerTag tag(next_tag_++);
  uint32_t share = std::max(1U, credit / topic->partitions);
  consumers_[tag] = {std::move(handler), queue->id, share, topic->partitions};
  struct Attaching {
    uint32_t left;
    Result<void> result;
    std::move_only_function<void(Result<void>)> then;
  };
  auto attaching = std::make_shared<Attaching>(topic->partitions, Result<void>(), std::move(then));
  for (uint32_t i = 0, n = topic->partitions; i < n; ++i) {
    call(model::Attach{.ledger = {queue->id, {topic->id, i}}, .tag = tag, .credit = share},
         [attaching](const Result<model::Attached>& attached) {
           if (!attached) attaching->result = std::unexpected(attached.error());
           if (--attaching->left == 0) attaching->then(attaching->result);
         });
  }
}

void EmbeddedSession::end(const Error& why) {
  for (broker::RequestId id : std::exchange(under_way_, {})) calls_.on_reply(id, std::unexpected(why));
}

void EmbeddedSession::on_reply(broker::RequestId id, broker::Reply reply) {
  under_way_.erase(id);
  calls_.on_reply(id, std::move(reply));
}

void EmbeddedSession::on_notice(broker::Notice notice) {
  if (auto* delivery = std::get_if<broker::Delivery>(&notice)) deliver(*delivery);
  if (auto* grown = std::get_if<broker::TopicGrown>(&notice)) grow(grown->topic);
  if (auto* cancelled = std::get_if<broker::ConsumerCancelled>(&notice)) consumers_.erase(cancelled->tag);
}

void EmbeddedSession::grow(TopicId id) {
  const model::TopicInfo* topic = catalog().topic(id);
  if (topic == nullptr) return;
  for (auto& [tag, consumer] : consumers_) {
    const model::QueueInfo* queue = catalog().queue(consumer.queue);
    if (queue == nullptr || queue->topic != id) continue;
    for (; consumer.partitions < topic->partitions; ++consumer.partitions)
      call(model::Attach{.ledger = {queue->id, {id, consumer.partitions}}, .tag = tag, .credit = consumer.share},
           [](const Result<model::Attached>&) {});
  }
}

void EmbeddedSession::deliver(const broker::Delivery& delivery) {
  auto consumer = consumers_.find(delivery.tag);
  std::vector<std::pair<Offset, Verdict>> verdicts;
  auto messages = model::BatchMessages::open(delivery.messages.batch);
  uint32_t at = 0;
  for (const model::DeliveredRun& run : delivery.messages.runs) {
    if (messages) messages->skip(run.index - at);
    at = run.index + run.count;
    for (uint32_t i = 0; i < run.count; ++i) {
      Offset offset = delivery.messages.offset_of(run) + i;
      model::NativeMessage native;
      Verdict verdict = Verdict::kReject;  // what cannot be read would come back for ever
      if (messages && messages->next(native)) {
        auto message = embedded_message(native);
        EmbeddedDelivery shown{{}, {delivery.messages.ledger.partition.index, offset.value}, run.redelivered};
        if (message) shown.message = std::move(*message);
        if (consumer == consumers_.end())
          verdict = Verdict::kRelease;
        else if (message)
          verdict = consumer->second.handler(shown);
      }
      verdicts.emplace_back(offset, verdict);
    }
  }
  settle(delivery, verdicts);
}

/// One command for each stretch of messages with one verdict; each gives its credit back.
void EmbeddedSession::settle(const broker::Delivery& delivery,
                             const std::vector<std::pair<Offset, Verdict>>& verdicts) {
  for (size_t i = 0; i < verdicts.size();) {
    Verdict verdict = verdicts[i].second;
    model::Settle settle{.ledger = delivery.messages.ledger, .consumer = delivery.tag, .verb = verb_of(verdict)};
    for (; i < verdicts.size() && verdicts[i].second == verdict; ++i) {
      bool adjoins = !settle.runs.empty() && settle.runs.back().end() == verdicts[i].first;
      if (adjoins)
        ++settle.runs.back().count;
      else
        settle.runs.push_back({verdicts[i].first, 1});
      ++settle.credit;
    }
    call(std::move(settle), [](const Result<model::Settled>&) {});
  }
}

}  // namespace godwit::embed
