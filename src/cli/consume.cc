#include <cstdio>

#include "cli/command.h"
#include "cli/commands.h"

namespace godwit::cli {
namespace {

/// How long one request waits for a message at the broker.
constexpr int64_t kWaitMs = 10'000;
constexpr int64_t kMessagesMax = 100;

struct Consume {
  std::string queue;
  std::string topic;
  int partition = 0;
  std::string from = "end";
  int64_t count = 0;
  bool once = false;
  bool release = false;
};

std::string body_text(const json::value& message) {
  const json::value& body = message.at("body");
  return body.is_string() ? std::string(body.as_string()) : cell(body, "base64");
}

void print_message(const Client& client, const json::value& message) {
  if (client.options().json) return print_json(message);
  std::string key = cell(message, "key");
  fmt::print("{}  {}{}{}\n", cell(message, "offset"), key, key.empty() ? "" : "  ", body_text(message));
  std::fflush(stdout);
}

/// Settles what was printed, so that a message is never gone before it was shown.
bool settle(Client& client, const Consume& c, const json::array& messages) {
  json::array list;
  for (const json::value& m : messages)
    list.push_back(
        json::object{{"partition", m.at("partition")}, {"offset", m.at("offset")}, {"attempt", m.at("attempt")}});
  json::value reply;
  return client.ask("POST", fmt::format("/api/queues/{}/settle", url_encode(c.queue)),
                    {{"verb", c.release ? "release" : "accept"}, {"messages", std::move(list)}}, reply);
}

int consume_queue(Client& client, const Consume& c) {
  int64_t seen = 0;
  while (c.count == 0 || seen < c.count) {
    int64_t max = c.count == 0 ? kMessagesMax : std::min(kMessagesMax, c.count - seen);
    int64_t wait = c.once ? 0 : kWaitMs;
    json::value reply;
    if (!client.ask("POST", fmt::format("/api/queues/{}/receive", url_encode(c.queue)),
                    {{"max", max}, {"wait_ms", wait}}, reply, wait))
      return client.exit_code();
    const json::array& messages = reply.at("messages").as_array();
    for (const json::value& message : messages) print_message(client, message);
    seen += static_cast<int64_t>(messages.size());
    if (!messages.empty() && !settle(client, c, messages)) return client.exit_code();
    if (c.once && (messages.empty() || c.release)) return kDone;
  }
  return kDone;
}

int consume_topic(Client& client, const Consume& c) {
  int64_t seen = 0;
  std::string from = c.from;
  while (c.count == 0 || seen < c.count) {
    int64_t max = c.count == 0 ? kMessagesMax : std::min(kMessagesMax, c.count - seen);
    int64_t wait = c.once ? 0 : kWaitMs;
    json::value reply;
    std::string target = fmt::format("/api/topics/{}/partitions/{}/messages?offset={}&max={}&wait_ms={}",
                                     url_encode(c.topic), c.partition, url_encode(from), max, wait);
    if (!client.ask("GET", target, {}, reply, wait)) return client.exit_code();
    const json::array& messages = reply.at("messages").as_array();
    for (const json::value& message : messages) print_message(client, message);
    seen += static_cast<int64_t>(messages.size());
    from = cell(reply, "next");
    if (c.once && messages.empty()) return kDone;
  }
  return kDone;
}

int run(Client& client, const Consume& c) {
  if (c.queue.empty() == c.topic.empty()) {
    fmt::print(stderr, "godwit: consume needs one of QUEUE, --topic\n");
    return kUsage;
  }
  return c.queue.empty() ? consume_topic(client, c) : consume_queue(client, c);
}

}  // namespace

void add_consume(CLI::App& app, Options& options, int& exit_code) {
  auto c = std::make_shared<Consume>();
  CLI::App* command = add_command(app, "consume", "Take messages from a queue, or follow a topic, until interrupted",
                                  options, exit_code, [c](Client& client) { return run(client, *c); });
  command->add_option("queue", c->queue, "Queue: each message is accepted once it is printed");
  command->add_option("--topic", c->topic, "Topic, instead of a queue: nothing is taken");
  command->add_option("--partition", c->partition, "Of the topic")->capture_default_str();
  command->add_option("--from", c->from, "Of the topic: start, end, an offset, or -n for the last n")
      ->capture_default_str();
  command->add_option("-n,--count", c->count, "End after this many");
  command->add_flag("--once", c->once, "End when there is no more, instead of waiting");
  command->add_flag("--release", c->release, "Put the messages back instead of accepting them");
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
        for (const json::value& m : reply.at("messages").as_array()) print_message(client, m);
        return int{kDone};
      });
  peek->add_option("queue", *name, "Queue")->required();
  peek->add_option("-n,--count", *max, "At most")->capture_default_str();
  auto c = std::make_shared<Consume>();
  c->once = true;
  c->from = "start";
  CLI::App* read = add_command(*messages, "read", "A topic's messages from an offset on", options, exit_code,
                               [c](Client& client) { return consume_topic(client, *c); });
  read->add_option("topic", c->topic, "Topic")->required();
  read->add_option("--partition", c->partition, "Partition")->capture_default_str();
  read->add_option("--from", c->from, "start, end, an offset, or -n for the last n")->capture_default_str();
  read->add_option("-n,--count", c->count, "At most");
}

}  // namespace godwit::cli
