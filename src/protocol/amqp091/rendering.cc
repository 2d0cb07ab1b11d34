#include "protocol/amqp091/rendering.h"

#include "model/amqp091_properties.h"

namespace godwit::protocol::amqp091 {

bool Rendering::split(ByteView properties, ByteView body, OutgoingMessage& out) {
  model::Amqp091Stored stored;
  if (!model::split_amqp091_properties(properties, stored)) return false;
  out = {stored.exchange, stored.routing_key, stored.content, body};
  return true;
}

bool Rendering::convert(const model::NativeMessage& message, const Extras& extras, OutgoingMessage& out) {
  stored_.clear();
  ByteView properties = message.properties;
  if (message.origin != model::Origin::kAmqp091) {
    Result<model::Message> read = model::read_message(message);
    if (!read) return false;
    if (!read->subject) read->subject = std::string(extras.topic);
    model::encode_amqp091_properties(*read, extras.now_ms, stored_);
    properties = stored_;
  }
  if (std::optional<model::Patch> patch = model::read_patch(message)) {
    changed_.clear();
    if (!model::patch_amqp091_properties(properties, *patch, changed_)) return false;
    stored_.swap(changed_);
    properties = stored_;
  }
  model::ValueMap headers;
  if (extras.delivery_count > 0)
    headers.emplace_back(model::amqp091_headers::kDeliveryCount, model::Value(int64_t{extras.delivery_count}));
  if (extras.stream_offset)
    headers.emplace_back(model::amqp091_headers::kStreamOffset, model::Value(extras.stream_offset->value));
  if (!headers.empty()) {
    changed_.clear();
    if (!model::add_amqp091_headers(properties, headers, changed_)) return false;
    stored_.swap(changed_);
    properties = stored_;
  }
  return split(properties, message.body, out);
}

bool BatchCursor::seek(const model::Batch& batch, uint32_t index) {
  bool same = walk_ && payload_.data() == batch.payload.data() && index >= index_;
  if (!same) {
    Result<model::BatchMessages> opened = model::BatchMessages::open(batch);
    if (!opened) return false;
    walk_.emplace(std::move(*opened));
    payload_ = batch.payload;
    index_ = 0;
  }
  uint32_t ahead = index - std::exchange(index_, index);
  return ahead == 0 || walk_->skip(ahead);
}

}  // namespace godwit::protocol::amqp091
