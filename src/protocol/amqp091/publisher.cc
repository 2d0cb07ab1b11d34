#include "protocol/amqp091/publisher.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/limits.h"
#include "model/amqp091_properties.h"
#include "model/amqp091_table.h"
#include "model/key_hash.h"
#include "protocol/amqp091/content_writer.h"

namespace godwit::protocol::amqp091 {
namespace {

/// What a stored message takes beside its properties, its body and what is lifted out of its headers, at most; see
/// native_message.h.
constexpr size_t kMessageOverheadBytes = 64;
/// 2^32 - 1 ms, RabbitMQ's bound of a time to live.
constexpr uint64_t kTtlMsMax = 4'294'967'295;

}  // namespace

Outcome Publisher::on_publish(const BasicPublish& publish) {
  if (publish.immediate)
    return connection_fault(ReplyCode::kNotImplemented, "basic.publish with immediate=true is not supported");
  content_.begin(publish);
  account();
  return {};
}

Publisher::~Publisher() {
  link_.held_bytes -= held_bytes_;
  link_.unfinished -= unfinished_;
}

void Publisher::account() {
  link_.held_bytes += content_.held_bytes() - held_bytes_;
  held_bytes_ = content_.held_bytes();
  link_.unfinished += static_cast<uint32_t>(content_.active()) - static_cast<uint32_t>(unfinished_);
  unfinished_ = content_.active();
}

Outcome Publisher::on_header(ByteView payload) {
  auto whole = content_.header(payload, link_.options.message_bytes_max);
  if (!whole) return std::unexpected(std::move(whole.error()));
  return *whole ? publish() : Outcome{};
}

Outcome Publisher::on_body(ByteView payload) {
  auto whole = content_.body(payload);
  if (!whole) return std::unexpected(std::move(whole.error()));
  if (*whole) return publish();
  account();
  return {};
}

Outcome Publisher::publish() {
  ByteVec rewritten;
  Outcome done = check();
  if (done && content_.properties().reply_to == kReplyTo) done = rewrite_reply_to(rewritten);
  if (done) done = publish_to(rewritten.empty() ? content_.stored() : ByteView(rewritten));
  content_.finish();
  account();
  return done;
}

Outcome Publisher::check() {
  const model::Amqp091Content& properties = content_.properties();
  if (properties.has(model::kUserId) && properties.user_id != link_.user)
    return channel_fault(
        ReplyCode::kPreconditionFailed,
        fmt::format("user_id property '{}' is not the authenticated user '{}'", properties.user_id, link_.user));
  return {};
}

Outcome Publisher::rewrite_reply_to(ByteVec& rewritten) {
  if (reply_queue_.empty())
    return channel_fault(ReplyCode::kPreconditionFailed, "this channel has no consumer of amq.rabbitmq.reply-to");
  model::Amqp091Content properties = content_.properties();
  properties.reply_to = reply_queue_;
  model::join_amqp091_properties(content_.exchange(), content_.routing_key(), rewritten);
  model::write_amqp091_content(properties, rewritten);
  return {};
}

Outcome Publisher::publish_to(ByteView stored) {
  const model::Amqp091Content& properties = content_.properties();
  auto targets =
      routes_.find(link_.host.catalog(), link_.space, content_.exchange(), content_.routing_key(), properties.headers);
  if (!targets) {
    Fault fault = fault_of(targets.error());
    if (targets.error().code == ErrorCode::kNotFound)
      fault.detail = fmt::format("no exchange '{}' in vhost '{}'", content_.exchange(), link_.vhost);
    return std::unexpected(std::move(fault));
  }
  model::NativeMessage message{.origin = model::Origin::kAmqp091};
  if (Outcome read = read_facets(message); !read) return read;
  message.properties = stored;
  message.body = content_.body();

  uint64_t number = confirming_ ? confirms_.add(static_cast<uint32_t>((*targets)->size())) : 0;
  size_t bytes = stored.size() + message.body.size() + kMessageOverheadBytes;
  for (const std::optional<ByteView>& facet : {message.key, message.group, message.dedup_id})
    if (facet) bytes += facet->size();
  std::optional<ByteView> placed_by = message.key ? message.key : message.group;
  for (size_t i = 0; i < (*targets)->size(); ++i) {
    OpenBatch& batch = batch_for((**targets)[i], i, placed_by, bytes);
    batch.builder.add(message);
    if (!confirming_) continue;
    if (!batch.publishes.empty() && batch.publishes.back().first + batch.publishes.back().count == number)
      ++batch.publishes.back().count;
    else
      batch.publishes.push_back({number, 1});
  }
  if ((*targets)->empty() && content_.mandatory()) return_unroutable();
  return {};
}

Outcome Publisher::read_facets(model::NativeMessage& message) const {
  const model::Amqp091Content& properties = content_.properties();
  message.durable = properties.has(model::kDeliveryMode) && properties.delivery_mode == 2;
  if (properties.has(model::kPriorityProperty)) message.priority = properties.priority;
  if (properties.has(model::kExpiration)) {
    std::string_view text = properties.expiration;
    uint64_t ttl_ms = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ttl_ms);
    if (error != std::errc() || end != text.data() + text.size() || ttl_ms > kTtlMsMax)
      return channel_fault(ReplyCode::kPreconditionFailed, fmt::format("invalid expiration '{}'", text));
    message.expires_at_ms = link_.host.now().wall_ms + static_cast<int64_t>(ttl_ms);
  }
  if (properties.has(model::kHeaders)) read_headers(message);
  return {};
}

