#include "cli/command.h"
#include "cli/commands.h"

namespace godwit::cli {
namespace {

struct Binding {
  std::string source;
  std::string queue;
  std::string exchange;
  std::string routing_key;

  json::object body() const {
    return {{"source", source},
            {"target_kind", exchange.empty() ? "queue" : "exchange"},
            {"target", exchange.empty() ? queue : exchange},
            {"routing_key", routing_key}};
  }
};

void add_binding(CLI::App& exchanges, Options& options, int& exit_code, const char* name, const char* doc,
                 const char* method) {
  auto binding = std::make_shared<Binding>();
  CLI::App* command = add_command(exchanges, name, doc, options, exit_code, [binding, method, name](Client& client) {
    return change(client, method, "/api/bindings", binding->body(), fmt::format("{} done", name));
  });
  add_name(command, "source", binding->source, "Exchange");
  auto* target = command->add_option_group("target");
  target->add_option("--queue", binding->queue, "Queue that gets the messages");
  target->add_option("--exchange", binding->exchange, "Exchange that gets the messages");
  target->require_option(1);
  command->add_option("--routing-key", binding->routing_key, "Routing key or pattern");
}

}  // namespace

void add_exchanges(CLI::App& app, Options& options, int& exit_code) {
  CLI::App* exchanges = app.add_subcommand("exchanges", "AMQP routers: list, create, delete, bindings, bind, unbind");
  exchanges->require_subcommand(1);
  add_command(*exchanges, "list", "All exchanges", options, exit_code, [](Client& client) {
    return list(client, "/api/exchanges", "exchanges", {{"NAME", "name"}, {"TYPE", "type"}, {"DURABLE", "durable"}});
  });
  add_command(*exchanges, "bindings", "All bindings", options, exit_code, [](Client& client) {
    return list(client, "/api/bindings", "bindings",
                {{"SOURCE", "source"}, {"KIND", "target_kind"}, {"TARGET", "target"}, {"ROUTING KEY", "routing_key"}});
  });
  auto name = std::make_shared<std::string>();
  auto type = std::make_shared<std::string>("direct");
  CLI::App* create = add_command(*exchanges, "create", "Create an exchange", options, exit_code, [=](Client& client) {
    return cli::create(client, "/api/exchanges/" + url_encode(*name), {{"type", *type}}, "exchange " + *name);
  });
  add_name(create, "name", *name, "Exchange");
  create->add_option("--type", *type, "direct, fanout, topic or headers")->capture_default_str();
  add_named_command(*exchanges, "delete", "Delete an exchange", "Exchange", options, exit_code,
                    [](Client& client, const std::string& deleted) {
                      return change(client, "DELETE", "/api/exchanges/" + url_encode(deleted), {},
                                    fmt::format("deleted exchange {}", deleted));
                    });
  add_binding(*exchanges, options, exit_code, "bind", "Bind a queue or an exchange", "POST");
  add_binding(*exchanges, options, exit_code, "unbind", "Remove a binding", "DELETE");
}

}  // namespace godwit::cli
