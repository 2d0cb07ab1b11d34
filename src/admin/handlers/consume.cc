#include <algorithm>
#include <map>
#include <utility>

#include "admin/handlers/handlers.h"
#include "admin/handlers/ledgers.h"
#include "admin/json_fields.h"
#include "admin/message_json.h"
#include "model/read_message.h"

namespace godwit::admin::handlers {
namespace {

constexpr int64_t kMessagesMax = 1000;
constexpr int64_t kWaitMsMax = 30'000;

Result<model::QueueInfo> queue_of(const CallPtr& call) {
  const model::QueueInfo* queue = call->catalog().queue(call->name(0));
  if (queue == nullptr) return fail(ErrorCode::kNotFound, fmt::format("there is no queue '{}'", call->argument(0)));
  return *queue;
}

/// The messages of one delivered batch, with what a settle needs to name them.
Result<void> append_delivered(const model::DeliveredBatch& delivered, json::array& into) {
  auto messages = model::BatchMessages::open(delivered.batch);
  if (!messages) return std::unexpected(messages.error());
  uint32_t at = 0;
  for (const model::DeliveredRun& run : delivered.runs) {
    if (!messages->skip(run.index - at)) return fail(ErrorCode::kCorrupt, "a stored batch is malformed");
    at = run.index + run.count;
    for (uint32_t i = 0; i < run.count; ++i) {
      model::NativeMessage message;
      if (!messages->next(message)) return fail(ErrorCode::kCorrupt, "a stored batch is malformed");
      auto object = message_to_json(message, delivered.offset_of(run) + i, delivered.batch.header.append_ms);
      if (!object) return std::unexpected(object.error());
      (*object)["partition"] = delivered.ledger.partition.index;
      (*object)["attempt"] = run.attempt;
      (*object)["failed"] = run.failed;
      (*object)["redelivered"] = run.redelivered;
      into.push_back(std::move(*object));
    }
  }
  return {};
}

Result<json::array> received_to_json(const model::Received& received) {
  json::array list;
  for (const model::DeliveredBatch& batch : received.batches)
    if (auto appended = append_delivered(batch, list); !appended) return std::unexpected(appended.error());
  return list;
}

struct Receiving {
  std::vector<LedgerId> ledgers;
  int64_t max = 1;
  int64_t lease_ms = 30'000;
  int64_t wait_until_boot_ms = 0;
  bool accept = false;
  size_t at = 0;
  json::array messages;
};

void receive_next(const CallPtr& call, std::shared_ptr<Receiving> r);

void reply_received(const CallPtr& call, Receiving& r) {
  call->reply(json::object{{"queue", call->argument(0)}, {"messages", std::move(r.messages)}});
}

/// One ledger after another; only a queue of one ledger can wait for messages.
void receive_next(const CallPtr& call, std::shared_ptr<Receiving> r) {
  if (r->at == r->ledgers.size() || std::cmp_greater_equal(r->messages.size(), r->max)) return reply_received(call, *r);
  model::Receive receive{.ledger = r->ledgers[r->at++],
                         .messages_max = static_cast<uint32_t>(r->max - static_cast<int64_t>(r->messages.size())),
                         .lease_ms = r->accept ? 0 : r->lease_ms,
                         .settle_on_delivery = r->accept,
                         .wait_until_boot_ms = r->ledgers.size() == 1 ? r->wait_until_boot_ms : 0};
  call->submit(std::move(receive), [call, r](const Result<model::Received>& received) {
    // What was taken before has to be shown, whatever comes after: accepted, it would be lost.
    bool taken = !r->messages.empty();
    if (!received) return taken ? reply_received(call, *r) : call->refuse(received.error());
    auto list = received_to_json(*received);
    if (!list) return taken ? reply_received(call, *r) : call->refuse(list.error());
    for (json::value& message : *list) r->messages.push_back(std::move(message));
    receive_next(call, r);
  });
}

struct Settling {
  std::map<uint32_t, model::Settle> by_partition;
  std::optional<Error> error;
};

Result<void> read_settled(const json::value& item, const model::QueueInfo& queue, Settling& into) {
  if (!item.is_object()) return fail(ErrorCode::kInvalidArgument, "messages: expected objects");
  uint32_t partition = 0;
  int64_t offset = -1;
  uint32_t attempt = 0;
  JsonFields in(item.as_object());
  in.number("partition", partition, 0, kPartitionsMax);
  in.number("offset", offset, 0, INT64_MAX);
  in.number("attempt", attempt, 0, UINT32_MAX);
  if (auto done = in.done(); !done) return done;
  if (offset < 0) return fail(ErrorCode::kInvalidArgument, "messages: each needs an offset");
  model::Settle& settle = into.by_partition[partition];
  settle.ledger = {queue.id, {queue.topic, partition}};
  settle.runs.push_back({Offset(offset), 1});
  settle.attempts.push_back(attempt);
  return {};
}

Result<Settling> read_settle(const CallPtr& call, const model::QueueInfo& queue) {
  using enum model::Verb;
  auto body = call->body();
  if (!body) return std::unexpected(body.error());
  model::Verb verb = kAccept;
  std::string reason;
  JsonFields in(*body);
  in.choice<model::Verb>("verb", verb,
                         {{"accept", kAccept}, {"release", kRelease}, {"fail", kFail}, {"reject", kReject}});
  in.text("reason", reason);
  const json::value* messages = in.take("messages");
  if (messages == nullptr || !messages->is_array()) in.wrong("messages", "a list of {partition, offset, attempt}");
  if (auto done = in.done(); !done) return std::unexpected(done.error());
  Settling settling;
  for (const json::value& item : messages->as_array())
    if (auto read = read_settled(item, queue, settling); !read) return std::unexpected(read.error());
  for (auto& [partition, settle] : settling.by_partition) {
    settle.verb = verb;
    settle.reason = reason;
    settle.durable_reply = true;
  }
  return settling;
}

}  // namespace

void peek_queue(const CallPtr& call) {
  auto queue = queue_of(call);
  if (!queue) return call->refuse(queue.error());
  auto max = call->number("max", 10, 1, kMessagesMax);
  if (!max) return call->refuse(max.error());
  auto from = call->number("offset", 0, 0, INT64_MAX);
  if (!from) return call->refuse(from.error());
  struct Peeked {
    json::array messages;
    std::optional<Error> error;
  };
  auto all = gather<Peeked>(call, [call, most = static_cast<size_t>(*max)](Peeked& peeked) {
    if (peeked.error) return call->refuse(*peeked.error);
    if (peeked.messages.size() > most) peeked.messages.resize(most);  // each ledger has sent as many
    call->reply(json::object{{"queue", call->argument(0)}, {"messages", std::move(peeked.messages)}});
  });
  for (LedgerId ledger : ledgers_of(call->catalog(), *queue)) {
    model::Peek peek{.ledger = ledger, .from = Offset(*from), .messages_max = static_cast<uint32_t>(*max)};
    call->submit(std::move(peek), [all](const Result<model::Received>& received) {
      if (!received) return void(all->value.error = received.error());
      auto list = received_to_json(*received);
      if (!list) return void(all->value.error = list.error());
      for (json::value& message : *list) all->value.messages.push_back(std::move(message));
    });
  }
}

void receive_from_queue(const CallPtr& call) {
  auto queue = queue_of(call);
  if (!queue) return call->refuse(queue.error());
  auto body = call->body();
  if (!body) return call->refuse(body.error());
  auto r = std::make_shared<Receiving>();
  int64_t wait_ms = 0;
  JsonFields in(*body);
  in.number("max", r->max, 1, kMessagesMax);
  in.number("lease_ms", r->lease_ms, 1, 12LL * 3600 * 1000);
  in.number("wait_ms", wait_ms, 0, kWaitMsMax);
  in.flag("accept", r->accept);
  if (auto done = in.done(); !done) return call->refuse(done.error());
  if (wait_ms > 0) r->wait_until_boot_ms = call->now().boot_ms + wait_ms;
  r->ledgers = ledgers_of(call->catalog(), *queue);
  receive_next(call, std::move(r));
}

void settle_in_queue(const CallPtr& call) {
  auto queue = queue_of(call);
  if (!queue) return call->refuse(queue.error());
  auto settling = read_settle(call, *queue);
  if (!settling) return call->refuse(settling.error());
  struct Total {
    uint64_t settled = 0;
    std::optional<Error> error;
  };
  auto all = gather<Total>(call, [call](Total& total) {
    if (total.error) return call->refuse(*total.error);
    call->reply(json::object{{"settled", total.settled}});
  });
  for (auto& [partition, settle] : settling->by_partition) {
    call->submit(std::move(settle), [all](const Result<model::Settled>& settled) {
      if (settled)
        all->value.settled += settled->settled;
      else
        all->value.error = settled.error();
    });
  }
}

}  // namespace godwit::admin::handlers
