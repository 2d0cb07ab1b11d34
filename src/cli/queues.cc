#include "cli/command.h"
#include "cli/commands.h"

namespace godwit::cli {
namespace {

struct Create {
  std::string name;
  std::string topic;
  std::string start;
  std::optional<int64_t> message_ttl_ms;
  std::optional<int64_t> length_max;
  std::optional<int64_t> delivery_limit;
  std::string dead_letter;

  json::object body() const {
    json::object body;
    if (!topic.empty()) body["topic"] = topic;
    if (!start.empty()) body["start"] = start;
    if (message_ttl_ms) body["message_ttl_ms"] = *message_ttl_ms;
    if (length_max) body["length_max"] = *length_max;
    if (delivery_limit) body["delivery_limit"] = *delivery_limit;
    if (!dead_letter.empty()) body["dead_letter_routing_key"] = dead_letter;
    return body;
  }
};

std::string path(const std::string& name) { return "/api/queues/" + url_encode(name); }

void add_create(CLI::App& queues, Options& options, int& exit_code) {
  auto create = std::make_shared<Create>();
  CLI::App* command = add_command(queues, "create", "Create a queue", options, exit_code, [create](Client& client) {
    return cli::create(client, path(create->name), create->body(), "queue " + create->name);
  });
  add_name(command, "name", create->name, "Queue");
  command->add_option("--topic", create->topic, "Subscribe to this topic instead of having its own");
  command->add_option("--start", create->start, "first or end: where it begins in the topic");
  command->add_option("--message-ttl-ms", create->message_ttl_ms, "Messages expire after this long")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--length-max", create->length_max, "The oldest message is dropped beyond this many")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--delivery-limit", create->delivery_limit, "Failed deliveries before a message is dead-lettered")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--dead-letter", create->dead_letter, "Queue that gets the dead letters");
}

}  // namespace

void add_queues(CLI::App& app, Options& options, int& exit_code) {
  CLI::App* queues = app.add_subcommand("queues", "Queues: list, show, create, delete, purge");
  queues->require_subcommand(1);
  add_command(*queues, "list", "All queues", options, exit_code, [](Client& client) {
    return list(
        client, "/api/queues", "queues",
        {{"NAME", "name"}, {"TOPIC", "topic"}, {"READY", "ready"}, {"LEASED", "leased"}, {"CONSUMERS", "consumers"}});
  });
  add_named_command(*queues, "show", "One queue", "Queue", options, exit_code,
                    [](Client& client, const std::string& name) {
                      json::value reply;
                      if (!client.get(path(name), reply)) return client.exit_code();
                      print_object(client, reply);
                      return int{kDone};
                    });
  add_named_command(*queues, "delete", "Delete a queue", "Queue", options, exit_code,
                    [](Client& client, const std::string& name) {
                      return change(client, "DELETE", path(name), {}, fmt::format("deleted queue {}", name));
                    });
  add_named_command(*queues, "purge", "Settle all that is ready", "Queue", options, exit_code,
                    [](Client& client, const std::string& name) {
                      json::value reply;
                      if (!client.ask("POST", path(name) + "/purge", {}, reply)) return client.exit_code();
                      if (client.options().json)
                        print_json(reply);
                      else
                        fmt::print("purged {} messages from {}\n", cell(reply, "messages"), name);
                      return int{kDone};
                    });
  add_create(*queues, options, exit_code);
}

}  // namespace godwit::cli
