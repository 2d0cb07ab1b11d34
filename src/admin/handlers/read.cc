#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "admin/handlers/handlers.h"
#include "admin/message_json.h"
#include "model/read_message.h"

namespace godwit::admin::handlers {
namespace {

constexpr int64_t kMessagesMax = 1000;
constexpr int64_t kWaitMsMax = 30'000;
constexpr uint32_t kFetchBytes = 4 * 1024 * 1024;

struct Reading {
  PartitionId partition;
  std::string from;  ///< "start", "end", an offset, or -n: the last n
  int64_t max = 100;
  int64_t wait_ms = 0;
};

Result<Reading> parse(const CallPtr& call) {
  const model::TopicInfo* topic = call->catalog().topic(call->name(0));
  if (topic == nullptr) return fail(ErrorCode::kNotFound, fmt::format("there is no topic '{}'", call->argument(0)));
  uint32_t index = 0;
  const std::string& text = call->argument(1);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size() || index >= topic->partitions)
    return fail(ErrorCode::kNotFound, fmt::format("topic '{}' has no partition {}", call->argument(0), text));
  auto max = call->number("max", 100, 1, kMessagesMax);
  if (!max) return std::unexpected(max.error());
  auto wait_ms = call->number("wait_ms", 0, 0, kWaitMsMax);
  if (!wait_ms) return std::unexpected(wait_ms.error());
  return Reading{{topic->id, index}, call->query("offset").value_or("start"), *max, *wait_ms};
}

/// Messages from `from` on, out of what a fetch brought: at most `max`.
Result<json::array> decode(const model::Fetched& fetched, uint32_t partition, Offset from, int64_t max) {
  json::array list;
  for (const model::Batch& batch : fetched.batches) {
    if (batch.header.flags & model::kControl) continue;
    auto messages = model::BatchMessages::open(batch);
    if (!messages) return std::unexpected(messages.error());
    model::NativeMessage message;
    Offset offset = batch.base_offset();
    for (; messages->next(message) && std::cmp_less(list.size(), max); ++offset) {
      if (offset < from) continue;
      auto object = message_to_json(message, offset, batch.header.append_ms);
      if (!object) return std::unexpected(object.error());
      (*object)["partition"] = partition;
      list.push_back(std::move(*object));
    }
    if (messages->corrupt()) return fail(ErrorCode::kCorrupt, "a stored batch is malformed");
  }
  return list;
}

void reply_with(const CallPtr& call, const Reading& reading, Offset from, const model::Fetched& fetched) {
  auto list = decode(fetched, reading.partition.index, from, reading.max);
  if (!list) return call->refuse(list.error());
  int64_t next = list->empty() ? from.value : list->back().as_object().at("offset").as_int64() + 1;
  // Past control batches, so that a reader who follows does not stand still.
  if (list->empty() && !fetched.batches.empty()) next = fetched.batches.back().end_offset().value;
  call->reply(json::object{{"topic", call->argument(0)},
                           {"partition", reading.partition.index},
                           {"start", fetched.log_start.value},
                           {"end", fetched.end.value},
                           {"next", next},
                           {"messages", std::move(*list)}});
}

void fetch(const CallPtr& call, const Reading& reading, Offset from, bool may_wait) {
  call->submit(model::Fetch{.partition = reading.partition, .from = from, .bytes_max = kFetchBytes},
               [call, reading, from, may_wait](const Result<model::Fetched>& fetched) {
                 if (!fetched) return call->refuse(fetched.error());
                 if (!fetched->batches.empty() || !may_wait || reading.wait_ms == 0)
                   return reply_with(call, reading, from, *fetched);
                 model::AwaitData wait{.partition = reading.partition,
                                       .beyond = from,
                                       .deadline_boot_ms = call->now().boot_ms + reading.wait_ms};
                 call->submit(std::move(wait), [call, reading, from](const Result<model::DataAwaited>& awaited) {
                   if (!awaited) return call->refuse(awaited.error());
                   fetch(call, reading, from, false);
                 });
               });
}

/// Where "start", "end", -n or a number is.
void resolve(const CallPtr& call, const Reading& reading) {
  int64_t number = 0;
  bool is_number = reading.from != "start" && reading.from != "end";
  if (is_number) {
    auto [end, error] = std::from_chars(reading.from.data(), reading.from.data() + reading.from.size(), number);
    if (error != std::errc() || end != reading.from.data() + reading.from.size())
      return call->refuse({ErrorCode::kInvalidArgument, "offset: expected start, end, a number, or -n for the last n"});
    if (number >= 0) return fetch(call, reading, Offset(number), true);
  }
  struct Ends {
    Offset start;
    Offset end;
    std::optional<Error> error;
  };
  auto all = gather<Ends>(call, [call, reading, number](Ends& ends) {
    if (ends.error) return call->refuse(*ends.error);
    Offset from = reading.from == "start" ? ends.start : std::max(ends.start, ends.end + number);
    fetch(call, reading, from, true);
  });
  auto ask = [&](model::FindOffset::At at, Offset Ends::* into) {
    call->submit(model::FindOffset{.partition = reading.partition, .at = at},
                 [all, into](const Result<model::OffsetFound>& found) {
                   if (found)
                     all->value.*into = found->offset.value_or(Offset());
                   else
                     all->value.error = found.error();
                 });
  };
  ask(model::FindOffset::At::kStart, &Ends::start);
  ask(model::FindOffset::At::kEnd, &Ends::end);
}

}  // namespace

void read_partition(const CallPtr& call) {
  auto reading = parse(call);
  if (!reading) return call->refuse(reading.error());
  resolve(call, *reading);
}

}  // namespace godwit::admin::handlers
