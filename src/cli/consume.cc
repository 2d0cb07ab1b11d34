#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/follow.h"
#include "cli/show.h"

namespace godwit::cli {
namespace {

/// How long one request waits for a message at the broker.
constexpr int64_t kWaitMs = 10'000;
constexpr int64_t kMessagesMax = 100;
/// What --release has in its memory, and under leases of 30 s, at once.
constexpr int64_t kHeldMax = 10'000;
constexpr size_t kHeldBytes = 64 << 20;
/// From one request to the next after one that brought nothing: a queue of several partitions answers without waiting.
constexpr std::chrono::milliseconds kPause{250};

struct Consume {
  std::string queue;
  int64_t count = 0;
  bool once = false;
  bool release = false;
  Follow log;  ///< instead of the queue, if it names a topic
};

/// What names the message to a settle. Null, reported, when the broker did not say.
json::value handle(Client& client, const json::value& message) {
  json::object named;
  for (const char* member : {"partition", "offset", "attempt"}) {
    if (!client.has_number(message, member)) return nullptr;
    named[member] = message.as_object().at(member);
  }
  return named;
}

bool settle(Client& client, const Consume& c, const char* verb, json::array handles) {
  json::value reply;
  return client.ask("POST", fmt::format("/api/queues/{}/settle", url_encode(c.queue)),
                    {{"verb", verb}, {"messages", std::move(handles)}}, reply);
}

/// Takes up to `max` messages, which lie in `reply`; adds to `handles` what settles them. Null, reported, when the
/// broker refuses or what it sends cannot be settled.
const json::array* take(Client& client, const Consume& c, int64_t max, int64_t wait, json::value& reply,
                        json::array& handles) {
  if (!client.ask("POST", fmt::format("/api/queues/{}/receive", url_encode(c.queue)), {{"max", max}, {"wait_ms", wait}},
                  reply, wait))
    return nullptr;
  const json::array* messages = client.list(reply, "messages");
  if (messages == nullptr) return nullptr;
  bool all = true;
  for (const json::value& message : *messages) {
    json::value named = handle(client, message);
    all = all && !named.is_null();
    if (!named.is_null()) handles.push_back(std::move(named));
  }
  return all ? messages : nullptr;
}

/// Shows each message once that can be taken now. All are under leases at the same time, or one request would take what
/// the one before it put back; and they are put back before they are shown, since output may be slower than the leases.
int consume_and_release(Client& client, const Consume& c) {
  int64_t limit = c.count == 0 ? kHeldMax : std::min(kHeldMax, c.count);
  json::array held;
  std::vector<json::value> replies;
  size_t bytes = 0;
  const json::array* last = nullptr;
  do {
    last = take(client, c, std::min(kMessagesMax, limit - static_cast<int64_t>(held.size())), 0, replies.emplace_back(),
                held);
    for (size_t i = 0; last != nullptr && i < last->size(); ++i) bytes += body_text((*last)[i]).size();
  } while (last != nullptr && !last->empty() && std::cmp_less(held.size(), limit) && bytes < kHeldBytes);
  int code = last == nullptr ? client.exit_code() : int{kDone};
  bool full = last != nullptr && !last->empty() && !std::cmp_equal(held.size(), c.count);
  if (!held.empty() && !settle(client, c, "release", std::move(held))) return client.exit_code();
  for (size_t i = 0; i < replies.size() - (last == nullptr); ++i)
    if (!show(client, replies[i].at("messages").as_array())) return client.exit_code();
  if (full)
    fmt::print(stderr, "godwit: there may be more, but no more is taken at once; `messages peek` takes nothing\n");
  return code;
}

int consume_queue(Client& client, const Consume& c) {
  int64_t seen = 0;
  while (c.count == 0 || seen < c.count) {
    auto asked = std::chrono::steady_clock::now();
    json::value reply;
    json::array taken;
    int64_t max = c.count == 0 ? kMessagesMax : std::min(kMessagesMax, c.count - seen);
    const json::array* messages = take(client, c, max, c.once ? 0 : kWaitMs, reply, taken);
    if (messages == nullptr || !show(client, *messages)) return client.exit_code();
    seen += static_cast<int64_t>(messages->size());
    if (!taken.empty() && !settle(client, c, "accept", std::move(taken))) return client.exit_code();
    if (!messages->empty()) continue;
    if (c.once) return kDone;
    std::this_thread::sleep_until(asked + kPause);
  }
  return kDone;
}

int run(Client& client, Consume& c) {
  if (c.queue.empty() == c.log.topic.empty()) {
    fmt::print(stderr, "godwit: consume needs one of QUEUE, --topic\n");
    return kUsage;
  }
  c.log.count = c.count;
  c.log.once = c.once;
  if (!c.log.topic.empty()) return follow(client, c.log);
  return c.release ? consume_and_release(client, c) : consume_queue(client, c);
}

void add_place(CLI::App* command, Follow& log) {
  command->add_option("--partition", log.partition, "Of the topic; without it all of them, in the order of append");
  command->add_option("--from", log.from, "Of the topic: start, end, an offset, or -n for the last n of a partition")
      ->capture_default_str();
}

}  // namespace

void add_consume(CLI::App& app, Options& options, int& exit_code) {
  auto c = std::make_shared<Consume>();
  CLI::App* command = add_command(app, "consume", "Take messages from a queue, or follow a topic, until interrupted",
                                  options, exit_code, [c](Client& client) { return run(client, *c); });
  command->add_option("queue", c->queue, "Queue: each message is accepted once it is printed");
  command->add_option("--topic", c->log.topic, "Topic, instead of a queue: nothing is taken");
  add_place(command, c->log);
  add_count(command, c->count, "End after this many");
  command->add_flag("--once", c->once, "End when there is no more, instead of waiting");
  command->add_flag("--release", c->release, "Show what can be taken now, each message once, and put all of it back");
}

void add_messages(CLI::App& app, Options& options, int& exit_code) {
  CLI::App* messages = app.add_subcommand("messages", "Look at messages without taking them");
  messages->require_subcommand(1);
  auto name = std::make_shared<std::string>();
  auto max = std::make_shared<int64_t>(10);
  CLI::App* peek =
      add_command(*messages, "peek", "The first messages of a queue", options, exit_code, [=](Client& client) {
        json::value reply;
        if (!client.get(fmt::format("/api/queues/{}/messages?max={}", url_encode(*name), *max), reply))
          return client.exit_code();
        const json::array* found = client.list(reply, "messages");
        return found != nullptr && show(client, *found) ? int{kDone} : client.exit_code();
      });
  add_name(peek, "queue", *name, "Queue");
  add_count(peek, *max, "At most")->capture_default_str();
  auto log = std::make_shared<Follow>(Follow{.from = "start", .once = true});
  CLI::App* read = add_command(*messages, "read", "A topic's messages from an offset on", options, exit_code,
                               [log](Client& client) { return follow(client, *log); });
  add_name(read, "topic", log->topic, "Topic");
  add_place(read, *log);
  add_count(read, log->count, "At most");
}

}  // namespace godwit::cli
