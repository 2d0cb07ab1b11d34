#include <unistd.h>

#include <iostream>
#include <iterator>
#include <optional>
#include <set>

#include "base/base64.h"
#include "base/utf8.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/progress.h"

namespace godwit::cli {
namespace {

/// Of one request: what the admin API takes at once, and far below its largest body.
constexpr size_t kLinesMax = 1'000;
constexpr size_t kLinesBytes = 1 << 20;

struct Publish {
  std::string topic;
  std::string queue;
  std::string exchange;
  std::string routing_key;
  std::string key;
  std::optional<std::string> body;
  std::string content_type;
  std::optional<uint32_t> partition;
  std::vector<std::string> headers;
  bool lines = false;

  std::string target() const {
    if (!queue.empty()) return fmt::format("/api/queues/{}/messages", url_encode(queue));
    if (!exchange.empty()) return fmt::format("/api/exchanges/{}/messages", url_encode(exchange));
    return fmt::format("/api/topics/{}/messages", url_encode(topic));
  }
  json::object message(const std::string& text) const {
    json::object message;
    if (is_utf8(text))
      message["body"] = text;
    else
      message["body"] = json::object{{"base64", to_base64(as_bytes(text))}};
    if (!routing_key.empty()) message["routing_key"] = routing_key;
    if (!key.empty()) message["key"] = key;
    if (!content_type.empty()) message["content_type"] = content_type;
    if (partition) message["partition"] = *partition;
    json::object named;
    for (const std::string& header : headers) {
      size_t equals = header.find('=');
      named[header.substr(0, equals)] = header.substr(equals + 1);
    }
    if (!named.empty()) message["headers"] = std::move(named);
    return message;
  }
};

struct Sent {
  uint64_t messages = 0;
  uint64_t dropped = 0;  ///< of these: no queue took them
};

/// How many of `sent` messages no queue took.
uint64_t dropped(const json::value& reply, const json::array& placed, uint64_t sent) {
  if (cell(reply, "routed") != "false") return 0;
  std::set<std::string> routed;
  for (const json::value& m : placed) routed.insert(cell(m, "message"));
  return sent - std::min<uint64_t>(sent, routed.size());
}

/// Prints where the messages went; with --lines it is said once, at the end. False when the broker refuses.
bool send(Client& client, const Publish& publish, const json::object& body, uint64_t count, Sent& sent) {
  json::value reply;
  if (!client.ask("POST", publish.target(), body, reply)) return false;
  const json::array* messages = client.list(reply, "messages");
  if (messages == nullptr) return false;
  sent.messages += count;
  sent.dropped += dropped(reply, *messages, count);
  if (client.options().json) return print_json(reply), true;
  if (publish.lines) return true;
  for (const json::value& m : *messages)
    fmt::print("{} partition {} offset {}\n", cell(m, "topic"), cell(m, "partition"), cell(m, "offset"));
  return true;
}

/// The lines that standard input has ready, at least one: a pipe that brings one line now and then is not held up.
/// Empty at the end.
json::array next_lines(const Publish& publish) {
  json::array messages;
  size_t bytes = 0;
  std::string line;
  while (messages.size() < kLinesMax && bytes < kLinesBytes && std::getline(std::cin, line)) {
    bytes += line.size();
    messages.push_back(publish.message(line));
    if (std::cin.rdbuf()->in_avail() <= 0) break;
  }
  return messages;
}

/// False when the broker refuses; `sent` is what it took until then.
bool send_lines(Client& client, const Publish& publish, Sent& sent) {
  std::ios::sync_with_stdio(false);  // in_avail() knows of what is buffered only without it
  Progress progress("published");
  for (json::array messages = next_lines(publish); !messages.empty(); messages = next_lines(publish)) {
    size_t count = messages.size();
    if (!send(client, publish, {{"messages", std::move(messages)}}, count, sent)) return false;
    progress.show(sent.messages);
  }
  return true;
}

/// What is wrong with the arguments together; nothing where they make sense.
std::string_view mistake(const Publish& publish) {
  int named = !publish.topic.empty() + !publish.queue.empty() + !publish.exchange.empty();
  if (named != 1) return "publish needs one of TOPIC, --queue, --exchange";
  if (publish.lines && publish.body) return "--lines reads messages from standard input: there is no --body with it";
  if (!publish.lines && !publish.body && ::isatty(STDIN_FILENO) == 1)
    return "nothing to publish: give --body TEXT, or a standard input that is no terminal";
  return "";
}

/// What is said of messages that went nowhere, so that a script notices.
int done(Client& client, const Sent& sent) {
  if (sent.dropped == 0) return kDone;
  std::string what = sent.messages == 1 ? "the message" : fmt::format("{} of {} messages", sent.dropped, sent.messages);
  client.report(kRefused, fmt::format("no queue takes this routing key: {} dropped",
                                      what + (sent.dropped == 1 ? " was" : " were")));
  return client.exit_code();
}

int run(Client& client, const Publish& publish) {
  if (std::string_view wrong = mistake(publish); !wrong.empty()) {
    client.report(kUsage, wrong);
    return client.exit_code();
  }
  Sent sent;
  if (publish.lines) {
    bool all = send_lines(client, publish, sent);
    if (!client.options().json) fmt::print("published {} messages\n", sent.messages - sent.dropped);
    return all ? done(client, sent) : client.exit_code();
  }
  std::string body = publish.body.value_or("-");
  if (body == "-") body.assign(std::istreambuf_iterator<char>(std::cin), {});
  return send(client, publish, publish.message(body), 1, sent) ? done(client, sent) : client.exit_code();
}

}  // namespace

void add_publish(CLI::App& app, Options& options, int& exit_code) {
  auto publish = std::make_shared<Publish>();
  CLI::App* command = add_command(app, "publish", "Publish to a topic, a queue or an exchange", options, exit_code,
                                  [publish](Client& client) { return run(client, *publish); });
  command->add_option("topic", publish->topic, "Topic");
  command->add_option("--queue", publish->queue, "Queue, instead of a topic");
  command->add_option("--exchange", publish->exchange, "Exchange, instead of a topic");
  command->add_option("--routing-key", publish->routing_key, "Of an exchange");
  command->add_option("--key", publish->key, "Messages of one key share a partition");
  command->add_option("--partition", publish->partition, "Partition, instead of the key's");
  command->add_option("--content-type", publish->content_type, "Content type");
  CLI::Validator headers(
      [](const std::string& text) {
        size_t equals = text.find('=');
        return equals == 0 || equals == text.npos ? fmt::format("expected name=value, not '{}'", text) : "";
      },
      "");
  command->add_option("--header", publish->headers, "name=value, any number")->check(headers);
  command->add_option_function<std::string>(
      "--body", [publish](const std::string& text) { publish->body = text; },
      "The body; without it, or as -, all of standard input");
  command->add_flag("--lines", publish->lines, "Each line of standard input is a message");
}

}  // namespace godwit::cli
