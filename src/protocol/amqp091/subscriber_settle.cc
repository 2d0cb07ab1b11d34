#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "protocol/amqp091/subscriber.h"
#include "protocol/amqp091/topology.h"

namespace godwit::protocol::amqp091 {

Outcome Subscriber::on(const BasicQos& method) {
  if (method.prefetch_size != 0)
    return connection_fault(ReplyCode::kNotImplemented, "basic.qos with a prefetch_size is not supported");
  deliveries_.set_prefetch(method.prefetch_count, method.global);
  if (method.global) deliveries_.resume();
  link_.send(requests_->channel(), BasicQosOk{});
  return {};
}

Outcome Subscriber::on(const BasicAck& method) {
  return deliveries_.settle(method.delivery_tag, method.multiple, model::Verb::kAccept);
}

Outcome Subscriber::on(const BasicNack& method) {
  model::Verb verb = method.requeue ? model::Verb::kRelease : model::Verb::kReject;
  return deliveries_.settle(method.delivery_tag, method.multiple, verb);
}

Outcome Subscriber::on(const BasicReject& method) {
  model::Verb verb = method.requeue ? model::Verb::kRelease : model::Verb::kReject;
  return deliveries_.settle(method.delivery_tag, false, verb);
}

Outcome Subscriber::on(const BasicRecover& method) {
  if (!method.requeue)
    return connection_fault(ReplyCode::kNotImplemented, "basic.recover with requeue=false is not supported");
  deliveries_.release_all();
  deliveries_.flush();
  link_.send(requests_->channel(), BasicRecoverOk{});
  return {};
}

Outcome Subscriber::on(const BasicRecoverAsync& method) {
  if (!method.requeue)
    return connection_fault(ReplyCode::kNotImplemented, "basic.recover-async with requeue=false is not supported");
  deliveries_.release_all();
  return {};
}

Outcome Subscriber::on(const BasicGet& method) {
  auto name = Topology::queue_name(*requests_, method.queue);
  if (!name) return std::unexpected(std::move(name.error()));
  const model::CatalogView& catalog = link_.host.catalog();
  const model::QueueInfo* queue = catalog.queue(link_.name(*name));
  const model::TopicInfo* topic = queue ? catalog.topic(queue->topic) : catalog.topic(link_.name(*name));
  if (!topic) return std::unexpected(Topology::no_queue(link_, *name));
  if (!queue)
    return connection_fault(ReplyCode::kNotImplemented,
                            fmt::format("basic.get of stream '{}' is not supported", *name));
  if (Outcome mine = Topology::check_exclusive(link_, *queue); !mine) return mine;
  deliveries_.flush();  // an ack just before may make room in the queue's order
  if (get_tag_ == ConsumerTag()) get_tag_ = link_.new_tag();
  get_next(
      {queue->id, {topic->id, get_turn_++ % topic->partitions}, topic->name.text, topic->partitions, 0, method.no_ack});
  return {};
}

/// Asks one partition after another until one has a message.
void Subscriber::get_next(Getting getting) {
  model::Receive command{.ledger = {getting.queue, getting.partition}, .consumer = get_tag_};
  command.settle_on_delivery = getting.no_ack;
  requests_->call(std::move(command), [this, getting](Result<model::Received> reply) mutable {
    return got(std::move(getting), std::move(reply));
  });
}

Outcome Subscriber::got(Getting getting, Result<model::Received> reply) {
  if (!reply) return std::unexpected(fault_of(reply.error()));
  if (!reply->batches.empty() && !reply->batches.front().runs.empty()) return send_got(getting, *reply);
  if (++getting.asked < getting.partitions) {
    getting.partition.index = (getting.partition.index + 1) % getting.partitions;
    get_next(std::move(getting));
    return {};
  }
  link_.send(requests_->channel(), BasicGetEmpty{});
  return {};
}

Outcome Subscriber::send_got(const Getting& getting, const model::Received& received) {
  const model::DeliveredBatch& batch = received.batches.front();
  const model::DeliveredRun& run = batch.runs.front();
  BatchCursor cursor;
  model::NativeMessage message;
  OutgoingMessage out;
  Rendering::Extras extras{getting.topic, link_.host.now().wall_ms, run.failed, std::nullopt};
  if (!cursor.seek(batch.batch, run.index) || !cursor.next(message) || !rendering_.render(message, extras, out)) {
    // The queue gives up what cannot be shown, and the next message takes its place.
    if (!getting.no_ack)
      link_.submit(model::Settle{.ledger = batch.ledger,
                                 .consumer = get_tag_,
                                 .verb = model::Verb::kReject,
                                 .runs = {{batch.offset_of(run), 1}}});
    return get_next(getting), Outcome();
  }
  uint64_t tag = deliveries_.take_tags(1);
  if (!getting.no_ack)
    deliveries_.record(deliveries_.source(get_tag_, batch.ledger, nullptr, true), tag, batch.offset_of(run), 1);
  auto left = static_cast<uint32_t>(std::min<uint64_t>(received.remaining, std::numeric_limits<uint32_t>::max()));
  link_.send(requests_->channel(), BasicGetOk{tag, run.redelivered, out.exchange, out.routing_key, left});
  write_content(requests_->channel(), out.properties, out.body, link_.frame_max, link_.out());
  return {};
}

}  // namespace godwit::protocol::amqp091
