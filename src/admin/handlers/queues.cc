#include <utility>

#include "admin/handlers/handlers.h"
#include "admin/handlers/ledgers.h"
#include "admin/json_fields.h"

namespace godwit::admin::handlers {
namespace {

template <class T>
void put(json::object& out, std::string_view name, const std::optional<T>& value) {
  if (value) out[name] = *value;
}

std::string_view overflow_text(model::Overflow overflow) {
  switch (overflow) {
    case model::Overflow::kDropHead: return "drop-head";
    case model::Overflow::kRejectPublish: return "reject-publish";
    case model::Overflow::kRejectPublishDeadLetter: return "reject-publish-dlx";
  }
  return "unknown";
}

std::string_view ordering_text(model::Ordering ordering) {
  switch (ordering) {
    case model::Ordering::kNone: return "none";
    case model::Ordering::kGroups: return "groups";
    case model::Ordering::kSessions: return "sessions";
  }
  return "unknown";
}

json::object settings_to_json(const model::QueueSettings& s) {
  json::object out{{"durable", s.durable},
                   {"exclusive", s.exclusive},
                   {"auto_delete", s.auto_delete},
                   {"ordering", ordering_text(s.ordering)},
                   {"overflow", overflow_text(s.overflow)},
                   {"priorities", s.priorities},
                   {"single_active_consumer", s.single_active_consumer},
                   {"lease_ms", s.lease_ms},
                   {"dedup_window_ms", s.dedup_window_ms}};
  put(out, "message_ttl_ms", s.message_ttl_ms);
  put(out, "expires_ms", s.expires_ms);
  put(out, "length_max", s.length_max);
  put(out, "bytes_max", s.bytes_max);
  put(out, "delivery_limit", s.delivery_limit);
  if (s.dead_letter) {
    out["dead_letter_exchange"] = s.dead_letter->exchange;
    put(out, "dead_letter_routing_key", s.dead_letter->routing_key);
  }
  json::object config;
  for (const auto& [name, value] : s.config) config[name] = value;
  out["config"] = std::move(config);
  return out;
}

json::object queue_to_json(const QueueState& state) {
  json::object out{
      {"name", state.queue.name.text},  {"id", state.queue.id.value},       {"topic", state.topic},
      {"own", state.queue.own},         {"ready", state.total.ready},       {"leased", state.total.leased},
      {"delayed", state.total.delayed}, {"deferred", state.total.deferred}, {"consumers", state.total.consumers}};
  // Counted for the limit only.
  if (state.queue.settings.bytes_max) out["ready_bytes"] = state.total.ready_bytes;
  out["settings"] = settings_to_json(state.queue.settings);
  return out;
}

void read_settings(JsonFields& in, model::QueueSettings& s) {
  using enum model::Overflow;
  in.flag("durable", s.durable);
  in.flag("auto_delete", s.auto_delete);
  in.flag("single_active_consumer", s.single_active_consumer);
  in.number("message_ttl_ms", s.message_ttl_ms, 0, kDurationMsMax);
  in.number("expires_ms", s.expires_ms, 1, kDurationMsMax);
  in.number("length_max", s.length_max, 0, INT64_MAX);
  in.number("bytes_max", s.bytes_max, 0, INT64_MAX);
  in.number("delivery_limit", s.delivery_limit, 0, UINT32_MAX);
  in.number("priorities", s.priorities, 0, 255);
  in.number("lease_ms", s.lease_ms, 1, kDurationMsMax);
  in.choice<model::Overflow>(
      "overflow", s.overflow,
      {{"drop-head", kDropHead}, {"reject-publish", kRejectPublish}, {"reject-publish-dlx", kRejectPublishDeadLetter}});
  std::optional<std::string> exchange;
  std::optional<std::string> routing_key;
  in.text("dead_letter_exchange", exchange);
  in.text("dead_letter_routing_key", routing_key);
  if (exchange || routing_key) s.dead_letter = model::DeadLetter{exchange.value_or(""), routing_key};
}

Result<model::DeclareQueue> read_declare(const CallPtr& call) {
  auto body = call->body();
  if (!body) return std::unexpected(body.error());
  model::DeclareQueue declare{.name = call->name(0)};
  JsonFields in(*body);
  in.text("topic", declare.topic);
  if (declare.topic) declare.start = model::Start::kEnd;
  in.choice<model::Start>("start", declare.start,
                          {{"first", model::Start::kFirstRetained}, {"end", model::Start::kEnd}});
  in.number("partitions", declare.partitions, 1, kPartitionsMax);
  read_settings(in, declare.settings);
  if (auto done = in.done(); !done) return std::unexpected(done.error());
  return declare;
}

}  // namespace

void list_queues(const CallPtr& call) {
  if (auto known = call->check_space(); !known) return call->refuse(known.error());
  describe_queues(call, queues_of(call, call->space()), [call](std::vector<QueueState>& states) {
    json::array queues;
    for (const QueueState& state : states) queues.push_back(queue_to_json(state));
    call->reply(json::object{{"queues", std::move(queues)}});
  });
}

void show_queue(const CallPtr& call) {
  const model::QueueInfo* queue = call->catalog().queue(call->name(0));
  if (queue == nullptr)
    return call->refuse({ErrorCode::kNotFound, fmt::format("there is no queue '{}'", call->argument(0))});
  describe_queues(call, {*queue},
                  [call](std::vector<QueueState>& states) { call->reply(queue_to_json(states.front())); });
}

void declare_queue(const CallPtr& call) {
  auto declare = read_declare(call);
  if (!declare) return call->refuse(declare.error());
  call->submit(std::move(*declare), [call](const Result<model::QueueDeclared>& declared) {
    if (!declared) return call->refuse(declared.error());
    json::object out{{"name", declared->queue.name.text},
                     {"created", declared->created},
                     {"ready", declared->ready},
                     {"consumers", declared->consumers},
                     {"settings", settings_to_json(declared->queue.settings)}};
    call->reply(out, declared->created ? 201 : 200);
  });
}

void delete_queue(const CallPtr& call) {
  model::DeleteQueue command{.name = call->name(0),
                             .if_unused = call->query("if_unused") == "true",
                             .if_empty = call->query("if_empty") == "true"};
  call->submit(std::move(command), [call](const Result<model::QueueDeleted>& deleted) {
    if (!deleted) return call->refuse(deleted.error());
    call->reply(json::object{{"deleted", true}, {"messages", deleted->messages}});
  });
}

void purge_queue(const CallPtr& call) {
  const model::QueueInfo* queue = call->catalog().queue(call->name(0));
  if (queue == nullptr)
    return call->refuse({ErrorCode::kNotFound, fmt::format("there is no queue '{}'", call->argument(0))});
  struct Total {
    uint64_t messages = 0;
    std::optional<Error> error;
  };
  auto all = gather<Total>(call, [call](Total& total) {
    if (total.error) return call->refuse(*total.error);
    call->reply(json::object{{"messages", total.messages}});
  });
  for (LedgerId ledger : ledgers_of(call->catalog(), *queue)) {
    call->submit(model::Purge{ledger}, [all](const Result<model::Purged>& purged) {
      if (purged)
        all->value.messages += purged->messages;
      else
        all->value.error = purged.error();
    });
  }
}

}  // namespace godwit::admin::handlers
