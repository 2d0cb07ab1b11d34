#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "protocol/amqp091/queue_arguments.h"
#include "protocol/amqp091/stream_consumer.h"
#include "protocol/amqp091/subscriber.h"
#include "protocol/amqp091/topology.h"

namespace godwit::protocol::amqp091 {
namespace {

constexpr std::string_view kTagPrefix = "amq.ctag-";

const model::Value* find_argument(const model::ValueMap& arguments, std::string_view name) {
  for (const auto& [key, value] : arguments)
    if (key == name) return &value;
  return nullptr;
}

}  // namespace

Outcome Subscriber::on(const BasicConsume& method) {
  Wanted wanted{std::string(method.consumer_tag), method.no_ack, method.exclusive, method.no_wait};
  if (wanted.tag.empty()) wanted.tag = link_.names.next(kTagPrefix);
  if (deliveries_.find(wanted.tag))
    return connection_fault(ReplyCode::kNotAllowed,
                            fmt::format("consumer tag '{}' is in use on this channel", wanted.tag));
  if (deliveries_.consumers().size() >= kConsumersMax)
    return connection_fault(ReplyCode::kNotAllowed, fmt::format("a channel has at most {} consumers", kConsumersMax));
  if (const model::Value* priority = find_argument(method.arguments, "x-priority")) {
    std::optional<int64_t> number = integer_of(*priority);
    if (!number || !std::in_range<int32_t>(*number))
      return channel_fault(ReplyCode::kPreconditionFailed, "invalid arg 'x-priority': must be an integer");
    wanted.priority = static_cast<int32_t>(*number);
  }
  if (method.queue == kReplyTo) {
    if (Outcome room = check_room(1); !room) return room;
    return consume_replies(std::move(wanted));
  }
  auto name = Topology::queue_name(*requests_, method.queue);
  if (!name) return std::unexpected(std::move(name.error()));

  const model::CatalogView& catalog = link_.host.catalog();
  const model::QueueInfo* queue = catalog.queue(link_.name(*name));
  const model::TopicInfo* topic = queue ? catalog.topic(queue->topic) : catalog.topic(link_.name(*name));
  if (!topic) return std::unexpected(Topology::no_queue(link_, *name));
  if (queue)
    if (Outcome mine = Topology::check_exclusive(link_, *queue); !mine) return mine;
  if (Outcome room = check_room(topic->partitions); !room) return room;
  const model::Value* from = find_argument(method.arguments, "x-stream-offset");
  if (queue && !from) return consume_queue(std::move(wanted), *queue);
  return consume_stream(wanted, *topic, from ? *from : model::Value(std::string("next")));
}

Outcome Subscriber::check_room(uint32_t partitions) {
  size_t takes = kConsumerBytes + partitions * kAttachmentBytes;
  if (link_.held_bytes + takes <= kHeldBytesWhenShort || !link_.host.memory_exhausted()) return {};
  return channel_fault(ReplyCode::kResourceError, "no more consumers while memory is short");
}

Outcome Subscriber::consume_stream(const Wanted& wanted, const model::TopicInfo& topic, const model::Value& from) {
  std::optional<StreamStart> start = read_stream_start(from, link_.host.now().wall_ms);
  if (!start) return channel_fault(ReplyCode::kPreconditionFailed, "invalid arg 'x-stream-offset'");
  if (wanted.no_ack)
    return connection_fault(ReplyCode::kNotImplemented,
                            "a stream is consumed with acknowledgements, which give credit back");
  uint32_t prefetch = deliveries_.consumer_prefetch();
  if (prefetch == 0)
    return channel_fault(ReplyCode::kPreconditionFailed,
                         fmt::format("consuming stream '{}' needs a prefetch count: see basic.qos", topic.name.text));
  requests_->answer(wanted.no_wait, BasicConsumeOk{wanted.tag});
  auto consumer = std::make_unique<StreamConsumer>(deliveries_, wanted.tag, prefetch, topic);
  StreamConsumer& added = *consumer;
  deliveries_.add(std::move(consumer));
  added.start(*start);
  return {};
}

Outcome Subscriber::consume_queue(Wanted wanted, const model::QueueInfo& queue) {
  const model::TopicInfo* topic = link_.host.catalog().topic(queue.topic);
  if (!topic) return std::unexpected(Topology::no_queue(link_, queue.name.text));
  if (wanted.exclusive && queue.settings.single_active_consumer)
    return channel_fault(
        ReplyCode::kAccessRefused,
        fmt::format("queue '{}' has a single active consumer: none can be exclusive", queue.name.text));
  QueueConsumer::Setup setup{wanted.tag,       wanted.no_ack,   wanted.no_wait, deliveries_.consumer_prefetch(),
                             wanted.exclusive, wanted.priority, queue.id};
  auto consumer = std::make_unique<QueueConsumer>(deliveries_, std::move(setup), *topic);
  std::vector<model::Attach> commands = consumer->attach();
  deliveries_.add(std::move(consumer));
  auto left = std::make_shared<size_t>(commands.size());
  for (model::Attach& command : commands)
    requests_->call(
        std::move(command),
        [this, left, tag = wanted.tag, exclusive = queue.settings.exclusive](Result<model::Attached> reply) -> Outcome {
          if (!reply) return attach_refused(tag, exclusive, reply.error());
          auto* ours = dynamic_cast<QueueConsumer*>(deliveries_.find(tag));
          if (--*left == 0 && ours) ours->announce();
          return {};
        });
  return {};
}

Outcome Subscriber::attach_refused(const std::string& tag, bool exclusive_queue, const Error& error) {
  std::unique_ptr<Consumer> consumer = deliveries_.remove(tag);
  if (!consumer) return {};  // another ledger's refusal was first
  consumer->detach(true);
  Fault fault = fault_of(error);
  if (error.code == ErrorCode::kExclusive && !exclusive_queue) fault.code = ReplyCode::kAccessRefused;
  return std::unexpected(std::move(fault));
}

/// Direct reply-to: a volatile queue of this connection, which the reply-to property of its requests is rewritten to.
Outcome Subscriber::consume_replies(Wanted wanted) {
  if (!wanted.no_ack)
    return channel_fault(ReplyCode::kPreconditionFailed, "amq.rabbitmq.reply-to is consumed without acknowledgements");
  if (!reply_queue_.empty())
    return channel_fault(ReplyCode::kPreconditionFailed, "this channel consumes amq.rabbitmq.reply-to already");
  model::DeclareQueue declare{.name = link_.name(link_.names.next(kReplyQueuePrefix))};
  declare.settings.durable = false;
  declare.settings.exclusive = true;
  declare.settings.auto_delete = true;
  declare.topic_settings.is_volatile = true;
  declare.topic_settings.message_bytes_max = link_.options.message_bytes_max + 64 * 1024;
  requests_->call(std::move(declare), [this, wanted](Result<model::QueueDeclared> reply) mutable -> Outcome {
    if (!reply) return std::unexpected(fault_of(reply.error()));
    reply_queue_ = reply->queue.name.text;
    reply_tag_ = wanted.tag;
    publisher_.set_reply_queue(reply_queue_);
    return consume_queue(std::move(wanted), reply->queue);
  });
  return {};
}

void Subscriber::ended(std::string_view tag) {
  if (reply_queue_.empty() || tag != reply_tag_) return;
  reply_queue_.clear();
  publisher_.set_reply_queue("");
}

Outcome Subscriber::on(const BasicCancel& method) {
  std::string tag(method.consumer_tag);
  Consumer* consumer = deliveries_.find(tag);
  auto finish = [this, no_wait = method.no_wait](const std::string& name) {
    deliveries_.remove(name);
    ended(name);
    requests_->answer(no_wait, BasicCancelOk{name});
  };
  auto* queue = dynamic_cast<QueueConsumer*>(consumer);
  if (!queue) {
    if (consumer) consumer->detach(false);
    finish(tag);
    return {};
  }
  // Deliveries that are on their way are passed on until the queue has let go.
  std::vector<LedgerId> ledgers = queue->leave();
  auto left = std::make_shared<size_t>(ledgers.size());
  for (LedgerId ledger : ledgers)
    requests_->call(model::Detach{ledger, queue->broker_tag(), false},
                    [this, left, tag, finish](Result<model::Detached>) -> Outcome {
                      if (--*left > 0) return {};
                      if (auto* ours = dynamic_cast<QueueConsumer*>(deliveries_.find(tag))) ours->forget();
                      finish(tag);
                      return {};
                    });
  return {};
}

}  // namespace godwit::protocol::amqp091