void Publisher::read_headers(model::NativeMessage& message) const {
  model::Amqp091TableWalk walk(content_.properties().headers);
  model::Amqp091Entry entry;
  while (walk.next(entry)) {
    if (!entry.name.starts_with("x-")) continue;
    ByteView text = as_bytes(entry.text());
    if (text.empty()) continue;
    if (entry.name == model::amqp091_headers::kPartitionKey) message.key = text;
    if (entry.name == model::amqp091_headers::kGroup) message.group = text;
    if (entry.name == model::amqp091_headers::kDedup) message.dedup_id = text;
  }
}

Publisher::OpenBatch* Publisher::find_open(const RouteTarget& target, size_t hint, std::optional<uint32_t> partition) {
  auto fits = [&](const OpenBatch& batch) {
    return batch.partition.topic == target.topic && (partition ? batch.partition.index == *partition : batch.keyless);
  };
  if (hint < open_count_ && fits(open_[hint])) return &open_[hint];  // the same route as before
  for (size_t i = 0; i < open_count_; ++i)
    if (fits(open_[i])) return &open_[i];
  return nullptr;
}

/// The batch to put a message of `bytes` bytes into, sealed before it would grow beyond its limits. Messages with a
/// key share its partition; those without take turns over the partitions, a batch at a time.
Publisher::OpenBatch& Publisher::batch_for(const RouteTarget& target, size_t hint, std::optional<ByteView> key,
                                           size_t bytes) {
  std::optional<uint32_t> partition;
  if (target.partitions == 1)
    partition = 0;
  else if (key)
    partition = model::partition_of_key(*key, target.partitions);
  OpenBatch* batch = find_open(target, hint, partition);
  if (!batch) {
    if (open_count_ == kOpenBatchesMax) flush();
    if (open_count_ == open_.size()) open_.emplace_back();
    batch = &open_[open_count_++];
    batch->keyless = !partition;
    batch->partition = {target.topic, partition ? *partition : round_robin_++ % target.partitions};
    batch->bytes_max = target.batch_bytes_max;
  }
  bool full = batch->builder.count() >= kNativeBatchMessagesMax || batch->builder.bytes() + bytes > batch->bytes_max;
  if (full && !batch->builder.empty()) seal(*batch);
  return *batch;
}

void Publisher::seal(OpenBatch& batch) {
  model::Batch sealed = batch.builder.seal(link_.host.now().wall_ms);
  broker::RequestId id =
      link_.appends.add(channel_, incarnation_, batch.partition.topic, sealed.bytes(), batch.publishes);
  ++under_way_;
  link_.host.submit(id, model::Append{.partition = batch.partition, .batch = std::move(sealed)});
}

void Publisher::flush() {
  for (size_t i = 0; i < open_count_; ++i)
    if (!open_[i].builder.empty()) seal(open_[i]);
  open_count_ = 0;
  send_confirms();
}

void Publisher::trim() {
  content_.trim();
  account();
  open_ = std::vector<OpenBatch>();
  open_count_ = 0;
  routes_.clear();
}

void Publisher::on_appended(const std::vector<PublishRun>& publishes, bool ok, uint32_t refused) {
  --under_way_;
  uint64_t stored = 0;
  for (const PublishRun& run : publishes) stored += run.count;
  stored = ok ? stored - std::min<uint64_t>(stored, refused) : 0;
  for (const PublishRun& run : publishes) {
    auto first = static_cast<uint32_t>(std::min<uint64_t>(run.count, stored));
    stored -= first;
    confirms_.answer({run.first, first}, true);
    confirms_.answer({run.first + first, run.count - first}, false);
  }
  send_confirms();
}

void Publisher::send_confirms() {
  if (!confirming_) return;
  confirms_.take_done([this](uint64_t last, uint32_t count, bool ok) {
    if (ok)
      link_.send(channel_, BasicAck{.delivery_tag = last, .multiple = count > 1});
    else
      link_.send(channel_, BasicNack{.delivery_tag = last, .multiple = count > 1});
  });
}

void Publisher::return_unroutable() {
  link_.send(channel_, BasicReturn{.reply_code = static_cast<uint16_t>(ReplyCode::kNoRoute),
                                   .reply_text = to_string(ReplyCode::kNoRoute),
                                   .exchange = content_.exchange(),
                                   .routing_key = content_.routing_key()});
  write_content(channel_, content_.raw_properties(), content_.body(), link_.frame_max, link_.out());
}

}  // namespace godwit::protocol::amqp091
