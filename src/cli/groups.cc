#include "cli/command.h"
#include "cli/commands.h"

namespace godwit::cli {
namespace {

int show(Client& client, const std::string& name) {
  json::value reply;
  if (!client.get("/api/groups/" + url_encode(name), reply)) return client.exit_code();
  if (client.options().json) return print_json(reply), kDone;
  const json::array* offsets = client.list(reply, "offsets");
  if (offsets == nullptr) return client.exit_code();
  print_object(client, reply);
  Table table({"TOPIC", "PARTITION", "OFFSET", "END", "LAG"});
  for (const json::value& o : *offsets)
    table.add({cell(o, "topic"), cell(o, "partition"), cell(o, "offset"), cell(o, "end"), cell(o, "lag")});
  fmt::print("\n{}", table.text());
  return kDone;
}

}  // namespace

void add_groups(CLI::App& app, Options& options, int& exit_code) {
  CLI::App* groups = app.add_subcommand("groups", "Kafka consumer groups: list, show, delete");
  groups->require_subcommand(1);
  add_command(*groups, "list", "All groups", options, exit_code, [](Client& client) {
    return list(client, "/api/groups", "groups", {{"NAME", "name"}, {"STATE", "state"}, {"PROTOCOL", "protocol"}});
  });
  add_named_command(*groups, "show", "One group with its positions and lag", "Group", options, exit_code, show);
  add_named_command(*groups, "delete", "Delete a group without members", "Group", options, exit_code,
                    [](Client& client, const std::string& name) {
                      return change(client, "DELETE", "/api/groups/" + url_encode(name), {},
                                    fmt::format("deleted group {}", name));
                    });
}

void add_connections(CLI::App& app, Options& options, int& exit_code) {
  CLI::App* connections = app.add_subcommand("connections", "Who is connected");
  connections->require_subcommand(1);
  add_command(*connections, "list", "All connections", options, exit_code, [](Client& client) {
    return list(client, "/api/connections", "connections",
                {{"ID", "id"},
                 {"PROTOCOL", "protocol"},
                 {"PEER", "peer"},
                 {"CLIENT", "client"},
                 {"RECEIVED", "received_bytes"},
                 {"SENT", "sent_bytes"}});
  });
}

}  // namespace godwit::cli
