#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "model/settings.h"
#include "protocol/amqp091/queue_arguments.h"
#include "protocol/amqp091/topology.h"

namespace godwit::protocol::amqp091 {
namespace {

constexpr std::string_view kReservedPrefix = "amq.";
constexpr std::string_view kGeneratedPrefix = "amq.gen-";

uint32_t clamp_count(uint64_t n) {
  return static_cast<uint32_t>(std::min<uint64_t>(n, std::numeric_limits<uint32_t>::max()));
}

/// An argument the topic was declared with; empty: without.
std::string_view argument(const model::TopicSettings& topic, std::string_view name) {
  auto at = topic.config.find(std::string(name));
  return at == topic.config.end() ? std::string_view() : std::string_view(at->second);
}

bool is_stream(const model::TopicInfo& topic) { return argument(topic.settings, kQueueType) == "stream"; }

}  // namespace

std::expected<std::string, Fault> Topology::queue_name(const Requests& requests, std::string_view name) {
  if (!name.empty()) return std::string(name);
  if (!requests.last_queue.empty()) return requests.last_queue;
  return std::unexpected(Fault{Scope::kChannel, ReplyCode::kNotFound,
                               "no queue was declared on this channel that an empty name could mean"});
}

Fault Topology::no_queue(const Link& link, std::string_view name) {
  return {Scope::kChannel, ReplyCode::kNotFound, fmt::format("no queue '{}' in vhost '{}'", name, link.vhost)};
}

Outcome Topology::check_exclusive(const Link& link, const model::QueueInfo& queue) {
  if (!queue.settings.exclusive || queue.exclusive_session == link.host.id().value) return {};
  return channel_fault(
      ReplyCode::kResourceLocked,
      fmt::format("queue '{}' in vhost '{}' is exclusive to another connection", queue.name.text, link.vhost));
}

Outcome Topology::on(const QueueDeclare& method) {
  std::string name(method.queue);
  if (name.empty() && method.passive) {
    auto last = queue_name(*requests_, method.queue);
    if (!last) return std::unexpected(std::move(last.error()));
    name = std::move(*last);
  }
  if (name == kReplyTo) return declare_reply_to(method);
  if (method.passive) return declare_passive(method, name);
  const model::QueueInfo* existing = link_.host.catalog().queue(link_.name(name));
  if (name.starts_with(kReservedPrefix) && !existing)
    return channel_fault(ReplyCode::kAccessRefused,
                         fmt::format("queue name '{}' has the reserved prefix 'amq.'", name));
  if (name.empty()) name = link_.names.next(kGeneratedPrefix);
  auto wanted = read_queue(method, link_.name(name), link_.options.message_bytes_max);
  if (!wanted) return std::unexpected(std::move(wanted.error()));
  if (wanted->stream) return declare_stream(method, std::move(wanted->topic));
  model::DeclareQueue& declare = wanted->declare;
  const model::TopicInfo* over = link_.host.catalog().topic(link_.name(declare.topic.value_or(name)));
  if (over && !existing && !declare.topic && is_stream(*over))
    return channel_fault(ReplyCode::kPreconditionFailed,
                         fmt::format("queue '{}' in vhost '{}' exists and is a stream", name, link_.vhost));
  if (existing) keep_unknown_arguments(existing->settings.config, declare.settings.config);
  requests_->call(std::move(declare),
                  [this, name, over = over != nullptr, no_wait = method.no_wait](Result<model::QueueDeclared> reply) {
                    // A new queue over a topic that was there finds messages: counted once it is open.
                    if (reply && reply->created && over) return ask_passively(name, no_wait);
                    return queue_declared(name, no_wait, std::move(reply));
                  });
  return {};
}

Outcome Topology::queue_declared(const std::string& name, bool no_wait, Result<model::QueueDeclared> reply) {
  if (!reply) {
    if (reply.error().code == ErrorCode::kNotFound) return std::unexpected(no_queue(link_, name));
    Fault fault = fault_of(reply.error());
    if (reply.error().code == ErrorCode::kMismatch)
      fault.detail = fmt::format("queue '{}' in vhost '{}' exists with other settings: {}", name, link_.vhost,
                                 reply.error().message);
    return std::unexpected(std::move(fault));
  }
  requests_->last_queue = name;
  requests_->answer(no_wait, QueueDeclareOk{name, clamp_count(reply->ready), reply->consumers});
  return {};
}

/// Spring AMQP asks for it to learn whether the broker has it.
Outcome Topology::declare_reply_to(const QueueDeclare& method) {
  requests_->last_queue = kReplyTo;
  requests_->answer(method.no_wait, QueueDeclareOk{kReplyTo, 0, 1});
  return {};
}

Outcome Topology::declare_passive(const QueueDeclare& method, const std::string& name) {
  const model::CatalogView& catalog = link_.host.catalog();
  const model::QueueInfo* queue = catalog.queue(link_.name(name));
  const model::TopicInfo* topic = catalog.topic(link_.name(name));
  if (!queue && !topic) return std::unexpected(no_queue(link_, name));
  if (!queue || name.starts_with(kReplyQueuePrefix)) {
    requests_->last_queue = name;
    requests_->answer(method.no_wait, QueueDeclareOk{name, 0, queue ? 1u : 0u});
    return {};
  }
  return ask_passively(name, method.no_wait);
}

Outcome Topology::ask_passively(const std::string& name, bool no_wait) {
  model::DeclareQueue command{.name = link_.name(name)};
  command.passive = true;
  requests_->call(std::move(command), [this, name, no_wait](Result<model::QueueDeclared> reply) {
    return queue_declared(name, no_wait, std::move(reply));
  });
  return {};
}

Outcome Topology::declare_stream(const QueueDeclare& method, model::CreateTopic topic) {
  std::string name = topic.name.text;
  if (link_.host.catalog().queue(topic.name))
    return channel_fault(ReplyCode::kPreconditionFailed,
                         fmt::format("queue '{}' in vhost '{}' exists and is no stream", name, link_.vhost));
  if (const model::TopicInfo* existing = link_.host.catalog().topic(topic.name); existing && is_stream(*existing))
    for (std::string_view which : {kMaxAge, kMaxLengthBytes})
      if (auto have = argument(existing->settings, which), want = argument(topic.settings, which); have != want)
        return channel_fault(ReplyCode::kPreconditionFailed,
                             fmt::format("stream '{}' in vhost '{}' exists with {} '{}', not '{}'", name, link_.vhost,
                                         which, have, want));
  requests_->call(std::move(topic),
                  [this, name, no_wait = method.no_wait](Result<model::TopicCreated> reply) -> Outcome {
                    if (!reply) return std::unexpected(fault_of(reply.error()));
                    requests_->last_queue = name;
                    requests_->answer(no_wait, QueueDeclareOk{name, 0, 0});
                    return {};
                  });
  return {};
}

Outcome Topology::on(const QueueDelete& method) {
  auto name = queue_name(*requests_, method.queue);
  if (!name) return std::unexpected(std::move(name.error()));
  const model::QueueInfo* queue = link_.host.catalog().queue(link_.name(*name));
  if (!queue) return delete_stream(method, *name);
  if (Outcome mine = check_exclusive(link_, *queue); !mine) return mine;
  requests_->call(model::DeleteQueue{link_.name(*name), method.if_unused, method.if_empty},
                  [this, name = *name, no_wait = method.no_wait](Result<model::QueueDeleted> reply) -> Outcome {
                    bool gone = !reply && reply.error().code == ErrorCode::kNotFound;
                    if (!reply && !gone) {
                      Fault fault = fault_of(reply.error());
                      if (reply.error().code == ErrorCode::kInUse)
                        fault.detail =
                            fmt::format("queue '{}' in vhost '{}' is in use or not empty", name, link_.vhost);
                      return std::unexpected(std::move(fault));
                    }
                    requests_->answer(no_wait, QueueDeleteOk{gone ? 0 : clamp_count(reply->messages)});
                    return {};
                  });
  return {};
}

/// A stream, or nothing: deleting what is not there succeeds.
Outcome Topology::delete_stream(const QueueDelete& method, const std::string& name) {
  if (!link_.host.catalog().topic(link_.name(name)))
    return requests_->answer(method.no_wait, QueueDeleteOk{}), Outcome{};
  requests_->call(model::DeleteTopic{link_.name(name)},
                  [this, no_wait = method.no_wait](Result<model::TopicDeleted> reply) -> Outcome {
                    if (!reply && reply.error().code != ErrorCode::kNotFound)
                      return std::unexpected(fault_of(reply.error()));
                    requests_->answer(no_wait, QueueDeleteOk{});
                    return {};
                  });
  return {};
}

Outcome Topology::on(const QueuePurge& method) {
  auto name = queue_name(*requests_, method.queue);
  if (!name) return std::unexpected(std::move(name.error()));
  const model::CatalogView& catalog = link_.host.catalog();
  const model::QueueInfo* queue = catalog.queue(link_.name(*name));
  const model::TopicInfo* topic = queue ? catalog.topic(queue->topic) : catalog.topic(link_.name(*name));
  if (!topic) return std::unexpected(no_queue(link_, *name));
  if (!queue)
    return connection_fault(
        ReplyCode::kNotImplemented,
        fmt::format("queue '{}' in vhost '{}' is a stream and can not be purged", *name, link_.vhost));
  if (Outcome mine = check_exclusive(link_, *queue); !mine) return mine;
  struct Tally {
    uint32_t left;
    uint64_t messages = 0;
  };
  auto tally = std::make_shared<Tally>(Tally{topic->partitions});
  for (uint32_t i = 0; i < topic->partitions; ++i)
    requests_->call(model::Purge{LedgerId{queue->id, {topic->id, i}}},
                    [this, tally, no_wait = method.no_wait](Result<model::Purged> reply) -> Outcome {
                      if (!reply) return std::unexpected(fault_of(reply.error()));
                      tally->messages += reply->messages;
                      if (--tally->left == 0) requests_->answer(no_wait, QueuePurgeOk{clamp_count(tally->messages)});
                      return {};
                    });
  return {};
}

}  // namespace godwit::protocol::amqp091
