#include "protocol/amqp091/content.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/codec.h"
#include "base/limits.h"
#include "model/amqp091_properties.h"

namespace godwit::protocol::amqp091 {
namespace {

constexpr uint16_t kClassBasic = 60;
/// A buffer of a body in pieces above this size is not kept for the next one.
constexpr size_t kKeptBytesMax = 256_KiB;

}  // namespace

void IncomingContent::begin(const BasicPublish& publish) {
  state_ = State::kHeader;
  mandatory_ = publish.mandatory;
  stored_.clear();
  model::join_amqp091_properties(publish.exchange, publish.routing_key, stored_);
}

std::expected<bool, Fault> IncomingContent::header(ByteView payload, uint64_t bytes_max) {
  if (state_ != State::kHeader)
    return connection_fault(ReplyCode::kUnexpectedFrame, "content header without a method that announces it");
  Reader in(payload);
  uint16_t of_class = in.be<uint16_t>();
  in.be<uint16_t>();  // weight: never used
  body_bytes_ = in.be<uint64_t>();
  if (!in.ok() || of_class != kClassBasic)
    return connection_fault(ReplyCode::kFrameError, "content header is not one of class basic");
  if (body_bytes_ > bytes_max)
    return channel_fault(ReplyCode::kPreconditionFailed,
                         fmt::format("message size {} is larger than the limit of {} bytes", body_bytes_, bytes_max));
  size_t at = stored_.size();
  stored_.insert(stored_.end(), in.rest().begin(), in.rest().end());
  properties_ = {};
  if (!model::parse_amqp091_content(ByteView(stored_).subspan(at), properties_))
    return connection_fault(ReplyCode::kSyntaxError, "malformed message properties");
  state_ = State::kBody;
  body_view_ = {};
  return body_bytes_ == 0;
}

std::expected<bool, Fault> IncomingContent::body(ByteView payload) {
  if (state_ != State::kBody) return connection_fault(ReplyCode::kUnexpectedFrame, "body frame without a header");
  if (payload.size() > body_bytes_ - pieces_.size())
    return connection_fault(ReplyCode::kFrameError, "more body than its header announced");
  if (pieces_.empty() && payload.size() == body_bytes_) {
    body_view_ = payload;
    return true;
  }
  if (pieces_.size() + payload.size() >
      pieces_.capacity())  // in proportion to what has arrived, not to what is announced
    pieces_.reserve(std::min<size_t>(body_bytes_, std::max(2 * pieces_.size(), 4 * payload.size())));
  pieces_.insert(pieces_.end(), payload.begin(), payload.end());
  if (pieces_.size() < body_bytes_) return false;
  body_view_ = pieces_;
  return true;
}

void IncomingContent::finish() {
  state_ = State::kIdle;
  body_view_ = {};
  if (pieces_.capacity() > kKeptBytesMax)
    pieces_ = ByteVec();  // `= {}` would keep the memory
  else
    pieces_.clear();
}

void IncomingContent::trim() {
  if (!active()) pieces_ = ByteVec();  // `= {}` would keep the memory
}

}  // namespace godwit::protocol::amqp091
