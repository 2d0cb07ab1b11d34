#include "cli/command.h"
#include "cli/commands.h"

namespace godwit::cli {
namespace {

int show(Client& client, const std::string& name) {
  json::value reply;
  if (!client.get("/api/topics/" + url_encode(name), reply)) return client.exit_code();
  if (client.options().json) return print_json(reply), kDone;
  const json::array* offsets = client.list(reply, "offsets");
  if (offsets == nullptr) return client.exit_code();
  print_object(client, reply);
  Table table({"PARTITION", "START", "END"});
  for (const json::value& p : *offsets) table.add({cell(p, "partition"), cell(p, "start"), cell(p, "end")});
  fmt::print("\n{}", table.text());
  return kDone;
}

struct Create {
  std::string name;
  int partitions = 1;
  std::string retention = "time";
  std::optional<int64_t> retention_ms;
  std::optional<int64_t> retention_bytes;

  json::object body() const {
    json::object body{{"partitions", partitions}, {"retention", retention}};
    if (retention_ms) body["retention_ms"] = *retention_ms;
    if (retention_bytes) body["retention_bytes"] = *retention_bytes;
    return body;
  }
};

}  // namespace

void add_topics(CLI::App& app, Options& options, int& exit_code) {
  CLI::App* topics = app.add_subcommand("topics", "Logs: list, show, create, delete");
  topics->require_subcommand(1);
  add_command(*topics, "list", "All topics", options, exit_code, [](Client& client) {
    return list(
        client, "/api/topics", "topics",
        {{"NAME", "name"}, {"PARTITIONS", "partitions"}, {"RETENTION", "retention"}, {"OWN QUEUE", "own_queue"}});
  });
  add_named_command(*topics, "show", "One topic with its partitions", "Topic", options, exit_code, show);
  add_named_command(*topics, "delete", "Delete a topic and its messages", "Topic", options, exit_code,
                    [](Client& client, const std::string& name) {
                      return change(client, "DELETE", "/api/topics/" + url_encode(name), {},
                                    fmt::format("deleted topic {}", name));
                    });

  auto create = std::make_shared<Create>();
  CLI::App* command = add_command(*topics, "create", "Create a topic", options, exit_code, [create](Client& client) {
    return change(client, "PUT", "/api/topics/" + url_encode(create->name), create->body(),
                  fmt::format("created topic {}", create->name));
  });
  add_name(command, "name", create->name, "Topic");
  command->add_option("--partitions", create->partitions, "Partitions")->capture_default_str();
  command->add_option("--retention", create->retention, "settled, time or compact")->capture_default_str();
  command->add_option("--retention-ms", create->retention_ms, "Of time: how long; -1 is for ever");
  command->add_option("--retention-bytes", create->retention_bytes, "Of time: bytes a partition; -1 is unbounded");
}

}  // namespace godwit::cli
