#include <unistd.h>

#include <iostream>
#include <iterator>
#include <optional>

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

/// Prints where the messages went; with --lines it is said once, at the end.
bool send(Client& client, const Publish& publish, const json::object& body) {
  json::value reply;
  if (!client.ask("POST", publish.target(), body, reply)) return false;
  if (client.options().json) return print_json(reply), true;
  if (publish.lines) return true;
  const json::array* messages = client.list(reply, "messages");
  if (messages == nullptr) return false;
  if (messages->empty()) fmt::print("no queue takes this routing key\n");
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
bool send_lines(Client& client, const Publish& publish, uint64_t& sent) {
  std::ios::sync_with_stdio(false);  // in_avail() knows of what is buffered only without it
  Progress progress("published");
  for (json::array messages = next_lines(publish); !messages.empty(); messages = next_lines(publish)) {
    size_t count = messages.size();
    if (!send(client, publish, {{"messages", std::move(messages)}})) return false;
    sent += count;
    progress.show(sent);
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

int run(Client& client, const Publish& publish) {
  if (std::string_view wrong = mistake(publish); !wrong.empty()) {
    client.report(kUsage, wrong);
    return client.exit_code();
  }
  if (publish.lines) {
    uint64_t sent = 0;
    bool all = send_lines(client, publish, sent);
    if (!client.options().json) fmt::print("published {} messages\n", sent);
    return all ? int{kDone} : client.exit_code();
  }
  std::string body = publish.body.value_or("-");
  if (body == "-") body.assign(std::istreambuf_iterator<char>(std::cin), {});
  return send(client, publish, publish.message(body)) ? int{kDone} : client.exit_code();
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
